//! A place is held without a name, and claimed by the sealed referral that names it.

use serde_json::json;
use sluis_client::{PlaceState, REFERRAL_FORM_JSON, ReferralForm};
use sluis_types::{Handle, OfferId};

use super::super::resident::Resident;
use super::super::verdict::Expectation;
use super::super::way::Letter;
use super::kaart::Mia;
use super::{Act, CENTRE, WORKER};
use crate::DemoError;

/// Mia, once she is linked with the organisation that looks with her.
pub(super) struct Linked {
    pub(super) resident: Resident,
    pub(super) handle: Handle,
}

/// What Mia's referral asks.
const QUESTION: &str = "Mia kookt graag en wil op een verzonnen plek mee-eten.";

impl Act<'_> {
    pub(super) async fn hold_and_refer(&mut self, mut mia: Mia, offer: OfferId) -> Result<Linked, DemoError> {
        let house = self.house;
        let held = self.worker().hold_place(offer, false).await;
        let held = held.map_err(DemoError::partner("holding a place"))?;
        self.stage
            .step("The GGZ holds a place at the first of the two for 72 hours. Nobody was named.")
            .await?;
        let code = mia.resident.link_code(WORKER).await?;
        let handle = house.redeem(WORKER, &code).await?;
        self.expect_silence(&mia, &handle);
        house.ask(WORKER, CENTRE, &handle).await?;
        mia.resident.say_yes(WORKER, CENTRE).await?;
        let grant = house.grant_between(&mia.resident, WORKER, CENTRE).await?;
        self.stage
            .step("Mia likes it, and allows the GGZ to refer her to the self-direction centre.")
            .await?;
        let form = json!({
            "version": 1,
            "resident": {"name": mia.name, "contact": "06-00000000, na de middag"},
            "question": QUESTION,
            "plan": {"wish": ["samen eten"], "strength": ["wandelen"], "need": ["een rustige plek"]},
            "life_domains": [{"domain": "MEANINGFUL_DAY", "note": "dinsdag past het best"}],
            "data_kinds": ["CONTACT", "SITUATION", "PLAN"],
            "referrer": {"name": "B. Verzonnen", "function": "casemanager", "callback": "0412-000002"},
            "resident_informed": {"informed": true, "on": "2026-11-20"},
            "feedback_wanted": false,
            "place": {"offer_id": held.offer_id.to_string(), "place_id": held.place_id.to_string()},
        })
        .to_string();
        let scope = ReferralForm::parse(form.as_bytes())
            .and_then(|form| form.scope())
            .map_err(DemoError::partner("reading the referral form"))?;
        let centre = house.partner(CENTRE).profile().oin();
        let shown = self
            .worker()
            .attach_place(&handle, centre, &scope, offer, held.place_id);
        shown
            .await
            .map_err(DemoError::partner("letting Mia see the place"))?;
        self.stage
            .step("Now that Mia agreed, the GGZ lets her see the place on her own page.")
            .await?;
        let letter = Letter {
            scope,
            media_type: REFERRAL_FORM_JSON,
            body: form.as_bytes(),
            ..Letter::text(WORKER, CENTRE, handle, "")
        };
        let sent = house.send(letter).await?;
        let opened = house.open(CENTRE, sent.message_id).await?;
        let same = opened.content.body.as_slice() == form.as_bytes();
        self.verdict
            .expect(same, Expectation::ContentComesOutAsItWentIn, || {
                "the form differs".to_owned()
            });
        let (offer, place) = ReferralForm::parse(&opened.content.body)
            .and_then(|form| {
                let place = form.place.ok_or(sluis_client::Error::Unknown { what: "place" })?;
                place.ids()
            })
            .map_err(DemoError::partner("reading the referral form"))?;
        let claimed = house.partner(CENTRE).claim_place(offer, place).await;
        let claimed = claimed.map_err(DemoError::partner("claiming the place"))?;
        self.verdict.expect(
            claimed.state == PlaceState::Claimed,
            Expectation::EveryStepSucceeds,
            || format!("the place is {}", claimed.state.name()),
        );
        self.stage
            .step("The centre opens the referral through both gates, reads which place is Mia's, and claims it.")
            .await?;
        self.secrets.handles.extend([handle, opened.handle()]);
        self.secrets.grants.push(grant);
        self.secrets.threads.push(sent.thread_id);
        self.secrets.contents.push(QUESTION.to_owned());
        Ok(Linked {
            resident: mia.resident,
            handle,
        })
    }
}
