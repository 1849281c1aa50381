// A real OpenID Connect provider for tests: npm's certified `oidc-provider`, on this machine's loopback address.
//
// usage: node provider.mjs SETTINGS, where SETTINGS is JSON:
//   clients              [{id, redirectUri, postLogoutRedirectUri}]
//   levels               the `acr` values that a login may have, the first of them as the form stands
//   port                 0 for any, which is also the default
//   wrongNonce           answers every attempt with a nonce of its own
//   clockBehindSeconds   how far this provider's clock is behind
//
// Prints its issuer when it listens and ends when its standard input does, so that no test leaves one behind.
// Whoever logs in says who they are, with what certainty, and whom they represent. No password: what is tested is the
// protocol, and what the gateway makes of it.

import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import Provider from 'oidc-provider';

const settings = { clients: [], levels: [], port: 0, wrongNonce: false, clockBehindSeconds: 0, ...JSON.parse(process.argv[2]) };

if (settings.clockBehindSeconds > 0) {
  const now = Date.now;
  Date.now = () => now() - settings.clockBehindSeconds * 1000;
}

const server = createServer();
await new Promise((listening) => server.listen(settings.port, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

// Who stands for whom: login → the represented. A login is one person, so that this is said once a login.
const represented = new Map();
const secret = randomBytes(32);

/** The identifier of a person towards one client (OpenID Connect Core §8.1). */
function pairwise(person, client) {
  return createHmac('sha256', secret).update(client.clientId).update('\0').update(person).digest('base64url');
}

const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const provider = new Provider(issuer, {
  clients: settings.clients.map((client) => ({
    client_id: client.id,
    redirect_uris: [client.redirectUri],
    post_logout_redirect_uris: client.postLogoutRedirectUri ? [client.postLogoutRedirectUri] : [],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
    subject_type: 'pairwise',
  })),
  jwks: { keys: [{ ...signing, kid: 'es256', use: 'sig', alg: 'ES256' }] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (_, person, client) => pairwise(person, client),
  acrValues: settings.levels,
  claims: { openid: ['sub', 'represents'], acr: null, sid: null, auth_time: null, iss: null },
  pkce: { required: () => true },
  ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 300, Interaction: 600, Session: 3600, Grant: 3600 },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true, logoutSource: askToLogOut } },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  findAccount: (ctx, person) => ({
    accountId: person,
    claims: () => {
      const other = represented.get(person);
      return { sub: person, ...(other && { represents: { sub: pairwise(other, ctx.oidc.client), iss: issuer } }) };
    },
  }),
  // Nobody is asked what a client may know: it gets the identifier and nothing else.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      accountId: ctx.oidc.session.accountId,
      clientId: ctx.oidc.client.clientId,
    });
    grant.addOIDCScope('openid');
    grant.addOIDCClaims(['represents']);
    await grant.save();
    return grant;
  },
});

const escaped = (value) => value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title, body) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><main><h1>${title}</h1>
${body}
</main></body></html>
`;

function askWho() {
  const level = (name) => `<option value="${escaped(name)}">${escaped(name)}</option>`;
  return page('Log in', `<form method="post">
<p><label>Name <input name="person" required></label></p>
<p><label>Represents <input name="represents"></label></p>
<p><label>Level <select name="level">${settings.levels.map(level).join('')}</select></label></p>
<p><button>Log in</button></p>
</form>`);
}

function askToLogOut(ctx, form) {
  const open = form.replace('</form>', '<button name="logout" value="yes">Log out</button></form>');
  ctx.body = page('Log out?', open);
}

provider.use(async (ctx, next) => {
  if (settings.wrongNonce && ctx.path === '/auth') {
    ctx.query = { ...ctx.query, nonce: 'of-another-attempt' };
  }
  if (!ctx.path.startsWith('/login/')) {
    await next();
  } else if (ctx.method === 'GET') {
    await provider.interactionDetails(ctx.req, ctx.res);
    ctx.type = 'html';
    ctx.body = askWho();
  } else {
    const form = new URLSearchParams(await text(ctx.req));
    const person = form.get('person');
    represented.set(person, form.get('represents'));
    const login = { accountId: person, acr: form.get('level') };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login }));
    ctx.status = 303;
  }
});

server.on('request', provider.callback());
console.log(issuer);
process.stdin.resume();
process.stdin.on('end', () => process.exit());
