// The residents' pages in a real browser, against the real mesh. Run by `tests/run`: node --test suite.mjs

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { DESK, PHONE, Seat, launch } from './browser.mjs';
import { choose, press, tabTo } from './keyboard.mjs';
import { GGZ, HOUSING, Mesh, WELFARE } from './mesh.mjs';
import { NOOR, ask, askForCircle, link, populate, sayYesForOtto } from './populate.mjs';
import { offersArrive, sayYes } from './resident.mjs';

/** How long a test may take, in milliseconds: one that hangs is a failure with a name. */
const PATIENCE = { timeout: 120_000 };

let mesh;
let browser;

before(async () => {
  [mesh, browser] = await Promise.all([Mesh.start(), launch()]);
  await populate(browser, mesh);
});

after(async () => {
  await browser?.close();
  await mesh?.stop();
});

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

/** Follows the first link of a page to an act, looks at what it asks, acts, and looks at what came of it. */
async function act(seat, page, path, button, name, shot) {
  await seat.open(page);
  await seat.page.locator(`main a[href^="${path}?"]`).first().click();
  await seat.check(`flow/${name}-ask`);
  await seat.keep(`flow/${name}-ask/${shot}`);
  await seat.page.locator(`main form[action="${path}"] ${button}`).click();
  await seat.check(`flow/${name}`);
  await seat.keep(`flow/${name}/${shot}`);
  await seat.page.locator('section.done').waitFor();
}

test('help, a meeting and an introduction are answered on a phone, and objected to at a desk', PATIENCE, async () => {
  const phone = await Seat.at(browser, mesh, { viewport: PHONE });
  await phone.logIn(NOOR);
  await act(phone, '/signalen', '/signalen/antwoord', 'button[value=ja]', 'signal-answered', 'nl-320');
  await act(phone, '/overleg', '/overleg/antwoord', 'button[value=kom]', 'meeting-answered', 'nl-320');
  await act(phone, '/kennismaken', '/kennismaken/antwoord', 'button[value=ja]', 'introduction-answered', 'nl-320');
  await sayYesForOtto(mesh);
  const desk = await Seat.at(browser, mesh, { language: 'en' });
  await desk.logIn(NOOR);
  const look = async (seat, when, shot) => {
    for (const page of ['signalen', 'overleg', 'kennismaken', 'zonder-toestemming']) {
      await seat.open(`/${page}`);
      await seat.check(`flow/${when}-${page}`);
      await seat.keep(`flow/${when}-${page}/${shot}`);
    }
  };
  await look(desk, 'answered', 'en-1280');
  await act(desk, '/overleg', '/overleg/bezwaar', 'button.stop', 'meeting-objected', 'en-1280');
  await act(desk, '/signalen', '/signalen/bezwaar', 'button.stop', 'signal-objected', 'en-1280');
  await act(desk, '/zonder-toestemming', '/zonder-toestemming/bezwaar', 'button.stop', 'basis-objected', 'en-1280');
  await act(desk, '/kennismaken', '/kennismaken/stoppen', 'button.stop', 'introduction-ended', 'en-1280');
  await look(phone, 'objected', 'nl-320');
  await Promise.all([phone.leave(), desk.leave()]);
});

test('the table of who may know what is one to a screen reader, on a phone too', PATIENCE, async () => {
  for (const viewport of [PHONE, DESK]) {
    const seat = await Seat.at(browser, mesh, { viewport });
    await seat.logIn(NOOR);
    await seat.open('/toestemmingen');
    const { name, rows: [head, ...rows] } = await seat.table();
    assert.ok(name.startsWith('Wie mag iets weten'), name);
    assert.deepEqual(head.map(({ role }) => role), Array(6).fill('columnheader'));
    assert.deepEqual(head.map((cell) => cell.name), ['Organisatie', 'Wonen', 'Geld', 'Dag', 'Hulp', 'Buurt']);
    assert.deepEqual(rows.map(([organisation]) => organisation.name), [GGZ.name, WELFARE.name]);
    for (const row of rows) {
      assert.deepEqual(row.map(({ role }) => role), ['rowheader', ...Array(5).fill('cell')]);
      assert.ok(row.slice(1).every((cell) => ['Ja', 'Nee'].includes(cell.name)), JSON.stringify(row));
    }
    await seat.leave();
  }
});

test('a receipt is checked by anybody, with the published keys', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { viewport: PHONE });
  await seat.logIn(NOOR);
  await seat.open('/bewijzen');
  await seat.page.locator('main a.button').first().click();
  const kept = seat.page.waitForEvent('download');
  await seat.page.locator('a[href^="/bewijzen/bestand"]').click();
  const receipt = await readFile(await (await kept).path(), 'utf8');
  await seat.leave();

  // With nothing of ours: what the page publishes, and node's own cryptography.
  const set = await (await fetch(`${mesh.pages}/bewijzen/sleutels.json`)).json();
  const [head, payload, signature] = receipt.split('.');
  const { kid } = JSON.parse(Buffer.from(head, 'base64url'));
  const key = createPublicKey({ key: set.keys.find((jwk) => jwk.kid === kid), format: 'jwk' });
  assert.ok(verify(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url')));

  const forged = JSON.parse(Buffer.from(payload, 'base64url'));
  forged.event.type = 'WITHDRAWN';
  const forgery = [head, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.');
  for (const [language, viewport] of [['nl', PHONE], ['en', DESK]]) {
    const anybody = await Seat.at(browser, mesh, { viewport, language });
    const { page } = anybody;
    const outcome = async (name, heading) => {
      await page.locator('main form button').click();
      await anybody.check(name);
      await anybody.keep(`flow/${name}/${language}-${viewport.width}`);
      assert.equal(await page.locator('h1').innerText(), heading);
    };
    const [genuine, not, missing] = language === 'nl'
      ? ['Dit bewijs is echt', 'Dit bewijs is niet echt', 'Is dit bewijs echt?']
      : ['This receipt is genuine', 'This receipt is not genuine', 'Is this receipt genuine?'];
    await anybody.open('/bewijzen/controleren');
    await outcome('receipt-missing', missing);
    assert.ok(await page.evaluate(() => document.activeElement.matches('.faults')), 'the focus is on what is missing');
    await page.locator('#bestand').setInputFiles({ name: 'bewijs.jws', mimeType: 'application/jose', buffer: Buffer.from(receipt) });
    await outcome('receipt-genuine', genuine);
    await anybody.open('/bewijzen/controleren');
    await page.locator('#tekst').fill(forgery);
    await outcome('receipt-forged', not);
    await anybody.leave();
  }
});

test('consent that a worker wrote down is marked wherever it shows', PATIENCE, async () => {
  const letter = await mesh.helped(WELFARE, GGZ, 'greet');
  await mesh.recorded(WELFARE, HOUSING, 'greet');
  for (const [language, viewport] of [['nl', PHONE], ['en', DESK]]) {
    const seat = await Seat.at(browser, mesh, { viewport, language });
    await seat.logIn('Greet Verzonnenbosch');
    if (language === 'nl') {
      await seat.open('/koppelen');
      await seat.page.locator('#code').fill('00000-00000');
      await seat.page.locator('form[action="/koppelen/brief"] button').click();
      await seat.check('flow/letter-wrong');
      await seat.keep('flow/letter-wrong/nl-320');
      await seat.page.locator('#code').fill(letter);
      await seat.page.locator('form[action="/koppelen/brief"] button').click();
      await seat.check('flow/letter');
      await seat.keep('flow/letter/nl-320');
    }
    for (const path of ['/vragen', '/toestemmingen', '/gekeken', '/bewijzen']) {
      await seat.open(path);
      await seat.check(`flow/assisted${path}`);
      await seat.keep(`flow/assisted${path.replaceAll('/', '-')}/${language}-${viewport.width}`);
      assert.ok(await seat.page.locator('.assisted').count() > 0, `${path} marks nothing`);
    }
    await seat.leave();
  }
});

test('a code for somebody whom one authorises needs to be asked for whole', PATIENCE, async () => {
  for (const [language, viewport] of [['nl', PHONE], ['en', DESK]]) {
    const seat = await Seat.at(browser, mesh, { viewport, language });
    const { page } = seat;
    await seat.logIn(`Pien Verzonnenmeer ${language}`);
    await seat.open('/namens-mij');
    await page.locator('form[action="/namens-mij/machtigen"] button').click();
    await seat.check('flow/mandate-missing');
    await seat.keep(`flow/mandate-missing/${language}-${viewport.width}`);
    assert.ok(await page.evaluate(() => document.activeElement.matches('.faults')), 'the focus is on what is missing');
    for (const fault of await page.locator('.faults a').all()) {
      const led = (await fault.getAttribute('href')).slice(1);
      await fault.click();
      assert.equal(await page.evaluate(() => document.activeElement.id), led);
      assert.equal(await page.locator(`#${led}`).getAttribute('aria-invalid'), 'true');
    }
    await page.locator('#wie').fill('mijn zus');
    for (const box of ['#mag-1', '#over-1', '#wat-1']) await page.locator(box).check();
    await page.locator('form[action="/namens-mij/machtigen"] button').click();
    await seat.check('flow/mandate-code');
    await seat.keep(`flow/mandate-code/${language}-${viewport.width}`);
    await seat.leave();
  }
});

test('whoever logs in where logins failed waits, and then comes in', PATIENCE, async () => {
  const address = '192.0.2.7';
  const trying = await Seat.at(browser, mesh, { viewport: PHONE, address });
  for (let failed = 0; failed < 5; failed += 1) assert.equal((await trying.failToLogIn()).status(), 400);
  for (const [language, viewport] of [['nl', PHONE], ['en', DESK]]) {
    const seat = await Seat.at(browser, mesh, { viewport, language, address });
    const answer = await seat.page.goto(`${mesh.pages}/inloggen`);
    assert.equal(answer.status(), 429);
    assert.equal(answer.headers()['retry-after'], '30');
    await seat.check('flow/slowed');
    await seat.keep(`flow/slowed/${language}-${viewport.width}`);
    await seat.leave();
  }
  await trying.leave();
  const elsewhere = await Seat.at(browser, mesh, { address: '192.0.2.8' });
  await elsewhere.logIn('Yara Verzonnenveen');
  await elsewhere.leave();
});

test('granting and withdrawing by keyboard alone', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { viewport: PHONE });
  const { page } = seat;
  await seat.logIn('Sam Verzonnenhof');
  await link(mesh, seat, WELFARE, 'sam');
  await ask(mesh, WELFARE, GGZ, 'sam');
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
  assert.ok(await seat.page.evaluate(() => document.activeElement.matches('.faults')), 'the focus is on what is missing');
  const fault = seat.page.locator('[role=alert] a').first();
  const led = (await fault.getAttribute('href')).slice(1);
  await fault.click();
  assert.equal(await seat.page.evaluate(() => document.activeElement.id), led);
  await seat.leave();
});

test('narrowing, pausing and going on', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh);
  await seat.logIn('Wim Verzonnenwaal');
  await link(mesh, seat, WELFARE, 'wim');
  await ask(mesh, WELFARE, GGZ, 'wim');
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

test('granting a circle without somebody, and stopping it, by keyboard alone', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { viewport: PHONE });
  const { page } = seat;
  await seat.logIn('Bo Verzonnendijk');
  await link(mesh, seat, WELFARE, 'bo');
  await askForCircle(mesh, 'bo');
  await seat.open('/');
  await press(page, 'the circles', (here) => here.href === '/kringen' && here.name !== 'Mijn kringen');
  await press(page, 'the question', (here) => here.href.startsWith('/kringen/vraag'));
  await choose(page, 'not everything', (here) => here.field === 'antwoord');
  await page.keyboard.press('ArrowDown');
  for (const field of ['lid', 'lid', 'zorg']) {
    await choose(page, `one of ${field}`, (here) => here.field === field);
  }
  await press(page, 'to send the answer', (here) => here.kind === 'submit' && here.form === '/kringen/vraag');
  await seat.check('flow/circle-granted');
  await seat.keep('flow/circle-granted/nl-320');
  await seat.open('/kringen');
  const circle = await page.locator('main section.card').first().innerText();
  assert.equal([WELFARE, GGZ, HOUSING].filter(({ name }) => circle.includes(name)).length, 2, circle);

  await press(page, 'to stop', (here) => here.href.startsWith('/kringen/stoppen'));
  await seat.check('flow/circle-stop');
  await press(page, 'to confirm', (here) => here.kind === 'submit' && here.form === '/kringen/stoppen');
  await seat.check('flow/circle-stopped');
  await seat.keep('flow/circle-stopped/nl-320');
  await seat.open('/kringen');
  assert.equal(await page.locator('a[href^="/kringen/stoppen"]').count(), 0);
  await seat.leave();
});

test('what fits is found by keyboard alone, and what there is to know opens', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { viewport: PHONE });
  const { page } = seat;
  await seat.logIn('Lot Verzonnenwaal');
  await offersArrive(seat);
  await seat.open('/aanbod');
  await choose(page, 'a calm place', (here) => here.field === 'nodig' && here.value === 'prikkelarm');
  await press(page, 'to show what fits', (here) => here.kind === 'submit' && here.form === '/aanbod');
  await seat.check('flow/offers');
  assert.equal(new URL(page.url()).search, '', 'nothing of it stands in the address');
  const first = page.locator('main section.card').first();
  assert.match(await first.innerText(), /Samen eten in De Kade[^]*U hebt nodig: een rustige plek/);
  assert.ok(!(await first.innerText()).includes('Verzonnen Kade 1'), 'what there is to know stands folded');
  await tabTo(page, 'more about the offer', (here) => here.name.endsWith('Samen eten in De Kade'));
  await page.keyboard.press('Enter');
  assert.match(await first.innerText(), /Verzonnen Kade 1[^]*de gastvrouw/);
  await seat.check('flow/offers-open');
  await seat.keep('flow/offers-open/nl-320');
  await seat.leave();
});

test('what fits is found without JavaScript', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { javaScript: false, language: 'en' });
  const { page } = seat;
  await seat.logIn('Lot Verzonnenwaal');
  await offersArrive(seat);
  await seat.open('/aanbod');
  await page.locator('#nodig-luisterend-oor').check();
  await page.locator('form[action="/aanbod"] button').click();
  await seat.check('flow/offers-no-js');
  const first = page.locator('main section.card').first();
  await first.locator('summary').click();
  assert.match(await first.innerText(), /Opvang De Rand[^]*You need: somebody who listens[^]*The address is secret/);
  await seat.keep('flow/offers-no-js/en-1280');
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
  await seat.open('/');
  await seat.check('flow/no-mandate');
  await seat.keep('flow/no-mandate/nl-320');
  await seat.page.locator('main a.button').click();
  await seat.check('flow/no-mandate-code');
  await seat.keep('flow/no-mandate-code/nl-320');
  assert.equal(await seat.page.locator('#code').count(), 1);
  await seat.leave();
});

test('an address for notices is confirmed by the code that was mailed, and taken away', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh, { viewport: PHONE });
  const { page } = seat;
  await seat.logIn('Yara Verzonnenwaal');
  await seat.open('/');
  await page.locator('main a[href="/berichten"]').click();
  await page.locator('#adres').fill('yara@post.example');
  await page.locator('form[action="/berichten/adres"] button').click();
  await seat.check('flow/notices-code');
  await seat.keep('flow/notices-code/nl-320');
  assert.ok(!(await page.content()).includes('yara@post.example'), 'masked');

  await page.locator('#code').fill('00000-00000');
  await page.locator('form[action="/berichten/code"] button').click();
  await seat.check('flow/notices-wrong-code');
  await page.locator('[role=alert]').waitFor();

  const mail = await mesh.mailTo('yara@post.example');
  assert.ok(mail.includes(mesh.pages), 'the address of the pages');
  assert.ok(!/Verzonnen|Welzijn/.test(mail), 'and nobody\'s name');
  const [code] = mail.match(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/m);
  await page.locator('#code').fill(code.toLowerCase());
  await page.locator('form[action="/berichten/code"] button').click();
  await seat.check('flow/notices-confirmed');
  await page.locator('main a[href="/berichten"]').click();
  await seat.check('flow/notices-on');
  await seat.keep('flow/notices-on/nl-320');
  await page.getByText('y•••@post.example').waitFor();

  await page.locator('form[action="/berichten/stoppen"] button').click();
  await seat.check('flow/notices-off');
  await page.locator('main a[href="/berichten"]').click();
  assert.equal(await page.locator('form[action="/berichten/stoppen"]').count(), 0);
  await seat.leave();
});

test('a withdrawal in the browser closes an unopened message at once', PATIENCE, async () => {
  const seat = await Seat.at(browser, mesh);
  await seat.logIn('Tess Verzonnendam');
  await link(mesh, seat, WELFARE, 'tess');
  await ask(mesh, WELFARE, GGZ, 'tess');
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
