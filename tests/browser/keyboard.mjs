// A resident without a mouse: what they want is reached by the Tab key, seen to be reached, and pressed.

import assert from 'node:assert/strict';

/** More stops than any page has. */
const STOPS_MAX = 150;

/** What has the focus, as it is announced, and whether one sees it. */
async function focused(page) {
  return page.evaluate(() => {
    const here = document.activeElement;
    if (!here || here === document.body) return undefined;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(here);
    const labels = [...(here.labels ?? [])].map((label) => label.textContent);
    const name = [here.getAttribute('aria-label'), ...labels, here.textContent].find((text) => text?.trim());
    const { top, bottom } = here.getBoundingClientRect();
    return {
      name: name?.replace(/\s+/g, ' ').trim() ?? '',
      kind: here.matches('a[href]') ? 'link' : here.type ?? here.localName,
      field: here.name ?? '',
      value: here.value ?? '',
      form: here.form?.getAttribute('action') ?? '',
      href: here.getAttribute('href') ?? '',
      visible: (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none',
      onScreen: bottom > 0 && top < innerHeight,
    };
  });
}

/** Goes on with the Tab key until it is there. Every stop on the way is to be seen. */
export async function tabTo(page, what, wanted) {
  const passed = [];
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press('Tab');
    const here = await focused(page);
    if (here === undefined) continue;
    assert.ok(here.visible, `one does not see the focus on "${here.name}"`);
    assert.ok(here.onScreen, `the focus on "${here.name}" is off the screen`);
    if (wanted(here)) return here;
    passed.push(`${here.kind} ${here.name}`);
  }
  return assert.fail(`the Tab key does not come to ${what}; it passes ${passed.join(' | ')}`);
}

/** Goes to a link or button of this name and presses it; waits for the page that comes. */
export async function press(page, what, wanted) {
  await tabTo(page, what, wanted);
  const { url, timeOrigin } = await page.evaluate(() => ({ url: location.href, timeOrigin: performance.timeOrigin }));
  await page.keyboard.press('Enter');
  await page.waitForFunction((before) => performance.timeOrigin !== before, timeOrigin).catch(() => {
    throw new Error(`pressing ${what} on ${url} leads nowhere`);
  });
  await page.waitForLoadState();
}

/** Goes to a choice and makes it. */
export async function choose(page, what, wanted) {
  await tabTo(page, what, wanted);
  await page.keyboard.press('Space');
}
