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
