// A whole mesh on this machine: `sluisd`, a certified provider of logins, and partner organisations with `sluis`.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, output, program, start } from './commands.mjs';

const LEVEL = 'urn:example:substantial';
const CLIENT = 'sluis-browser';

/** Fictional organisations; OINs of the range for tests. */
export const WELFARE = { oin: '00000099000000001000', name: 'Welzijn Noord (verzonnen)', kind: 'WELFARE' };
export const GGZ = { oin: '00000099000000002000', name: 'GGZ De Vaart (verzonnen)', kind: 'MENTAL_HEALTH' };
export const HOUSING = { oin: '00000099000000004000', name: 'Woningstichting Zuid (verzonnen)', kind: 'HOUSING' };
export const MUNICIPALITY = { oin: '00000099000000005000', name: 'Gemeente Oost (verzonnen)', kind: 'MUNICIPALITY' };
const ORGANISATIONS = [WELFARE, GGZ, HOUSING, MUNICIPALITY];

export class Mesh {
  /** The address of the residents' pages, without a path. */
  pages;
  /** The issuer of the provider of logins. */
  provider;
  #folder;
  #config;
  #running = [];

  /** Starts everything and lets every organisation enrol and pin the others. */
  static async start() {
    const mesh = new Mesh();
    mesh.#folder = await mkdtemp(join(tmpdir(), 'sluis-browser-'));
    await mesh.#boot();
    await Promise.all(ORGANISATIONS.map((organisation) => mesh.#enrol(organisation)));
    const cards = await Promise.all(ORGANISATIONS.map((organisation) => mesh.as(organisation, 'whoami')));
    await Promise.all(ORGANISATIONS.map(async (organisation) => {
      for (const card of cards.filter((card) => card.oin !== organisation.oin)) {
        await mesh.as(organisation, 'pin', card.oin, card.fingerprint);
      }
    }));
    return mesh;
  }

  async #boot() {
    const [pages, registry] = [await freePort(), await freePort()];
    this.pages = `http://127.0.0.1:${pages}`;
    const settings = {
      clients: [{
        id: CLIENT,
        redirectUri: `${this.pages}/terug`,
        postLogoutRedirectUri: `${this.pages}/uitgelogd`,
      }],
      levels: [LEVEL],
    };
    const provider = await start(process.execPath, ['provider.mjs', JSON.stringify(settings)], 'http://');
    this.#running.push(provider.child);
    this.provider = provider.line;
    this.#config = join(this.#folder, 'sluis.toml');
    await writeFile(this.#config, `
mesh_id = "mesh.browser"
data_dir = "${this.#folder}/data"
keys_dir = "${this.#folder}/keys"
bucket_dir = "${this.#folder}/buckets"
[gateway]
listen = "127.0.0.1:0"
[gateway.resident.pages]
listen = "127.0.0.1:${pages}"
public_url = "${this.pages}"
trusted_proxies = ["127.0.0.1"]
areas = { GM0755 = "Boekel", GM0828 = "Oss" }
[gateway.resident.openid]
issuer = "${this.provider}"
client_id = "${CLIENT}"
redirect_uri = "${this.pages}/terug"
post_logout_redirect_uri = "${this.pages}/uitgelogd"
acr_values = "${LEVEL}"
[gateway.resident.openid.levels_of_assurance]
"${LEVEL}" = "substantial"
[registry]
listen = "127.0.0.1:${registry}"
[consent]
listen = "127.0.0.1:${await freePort()}"
[consent.notices]
from = "Sluis <geen-antwoord@mijn.example>"
pages_url = "${this.pages}"
folder = "${this.#folder}/mail"
[referral]
listen = "127.0.0.1:${await freePort()}"
[signalling]
listen = "127.0.0.1:${await freePort()}"
[matching]
listen = "127.0.0.1:${await freePort()}"
`);
    const sluisd = await start(program('sluisd'), ['--config', this.#config, 'all'], 'is up');
    this.#running.push(sluisd.child);
  }

  #profile(organisation) {
    return join(this.#folder, 'partners', organisation.oin);
  }

  async #enrol(organisation) {
    const { oin, name, kind } = organisation;
    const invitation = await output(program('sluisd'), '--config', this.#config, 'invite', oin, name, '--kind', kind);
    const file = join(this.#folder, `${oin}.json`);
    await writeFile(file, invitation);
    await this.as(organisation, 'enrol', file);
  }

  /** A command of an organisation; gives what it reports, as JSON. */
  async as(organisation, ...command) {
    return this.#by('medewerker-1', organisation, command);
  }

  /** A command of somebody else of an organisation. */
  async asColleague(organisation, ...command) {
    return this.#by('medewerker-2', organisation, command);
  }

  /** A file with a text; gives its path. */
  async file(text) {
    const path = join(this.#folder, `${randomUUID()}.txt`);
    await writeFile(path, text);
    return path;
  }

  async #by(professional, organisation, command) {
    const profile = ['--profile', this.#profile(organisation), '--professional', professional, '--json'];
    try {
      return JSON.parse(await output(program('sluis'), ...profile, ...command));
    } catch (failure) {
      if (!failure.stdout) throw failure;
      const { error } = JSON.parse(failure.stdout);
      throw Object.assign(new Error(error.message), { report: error });
    }
  }

  /**
   * An organisation helps a resident who has no login, and lets them consent to its sharing with another one; a
   * colleague confirms it. Gives the code in the letter.
   */
  async helped(from, to, label) {
    const file = join(this.#folder, `${label}.letter`);
    await this.as(from, 'assisted', 'start', '--as', label, '--letter', file);
    const record = await this.recorded(from, to, label);
    await this.asColleague(from, 'assisted', 'confirm', record);
    return (await readFile(file, 'utf8')).match(/Uw code: +(\S+)/)[1];
  }

  /** A worker writes down that a resident agreed, and nobody has confirmed it yet. Gives the id of the record. */
  async recorded(from, to, label) {
    const paper = await this.file('Een verzonnen formulier met een handtekening.');
    const about = ['--domain', 'FITTING_SUPPORT', '--data', 'SITUATION', '--document', paper, '--notice', paper];
    const { record_id } = await this.as(from, 'assisted', 'record', '--with', to.oin, '--resident', label, ...about);
    return record_id;
  }

  /** An organisation publishes an offer; `more` are fields beside what every offer has. */
  async publish(organisation, name, more) {
    const file = join(this.#folder, `${randomUUID()}.json`);
    const offer = {
      id: randomUUID(),
      publisher: organisation.oin,
      organisation: organisation.name,
      name,
      description: 'Een verzonnen aanbod.',
      kind: 'ACTIVITY',
      provision: 'GENERAL',
      law: 'GENERAL',
      life_domains: ['MEANINGFUL_DAY'],
      entrance: 'DROP_IN',
      updated_at_seconds: Math.floor(Date.now() / 1000) - 3600,
      ...more,
    };
    await writeFile(file, JSON.stringify(offer));
    return this.as(organisation, 'offers', 'publish', file);
  }

  /** An organisation sends a short referral; gives its message and thread. */
  async refer(from, to, label, words) {
    const file = await this.file(words);
    const about = ['--domain', 'FITTING_SUPPORT', '--data', 'SITUATION'];
    return this.as(from, 'send', '--to', to.oin, '--resident', label, '--file', file, ...about);
  }

  /** The text of a mail to an address, as soon as it is there. */
  async mailTo(address) {
    const folder = join(this.#folder, 'mail');
    // Watched before it is looked at, so that nothing is missed.
    const watching = watch(folder);
    try {
      for (;;) {
        for (const file of (await readdir(folder)).filter((name) => name.endsWith('.eml'))) {
          const text = await readFile(join(folder, file), 'utf8');
          if (text.includes(`To: ${address}`)) return text;
        }
        await once(watching, 'change');
      }
    } finally {
      watching.close();
    }
  }

  /** Ends everything and leaves nothing. */
  async stop() {
    for (const child of this.#running.reverse()) {
      const ended = new Promise((end) => child.once('exit', end));
      child.kill();
      await ended;
    }
    await rm(this.#folder, { recursive: true });
  }
}
