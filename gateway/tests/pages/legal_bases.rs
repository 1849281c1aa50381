//! What is shared without consent: who, to whom, on which law; objecting.

use sluis_proto::consent::v1 as consent;
use sluis_proto::consent::v1::{LegalBasisState, ReviewOutcome};

use super::browser::Browser;
use super::world::{CARE, WELFARE, World, at, world};

const PAGE: &str = "/zonder-toestemming";
const OBJECT: &str = "/zonder-toestemming/bezwaar";

fn record() -> consent::LegalBasisRecord {
    consent::LegalBasisRecord {
        legal_basis_id: sluis_types::GrantId::from_bytes([0xc6; 16]).to_string(),
        basis: consent::LegalBasis::StatutoryDuty.into(),
        article: consent::LegalArticle::BgsRentArrears.into(),
        discloser: WELFARE.to_owned(),
        recipient: CARE.to_owned(),
        life_domains: vec![2],
        data_kinds: vec![1, 6],
        checks: vec![
            consent::BasisCheck::ContactSought.into(),
            consent::BasisCheck::RemindedInWriting.into(),
        ],
        state: LegalBasisState::Active.into(),
        recorded_at: at(-86_400),
        confirmed_at: at(-3600),
        valid_until: at(30 * 86_400),
        ..Default::default()
    }
}

async fn with(records: Vec<consent::LegalBasisRecord>) -> (World, Browser) {
    let world = world().await;
    world.reply(
        "/sluis.consent.v1.ResidentLegalBasisService/ListLegalBases",
        &consent::ListLegalBasesResponse { records },
    );
    let browser = world.inside().await;
    (world, browser)
}

#[tokio::test]
async fn it_is_said_who_told_whom_on_which_law() {
    let (_world, mut browser) = with(vec![]).await;
    browser
        .get(PAGE)
        .await
        .says("Er is niets over u gedeeld zonder uw toestemming.");
    let (_world, mut browser) = with(vec![record()]).await;
    let page = browser.get(PAGE).await;
    page.says("De wet verplicht het.");
    page.says("Besluit gemeentelijke schuldhulpverlening");
    page.says("er is persoonlijk contact met u gezocht");
    page.says("tot 14 februari 2027");
    page.says("Een tweede persoon keek mee op 15 januari 2027.");
    let mut told_later = record();
    told_later.basis = consent::LegalBasis::VitalInterest.into();
    told_later.article = 0;
    told_later.deferral = Some(consent::Deferral {
        until: at(0),
        reason: consent::DeferralReason::ResidentAtRisk.into(),
    });
    told_later.reviewed_at = at(0);
    told_later.review_outcome = ReviewOutcome::Unfounded.into();
    told_later.state = LegalBasisState::Ended.into();
    told_later.ended_at = at(0);
    let (_world, mut browser) = with(vec![told_later]).await;
    let page = browser.get(PAGE).await;
    page.says("noodtoegang");
    page.says("omdat het eerder gevaarlijk voor u was");
    page.says("vond dat het niet mocht. Het is gestopt.");
}

#[tokio::test]
async fn an_objection_is_one_page_and_says_that_nothing_stops_yet() {
    let (world, mut browser) = with(vec![record()]).await;
    let link = browser.get(PAGE).await.link("/zonder-toestemming/bezwaar?");
    let page = browser.get(&link).await;
    page.says("Zolang er niet naar gekeken is, stopt er niets.");
    let mut waits = record();
    (waits.review_waits, waits.objected_at) = (true, at(0));
    world.reply(
        "/sluis.consent.v1.ResidentLegalBasisService/ObjectToLegalBasis",
        &consent::ObjectToLegalBasisResponse {
            record: Some(waits.clone()),
        },
    );
    let fields = page.form(OBJECT);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    for _ in 0..2 {
        browser
            .post(OBJECT, &fields)
            .await
            .says("Uw bezwaar is ontvangen");
    }
    let seen: Vec<consent::ObjectToLegalBasisRequest> = world.seen("ObjectToLegalBasis");
    assert_eq!((seen.len(), &seen[0]), (2, &seen[1]), "one act");
    assert_eq!(seen[0].legal_basis_id, record().legal_basis_id);
    // While a review waits there is nothing to object to again.
    let (_world, mut browser) = with(vec![waits]).await;
    let page = browser.get(PAGE).await;
    page.says("moet hiernaar kijken");
    assert!(!page.body.contains(&format!("href=\"{OBJECT}?")));
}
