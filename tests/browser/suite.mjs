// The residents' pages in a real browser, against the real mesh. Run by `tests/run`: node --test suite.mjs

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESK, PHONE, Seat, launch } from './browser.mjs';
import { choose, press } from './keyboard.mjs';
import { GGZ, HOUSING, Mesh, WELFARE } from './mesh.mjs';
import { makeCode, sayYes } from './resident.mjs';

/** How long a test may take, in milliseconds: one that hangs is a failure with a name. */
const PATIENCE = { timeout: 120_000 };

/** The resident whose pages have something on them. */
const NOOR = 'Noor Verzonnenberg';

let mesh;
let browser;

before(async () => {
  [mesh, browser] = await Promise.all([Mesh.start(), launch()]);
  await fillPages();
});

after(async () => {
  await browser?.close();
  await mesh?.stop();
});

/** Noor has given consent, was referred, and is asked one thing more. */
async function fillPages() {
  const seat = await Seat.at(browser, mesh);
  await seat.logIn(NOOR);
  await link(seat, WELFARE, 'noor');
  await ask(WELFARE, GGZ, 'noor');
  await sayYes(seat);
  const sent = await mesh.refer(WELFARE, GGZ, 'noor', 'Noor zoekt een verzonnen daginvulling.');
  await mesh.as(GGZ, 'open', sent.message_id);
  await ask(WELFARE, HOUSING, 'noor');
  await seat.leave();
}

async function link(seat, organisation, label) {
  await mesh.as(organisation, 'link', await makeCode(seat, organisation), '--as', label);
}

async function ask(from, to, label) {
  await mesh.as(from, 'consent', 'ask', '--with', to.oin, '--resident', label);
}

/** The screens on which every page is looked at. */
const SCREENS = [
  { language: 'nl', viewport: PHONE, javaScript: true },
  { language: 'nl', viewport: PHONE, javaScript: false },
  { language: 'nl', viewport: DESK, javaScript: true },
  { language: 'nl', viewport: DESK, javaScript: false },
  { language: 'en', viewport: PHONE, javaScript: true },
  { language: 'en', viewport: PHONE, javaScript: false },
  { language: 'en', viewport: DESK, javaScript: true },
  { language: 'en', viewport: DESK, javaScript: false },
];

const named = ({ language, viewport, javaScript }) => `${language}-${viewport.width}${javaScript ? '' : '-no-js'}`;

/** Looks at every page that links lead to, one of each kind. */
async function lookAtAll(seat, screen, folder) {
  const open = ['/'];
  const seen = new Set();
  while (open.length > 0) {
    const address = open.shift();
    const path = address.split(/[?#]/)[0];
    if (seen.has(path) || path === '/inloggen') continue;
    seen.add(path);
    await seat.open(address);
    await seat.speak(screen.language);
    const name = `${folder}/${path === '/' ? 'start' : path.slice(1).replaceAll('/', '-')}/${named(screen)}`;
    await seat.check(name);
    await seat.keep(name);
    open.push(...await seat.links());
  }
  return seen;
}

describe('every page, in both languages, on a phone and at a desk, with and without JavaScript', () => {
  for (const screen of SCREENS) {
    test(named(screen), PATIENCE, async () => {
      const seat = await Seat.at(browser, mesh, screen);
      const outside = await lookAtAll(seat, screen, 'outside');
      await seat.logIn(NOOR);
      const inside = await lookAtAll(seat, screen, 'inside');
      assert.ok(inside.size > outside.size, [...inside].join(' '));
      await seat.leave();
    });
  }
});

test('granting and withdrawing by keyboard alone', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { viewport: PHONE });
  const { page } = seat;
  await seat.logIn('Sam Verzonnenhof');
  await link(seat, WELFARE, 'sam');
  await ask(WELFARE, GGZ, 'sam');
  await seat.open('/');

  await press(page, 'the questions', (here) => here.href === '/vragen');
  await press(page, 'the question', (here) => here.href.startsWith('/vragen/antwoord'));
  for (const field of ['v0-antwoord', 'v1-antwoord']) {
    await choose(page, `yes in ${field}`, (here) => here.field === field && here.value === 'ja');
  }
  await press(page, 'to send the answer', (here) => here.kind === 'submit' && here.form === '/vragen/antwoord');
  await seat.check('flow/answered');
  await seat.keep('flow/answered/nl-320');
  const allowed = await mesh.as(WELFARE, 'consent', 'status', '--with', GGZ.oin, '--resident', 'sam');
  assert.ok(allowed.outward && allowed.back);

  await press(page, 'the grants', (here) => here.href === '/toestemmingen');
  await press(page, 'to stop', (here) => here.href.startsWith('/toestemmingen/stoppen'));
  await press(page, 'to confirm', (here) => here.kind === 'submit' && here.form === '/toestemmingen/stoppen');
  await seat.check('flow/stopped');
  await seat.keep('flow/stopped/nl-320');
  const after = await mesh.as(WELFARE, 'consent', 'status', '--with', GGZ.oin, '--resident', 'sam');
  assert.equal(after.outward, null);
  await seat.leave();
});

test('an answer in which something is missing says what, and leads there', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh);
  await seat.logIn(NOOR);
  await seat.open('/vragen');
  await seat.page.locator('main a.button').first().click();
  await seat.page.locator('main form button').click();
  await seat.check('flow/missing');
  await seat.keep('flow/missing/nl-1280');
  const fault = seat.page.locator('[role=alert] a').first();
  const led = (await fault.getAttribute('href')).slice(1);
  await fault.click();
  assert.equal(await seat.page.evaluate(() => document.activeElement.id), led);
  await seat.leave();
});

test('narrowing, pausing and going on', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh);
  await seat.logIn('Wim Verzonnenwaal');
  await link(seat, WELFARE, 'wim');
  await ask(WELFARE, GGZ, 'wim');
  await sayYes(seat);
  const change = async (form) => {
    await seat.open('/toestemmingen');
    await seat.page.locator('a[href^="/toestemmingen/wijzigen"]').first().click();
    if (form === '/toestemmingen/wijzigen') await seat.page.locator('main input[type=checkbox]:checked').first().uncheck();
    await seat.page.locator(`form[action="${form}"] button`).click();
    await seat.check(`flow/changed-${form}`);
    await seat.keep(`flow/changed${form.replaceAll('/', '-')}/nl-1280`);
  };
  for (const form of ['/toestemmingen/wijzigen', '/toestemmingen/pauze', '/toestemmingen/verder']) await change(form);
  await seat.leave();
});

test('logging out ends the session here and at the provider', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh);
  const { page } = seat;
  await seat.logIn('Uma Verzonnenhof');
  const cookies = await page.context().cookies(mesh.pages);
  await page.locator('form[action="/uitloggen"] button').click();
  assert.ok(page.url().startsWith(mesh.provider), page.url());
  await page.getByRole('button', { name: 'Log out' }).click();
  assert.equal(new URL(page.url()).pathname, '/uitgelogd');
  await seat.check('flow/logged-out');
  await seat.keep('flow/logged-out/nl-1280');

  // Whoever kept the cookie has nothing any more.
  await page.context().addCookies(cookies);
  await page.goto(`${mesh.pages}/vragen`);
  assert.equal(await page.locator('form[action="/uitloggen"]').count(), 0);
  await page.goto(`${mesh.pages}/inloggen`);
  assert.ok(page.url().startsWith(mesh.provider), 'the provider asks again who it is');
  await seat.leave();
});

test('what is not there, and what is somebody else\'s, is one page', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh);
  await seat.logIn(NOOR);
  await seat.open('/toestemmingen');
  const hers = await seat.page.locator('a[href^="/toestemmingen/stoppen"]').first().getAttribute('href');
  await seat.leave();
  const other = await Seat.at(browser, mesh, { viewport: PHONE });
  await other.logIn('Xan Verzonnendam');
  const texts = [];
  for (const path of [hers, '/toestemmingen/stoppen?waarover=AAAA', '/bestaat-niet']) {
    const answer = await other.page.goto(mesh.pages + path);
    assert.equal(answer.status(), 404, path);
    await other.check(`flow/not-there${path}`);
    texts.push(await other.page.locator('main').innerText());
  }
  assert.equal(new Set(texts).size, 1);
  await other.keep('flow/not-there/nl-320');
  await other.leave();
});

test('who logs in for somebody else is told so, and sees nothing of theirs without a mandate', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { viewport: PHONE });
  await seat.logIn('Saar Verzonnenveld', NOOR);
  for (const path of ['/', '/vragen', '/toestemmingen', '/gekeken', '/verwijzingen']) {
    await seat.page.goto(mesh.pages + path);
    await seat.check(`flow/represents${path}`);
    await seat.page.locator('aside.represents').waitFor();
    const text = await seat.page.locator('main').innerText();
    for (const { name } of [WELFARE, GGZ, HOUSING]) assert.ok(!text.includes(name), `${path} shows ${name}`);
  }
  await seat.keep('flow/represents/nl-320');
  await seat.leave();
});

test('a withdrawal in the browser closes an unopened message at once', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh);
  await seat.logIn('Tess Verzonnendam');
  await link(seat, WELFARE, 'tess');
  await ask(WELFARE, GGZ, 'tess');
  await sayYes(seat);
  const read = await mesh.refer(WELFARE, GGZ, 'tess', 'Tess wil graag een verzonnen gesprek.');
  const opened = await mesh.as(GGZ, 'open', read.message_id);
  assert.equal(opened.message_id, read.message_id);
  const unread = await mesh.refer(WELFARE, GGZ, 'tess', 'Nog iets over het verzonnen gesprek.');

  await seat.open('/toestemmingen');
  await seat.page.locator('a.stop').first().click();
  await seat.page.locator('main form button.stop').click();
  await seat.check('flow/withdrawn');

  for (const message of [unread, read]) {
    await assert.rejects(mesh.as(GGZ, 'open', message.message_id), (failure) => failure.report.kind === 'REFUSED');
  }
  await seat.leave();
});
