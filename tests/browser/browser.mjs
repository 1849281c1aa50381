// Headless Chromium, and what must hold of every page that it shows.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { HERE } from './commands.mjs';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
  // Chromium's own sandbox does not run as root.
  ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2, levels A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SCREENSHOTS = resolve(HERE, '../../target/screenshots');

export const PHONE = { width: 320, height: 640 };
export const DESK = { width: 1280, height: 900 };

export async function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** A resident at a screen of their own. */
export class Seat {
  /** The page that Chromium shows. */
  page;
  #mesh;
  #context;
  #runsScripts;
  #strayed = [];

  static async at(browser, mesh, { viewport = DESK, language = 'nl', javaScript = true, address } = {}) {
    const seat = new Seat();
    seat.#mesh = mesh;
    seat.#runsScripts = javaScript;
    seat.#context = await browser.newContext({
      viewport,
      locale: language === 'nl' ? 'nl-NL' : 'en-GB',
      javaScriptEnabled: javaScript,
      reducedMotion: 'reduce',
      // What a proxy before the pages would say of where this browser comes from.
      ...(address && { extraHTTPHeaders: { 'x-forwarded-for': address } }),
    });
    seat.#context.setDefaultTimeout(15_000);
    seat.#context.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (![mesh.pages, mesh.provider].includes(origin)) seat.#strayed.push(request.url());
    });
    seat.page = await seat.#context.newPage();
    return seat;
  }

  /** Goes to a page of the mesh. */
  async open(path) {
    const answer = await this.page.goto(this.#mesh.pages + path);
    assert.ok(answer.ok(), `${path} answers ${answer.status()}`);
  }

  /** Logs in at the provider, from the page on which the visitor finds out that they are not. */
  async logIn(name, represents = '') {
    await this.page.goto(`${this.#mesh.pages}/inloggen`);
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByLabel('Represents').fill(represents);
    await this.page.getByRole('button', { name: 'Log in' }).click();
    await this.page.waitForURL(`${this.#mesh.pages}/**`);
  }

  /** Chooses the language, as anybody can on every page. */
  async speak(language) {
    const now = await this.page.locator('html').getAttribute('lang');
    if (now !== language) await this.page.locator(`button[name=taal][value=${language}]`).click();
    assert.equal(await this.page.locator('html').getAttribute('lang'), language);
  }

  /** The pages of this site that the page has links to. */
  async links() {
    const links = await this.page.locator('a[href]:not([download])').evaluateAll((all) => all.map((link) => link.href));
    return links.filter((link) => link.startsWith(this.#mesh.pages)).map((link) => link.slice(this.#mesh.pages.length));
  }

  /** What must hold of the page that is shown. `name` is that of its screenshot. */
  async check(name) {
    // axe is a script. Without any the page is the same: the other check finds that it has none of its own.
    if (this.#runsScripts) await this.#checkAccessibility(name);
    await this.#checkForm(name);
    assert.deepEqual(this.#strayed, [], `${name}: something was fetched from elsewhere`);
  }

  async #checkAccessibility(name) {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate((rules) => globalThis.axe.run({ runOnly: rules }), RULES);
    assert.ok(found.passes.length > 0, `${name}: axe looked at nothing`);
    const faults = found.violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.html).join(' ')}`);
    assert.deepEqual(faults, [], `${name}: axe finds`);
  }

  async #checkForm(name) {
    const seen = await this.page.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      headings: document.querySelectorAll('h1').length,
      main: document.querySelectorAll('main').length,
      scripts: document.scripts.length,
      inline: document.querySelectorAll('[style], style').length,
    }));
    assert.deepEqual(seen, { overflow: 0, headings: 1, main: 1, scripts: 0, inline: 0 }, name);
  }

  /** The page's table as Chromium tells it to a screen reader: its name, and its rows of cells, each a role and a name. */
  async table() {
    const session = await this.#context.newCDPSession(this.page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    const byId = new Map(nodes.map((node) => [node.nodeId, node]));
    const said = (node) => ({ role: node.role?.value, name: node.name?.value ?? '' });
    const within = (node, ...roles) => (node.childIds ?? []).map((id) => byId.get(id)).filter(Boolean)
      .flatMap((child) => (roles.includes(said(child).role) ? [child] : within(child, ...roles)));
    const table = nodes.find((node) => said(node).role === 'table');
    assert.ok(table, 'no table is told to a screen reader');
    const cells = (row) => within(row, 'columnheader', 'rowheader', 'cell').map(said);
    return { name: said(table).name, rows: within(table, 'row').map(cells) };
  }

  /** Comes back from the provider with a code that was not given to this browser. */
  async failToLogIn() {
    const begun = await this.page.request.get(`${this.#mesh.pages}/inloggen`, { maxRedirects: 0 });
    const { searchParams } = new URL(begun.headers().location);
    const back = new URLSearchParams({ code: 'of-somebody-else', state: searchParams.get('state'), iss: this.#mesh.provider });
    return this.page.request.get(`${this.#mesh.pages}/terug?${back}`);
  }

  /** Keeps what the page looks like. */
  async keep(name) {
    const path = join(SCREENSHOTS, `${name}.png`);
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path, fullPage: true });
  }

  async leave() {
    await this.#context.close();
  }
}
