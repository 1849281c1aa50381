// What stands on the pages: a resident about whom something of every sort happened, and what others do for that.

import { Seat } from './browser.mjs';
import { GGZ, HOUSING, MUNICIPALITY, WELFARE } from './mesh.mjs';
import { allowCircle, makeCode, sayYes } from './resident.mjs';

/** The resident whose pages have something on them. */
export const NOOR = 'Noor Verzonnenberg';
/** Who is put before her. */
const OTTO = 'Otto Verzonnenkamp';

/** Fills the pages of Noor, and the directory of offers. */
export async function populate(browser, mesh) {
  const [noor, otto] = await Promise.all([Seat.at(browser, mesh), Seat.at(browser, mesh)]);
  await Promise.all([noor.logIn(NOOR), otto.logIn(OTTO)]);
  await Promise.all([allow(mesh, noor), offerToMeet(mesh, otto), publishOffers(mesh)]);
  await Promise.all([
    refer(mesh),
    meetAsWorries(mesh),
    planMeeting(mesh),
    tellTheMunicipality(mesh),
    appoint(mesh),
    introduce(mesh),
    holdPlace(mesh),
  ]);
  // Last, so that what was said yes to above is not in the way: two questions wait.
  await Promise.all([ask(mesh, WELFARE, HOUSING, 'noor'), askForCircle(mesh, 'noor')]);
  await Promise.all([noor.leave(), otto.leave()]);
}

/** Noor allows what the rest needs: to be referred, talked about and introduced, and a circle. */
async function allow(mesh, seat) {
  await link(mesh, seat, WELFARE, 'noor');
  await link(mesh, seat, HOUSING, 'noor');
  const purposes = ['REFERRAL', 'CASE_MEETING', 'MATCHING_PEER'].flatMap((purpose) => ['--purpose', purpose]);
  await mesh.as(WELFARE, 'consent', 'ask', '--with', GGZ.oin, '--resident', 'noor', ...purposes);
  await sayYes(seat);
  await askForCircle(mesh, 'noor');
  await allowCircle(seat);
}

/** Otto wants to be there for somebody. */
async function offerToMeet(mesh, seat) {
  await link(mesh, seat, HOUSING, 'otto');
  const about = ['--purpose', 'MATCHING_PEER', '--domain', 'SURROUNDINGS', '--data', 'PLAN', '--one-way'];
  await mesh.as(HOUSING, 'consent', 'ask', '--with', GGZ.oin, '--resident', 'otto', ...about);
  await sayYes(seat);
}

async function refer(mesh) {
  const sent = await mesh.refer(WELFARE, GGZ, 'noor', 'Noor zoekt een verzonnen daginvulling.');
  await mesh.as(GGZ, 'open', sent.message_id);
}

/** Two members of the circle worry; both saw that they do, and one of them spoke with Noor. */
async function meetAsWorries(mesh) {
  const worried = [[WELFARE, 'NO_CONTACT'], [HOUSING, 'RENT_ARREARS']];
  await Promise.all(worried.map(async ([organisation, type]) => {
    await mesh.as(organisation, 'circle', 'bundles');
    const fact = await mesh.file('Een verzonnen zorg.');
    const whom = ['--resident', 'noor', '--fact', fact, '--function', 'wijkteam', '--callback', '0413 000 000'];
    const { signal_id: signal } = await mesh.as(organisation, 'signal', 'draft', '--type', type, '--severity', 'WORRY', ...whom);
    const checked = ['--first-hand', '--consent-tried', '--least-intrusive', '--told', day(0)];
    await mesh.as(organisation, 'signal', 'weigh', signal, ...checked);
    await mesh.as(organisation, 'signal', 'post', signal);
  }));
  const { matches: [{ match_id: match }] } = await mesh.as(WELFARE, 'signal', 'list');
  // One after the other: each acknowledges the match as it last was.
  for (const [organisation] of worried) await mesh.as(organisation, 'signal', 'acknowledge', match);
  await mesh.as(WELFARE, 'signal', 'lead', match);
  await mesh.as(WELFARE, 'signal', 'contact', match);
}

/** A meeting at which Noor is an item, and to which she is asked to come. */
async function planMeeting(mesh) {
  const when = `${day(7)}T10:00`;
  const plan = ['overleg', 'plan', '--area', 'WK075500', '--at', when, '--invite', GGZ.oin];
  const { meeting_id: meeting } = await mesh.as(WELFARE, '--role', 'COORDINATOR', ...plan);
  const told = await mesh.file('Wie belt Noor terug?');
  const about = ['--resident', 'noor', '--file', told, '--informed', '--domain', 'FITTING_SUPPORT', '--data', 'SITUATION'];
  const item = ['--question', 'WHICH_HELP_FITS', '--invite', GGZ.oin, '--asked-to-come'];
  await mesh.as(WELFARE, 'overleg', 'put', meeting, ...item, ...about);
}

/** Arrears of rent, told on a law; a colleague looked at it. */
async function tellTheMunicipality(mesh) {
  const checks = ['CONTACT_SOUGHT', 'HELP_POINTED_OUT', 'REMINDED_IN_WRITING', 'MINIMAL_DATA'];
  const basis = ['--basis', 'STATUTORY_DUTY', '--article', 'BGS_RENT_ARREARS', ...checks.flatMap((check) => ['--check', check])];
  const grounds = await mesh.file('De verzonnen gronden, die hier blijven.');
  const about = ['--domain', 'FINANCES', '--data', 'CONTACT', '--data', 'FINANCIAL', '--document', grounds];
  const to = ['--with', MUNICIPALITY.oin, '--resident', 'noor'];
  const { legal_basis_id: record } = await mesh.as(HOUSING, 'basis', 'record', ...basis, ...to, ...about);
  await mesh.asColleague(HOUSING, 'basis', 'confirm', record);
}

/** An administrator of her money is written down, who did not log in yet. */
async function appoint(mesh) {
  const document = await mesh.file('Een verzonnen beschikking.');
  const how = ['--kind', 'ADMINISTRATOR', '--verified', 'COURT_DECISION', '--document', document, '--days', '92'];
  const { mandate_id: mandate } = await mesh.as(WELFARE, 'mandate', 'record', '--resident', 'noor', ...how);
  await mesh.asColleague(WELFARE, 'mandate', 'confirm', mandate);
}

/** Noor and Otto are put before each other. */
async function introduce(mesh) {
  const known = ['--coordinator', GGZ.oin, '--area', 'GM0755', '--when', 'TUE_EVENING', '--hours', '2', '--tag', 'wandelen'];
  const cards = await Promise.all([
    mesh.as(WELFARE, 'introduce', 'card', '--resident', 'noor', '--as', 'seeks', ...known),
    mesh.as(HOUSING, 'introduce', 'card', '--resident', 'otto', '--as', 'offers', '--language', 'nl', '--conduct', ...known),
  ]);
  await mesh.as(GGZ, '--role', 'COORDINATOR', 'introduce', 'propose', ...cards.map((card) => card.card_id));
}

/** A place is kept free for Noor, and she may see it. */
async function holdPlace(mesh) {
  const { offers: [{ offer_id: offer }] } = await mesh.publish(GGZ, 'Dagbesteding De Vaart', { tags: ['koken'] });
  await mesh.as(GGZ, '--role', 'COORDINATOR', 'offers', 'capacity', offer, '--status', 'CAPACITY', '--places', '1');
  const { place_id: place } = await mesh.as(WELFARE, 'hold', 'place', offer);
  const under = ['--resident', 'noor', '--domain', 'FITTING_SUPPORT', '--data', 'SITUATION'];
  await mesh.as(WELFARE, 'hold', 'attach', offer, place, ...under);
}

/** Otto told his organisation that he wants to. */
export async function sayYesForOtto(mesh) {
  const { introductions: [{ introduction_id: introduction }] } = await mesh.as(GGZ, '--role', 'COORDINATOR', 'introduce', 'list');
  await mesh.as(HOUSING, 'introduce', 'answer', introduction, 'yes');
}

/** A day from today, as the command reads it. */
function day(later) {
  return new Date(Date.now() + later * 86_400_000).toISOString().slice(0, 10);
}

/** An organisation asks for a circle of three. */
export async function askForCircle(mesh, label) {
  const members = [GGZ, HOUSING].flatMap(({ oin }) => ['--with', oin]);
  const classes = ['--class', 'HOME_AT_RISK', '--class', 'OUT_OF_SIGHT'];
  await mesh.as(WELFARE, 'circle', 'propose', '--resident', label, ...members, ...classes);
}

/** A resident links with an organisation, which calls them by a label. */
export async function link(mesh, seat, organisation, label) {
  await mesh.as(organisation, 'link', await makeCode(seat, organisation), '--as', label);
}

/** An organisation asks to share with another one, and to hear how it goes. */
export async function ask(mesh, from, to, label) {
  await mesh.as(from, 'consent', 'ask', '--with', to.oin, '--resident', label);
}

/** Two offers, one of them at an address that nobody may know. */
async function publishOffers(mesh) {
  const now = Math.floor(Date.now() / 1000);
  await mesh.publish(WELFARE, 'Samen eten in De Kade', {
    tags: ['samen-eten', 'prikkelarm'],
    areas: ['GM0755'],
    costs: '3 euro',
    openings: [{ days: 1, from_minutes: 1020, to_minutes: 1140 }],
    address: { line: 'Verzonnen Kade 1', postal_code: '5427 AA', town: 'Boekel' },
    contact: { function: 'de gastvrouw', phone: '0413 000 000', page: 'https://kade.example' },
    vulnerability_proof: { checked_by: 'Stichting Verzonnen', checked_at_seconds: now - 86_400, criteria: ['HOST_PRESENT'] },
    capacity: { status: 'CAPACITY', updated_at_seconds: now - 3600 },
  });
  await mesh.publish(WELFARE, 'Opvang De Rand', { tags: ['luisterend-oor'], address_is_confidential: true });
}
