//! The sociale kaart: published, fetched, and held against a plan card that stays where it is.

use serde_json::json;
use sluis_client::ranking::{Area, Language, Misfit, Offer, PlanTag, Question, Tag, rank};
use sluis_client::{Directory, Room};
use sluis_types::{
    CapacityStatus, Entrance, Law, LifeDomain, OfferId, OfferKind, Provision, Quadrant, Timestamp,
};

use super::super::house::{House, oin};
use super::super::people::{ORGANISATIONS, Who};
use super::super::resident::Resident;
use super::super::verdict::Expectation;
use super::{Act, CENTRE, COORDINATOR};
use crate::DemoError;
use crate::dossier::{Needle, RawFile, search};

/// Who looks for something.
const MIA: &str = "Mia Verzonnenlaan";
/// What fits, the best first.
const FITTING: [&str; 2] = ["Samen koken (verzonnen)", "Wandelen op dinsdag (verzonnen)"];
/// How old Mia is, in years.
const AGE: u8 = 67;
/// Where she lives.
const QUARTER: &str = "BU08280301";
/// What stands on her card: it is said to nobody.
const TICKED: [(Quadrant, &str); 4] = [
    (Quadrant::Need, "rustige-plek"),
    (Quadrant::Wish, "samen-eten"),
    (Quadrant::Strength, "wandelen"),
    (Quadrant::Wish, "postduiven-houden"),
];
/// Places of the offer that is chosen.
const PLACES: u32 = 2;

/// Mia, before anything was asked of her.
pub(super) struct Mia {
    pub(super) name: &'static str,
    pub(super) resident: Resident,
}

impl Act<'_> {
    /// Offers are published and fetched; Mia's card is held against them. Gives the offer that she likes best.
    pub(super) async fn look(&mut self) -> Result<(OfferId, Mia), DemoError> {
        let now = self.house.mesh.ambient().clock.now();
        self.publish(now).await?;
        let resident = self.house.log_in(MIA).await?;
        self.secrets.names.push(MIA.to_owned());
        self.secrets.subjects.push(resident.subject().to_owned());
        let mut directory = Directory::new();
        let increment = self.worker().sync_directory(directory.version()).await;
        let increment = increment.map_err(DemoError::partner("fetching the directory"))?;
        directory
            .apply(&increment)
            .map_err(DemoError::partner("holding the directory against its head"))?;
        self.stage
            .step("The GGZ's software fetches the whole sociale kaart, signed by the mesh's pinned key.")
            .await?;
        let question = question();
        let ranking = rank(directory.offers(), &question, now);
        let names: Vec<&str> = ranking
            .fitting
            .iter()
            .map(|one| one.offer.name.as_str())
            .collect();
        let not_for_her_age = ranking.passed_over.get(&Misfit::Age).copied();
        let fits = names == FITTING && not_for_her_age == Some(1);
        self.verdict.expect(fits, Expectation::EveryStepSucceeds, || {
            format!("fitting: {names:?}, passed over: {:?}", ranking.passed_over)
        });
        let best = ranking
            .fitting
            .first()
            .ok_or_else(|| DemoError::unexpected("nothing fits Mia"))?;
        self.stage
            .step(
                "Mia's plan card is held against it in the GGZ's own software: two offers fit, one is not for her age, \
                 one is elsewhere. Nobody was asked anything.",
            )
            .await?;
        let mia = Mia { name: MIA, resident };
        Ok((best.offer.id, mia))
    }

    async fn publish(&mut self, now: Timestamp) -> Result<(), DemoError> {
        for who in [CENTRE, COORDINATOR] {
            let coordinator = self.coordinator(who)?;
            for offer in offers(self.house, who, now)? {
                let published = coordinator.publish_offer(&offer, 0).await;
                published.map_err(DemoError::partner("publishing an offer"))?;
                let room = Room {
                    status: CapacityStatus::Capacity,
                    wait: None,
                    places: PLACES,
                };
                let told = coordinator.report_capacity(offer.id, room).await;
                told.map_err(DemoError::partner("telling of room"))?;
            }
        }
        self.stage
            .step("The self-direction centre and the welfare organisation publish two offers each, and say that there is room.")
            .await
    }

    /// Whether anything of Mia is in what the GGZ's software said to matching, as far as it needs no consent.
    pub(super) fn expect_silence(&mut self, mia: &Mia, handle: &sluis_types::Handle) {
        let calls = self.house.tap.recording().calls();
        let said: Vec<RawFile> = calls
            .into_iter()
            .filter(|call| {
                [
                    "/sluis.matching.v1.DirectoryService/",
                    "/sluis.matching.v1.PlaceService/",
                ]
                .iter()
                .any(|service| call.path.starts_with(service))
            })
            .map(|call| RawFile {
                name: call.path,
                bytes: call.sent,
            })
            .collect();
        let mut needles: Vec<Needle> = TICKED
            .iter()
            .map(|(_, tag)| *tag)
            .chain([mia.name, mia.resident.subject(), QUARTER])
            .filter_map(|text| Needle::new("what is Mia's", text))
            .collect();
        needles.extend(Needle::new("her handle", handle.expose()));
        needles.extend(Needle::new("her handle", *handle.as_bytes()));
        let found = search(&said, &needles);
        self.verdict.expect(
            !said.is_empty() && found.is_empty(),
            Expectation::LookingTellsNothing,
            || format!("of {} calls: {found:?}", said.len()),
        );
    }
}

fn question() -> Question {
    let tags = TICKED.iter().map(|(quadrant, text)| PlanTag {
        quadrant: *quadrant,
        tag: Tag::parse(text).expect("the table holds tags"),
    });
    Question {
        area: Some(Area::parse(QUARTER).expect("a quarter")),
        age: Some(AGE),
        languages: [Language::DUTCH].into(),
        tags: tags.collect(),
        ..Question::default()
    }
}

/// An offer of the play.
struct Offered {
    by: Who,
    name: &'static str,
    area: &'static str,
    age_max: Option<u8>,
    tags: &'static [&'static str],
}

const OFFERED: [Offered; 4] = [
    Offered {
        by: CENTRE,
        name: FITTING[0],
        area: "WK082803",
        age_max: None,
        tags: &["rustige-plek", "samen-eten"],
    },
    Offered {
        by: CENTRE,
        name: "Jongerenavond (verzonnen)",
        area: "WK082803",
        age_max: Some(25),
        tags: &["samen-eten"],
    },
    Offered {
        by: COORDINATOR,
        name: FITTING[1],
        area: "GM0828",
        age_max: None,
        tags: &["wandelen"],
    },
    Offered {
        by: COORDINATOR,
        name: "Eetclub elders (verzonnen)",
        area: "GM0344",
        age_max: None,
        tags: &["samen-eten"],
    },
];

/// The offers of an organisation.
fn offers(house: &House, who: Who, now: Timestamp) -> Result<Vec<Offer>, DemoError> {
    let own = OFFERED.iter().filter(|offered| offered.by == who);
    own.map(|offered| {
        let id = OfferId::random(&*house.mesh.ambient().randomness);
        let document = json!({
            "id": id.to_string(), "publisher": oin(who).to_string(),
            "organisation": ORGANISATIONS[who as usize].name, "name": offered.name,
            "description": "Elke week, met een gastvrouw", "kind": OfferKind::Activity.name(),
            "provision": Provision::General.name(), "law": Law::General.name(),
            "life_domains": [LifeDomain::MeaningfulDay.name(), LifeDomain::Surroundings.name()],
            "areas": [offered.area], "age_max": offered.age_max, "entrance": Entrance::SignUp.name(),
            "tags": offered.tags, "updated_at_seconds": now.seconds(),
        });
        Offer::decode(document.to_string().as_bytes())
            .map_err(|error| DemoError::unexpected(format!("an offer of the play: {error}")))
    })
    .collect()
}
