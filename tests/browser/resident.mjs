// What a resident does on the pages, with the mouse.

/** Makes a link code for an organisation; gives what is to be told to its worker. */
export async function makeCode(seat, organisation) {
  await seat.open('/koppelen');
  await seat.page.locator('#organisatie').selectOption(organisation.oin);
  await seat.page.locator('form[action="/koppelen/code"] button').click();
  return (await seat.page.locator('#code').innerText()).trim();
}

/** Answers the first question with yes to all of it, both ways. */
export async function sayYes(seat) {
  await seat.open('/vragen');
  await seat.page.locator('main a.button').first().click();
  for (const yes of await seat.page.locator('input[type=radio][value=ja]').all()) await yes.check();
  await seat.page.locator('main form button').click();
}

/** Answers the first question for a circle with yes to all of it. */
export async function allowCircle(seat) {
  await seat.open('/kringen');
  await seat.page.locator('main a[href^="/kringen/vraag"]').first().click();
  await seat.page.locator('#antwoord-ja').check();
  await seat.page.locator('main form button').click();
}

/** How often one looks for something that comes by itself, in milliseconds. */
const LOOK_AGAIN = 1_000;

/** Looks until the offers are there: the pages fetch what was published every minute. */
export async function offersArrive(seat) {
  for (;;) {
    await seat.open('/aanbod');
    await seat.page.locator('form[action="/aanbod"] button').click();
    if (await seat.page.locator('main h3').count() > 0) return;
    await seat.page.waitForTimeout(LOOK_AGAIN);
  }
}
