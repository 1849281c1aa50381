//! Ans is referred from the welfare organisation to the GGZ; then she withdraws.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sluis_client::types::{GrantId, MessageId, MessageKind, Purpose, ThreadId};
use sluis_client::{Command, MailboxEvent, REFERRAL_FORM_JSON, ReferralForm, Sent, TEXT};
use sluis_types::Handle;

use super::accounts;
use super::house::{House, Mailbox, oin};
use super::people::{ANS, BEA, Who, answer, question};
use super::resident::Resident;
use super::stage::Stage;
use super::verdict::{Expectation, Verdict};
use super::way::{Letter, scope};
use crate::DemoError;
use crate::dossier::Dump;

/// The files of the play, as they stand in the repository.
pub(super) const FORM: &[u8] = include_bytes!("../../files/verwijzing.json");
pub(super) const PLAN: &[u8] = include_bytes!("../../files/plan.pdf");
pub(super) const SECOND: &str = include_str!("../../files/tweede-bericht.txt");
pub(super) const FEEDBACK: &str = include_str!("../../files/terugkoppeling.txt");

/// How often, and how many times, one looks whether something has come about.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS_MAX: u32 = 300;

/// What the story leaves for the attack and the search.
pub(super) struct Told {
    /// The message that lay unopened when Ans withdrew.
    pub(super) withdrawn: MessageId,
    /// Bea's message, unopened under a live grant.
    pub(super) live: MessageId,
    /// The databases from before the withdrawal.
    pub(super) backup: Dump,
    /// What must not be found.
    pub(super) secrets: Secrets,
}

/// What must not be found in any database.
#[derive(Default)]
pub(super) struct Secrets {
    pub(super) names: Vec<String>,
    pub(super) contents: Vec<String>,
    pub(super) handles: Vec<Handle>,
    pub(super) subjects: Vec<String>,
    pub(super) grants: Vec<GrantId>,
    pub(super) threads: Vec<ThreadId>,
}

/// The story, while it goes on.
pub(super) struct Story<'a> {
    pub(super) house: &'a House,
    pub(super) stage: &'a mut Stage,
    pub(super) verdict: &'a mut Verdict,
    secrets: Secrets,
}

/// Ans, once she is linked and has granted.
struct Ans {
    resident: Resident,
    handle: Handle,
    forth: GrantId,
}

impl<'a> Story<'a> {
    pub(super) fn new(house: &'a House, stage: &'a mut Stage, verdict: &'a mut Verdict) -> Self {
        Self {
            house,
            stage,
            verdict,
            secrets: Secrets::default(),
        }
    }

    pub(super) async fn play(mut self) -> Result<Told, DemoError> {
        let mut ggz = Mailbox::of(self.house.partner(Who::Ggz));
        let mut welfare = Mailbox::of(self.house.partner(Who::Welfare));
        let mut ans = self.link_and_consent().await?;
        let sent = self.refer(&ans, &mut ggz).await?;
        self.accept_and_answer(&ans, &sent, &mut welfare).await?;
        let live = self.bea().await?;
        let second = self.second_message(&ans, &sent).await?;
        self.pause(&mut ans, second).await?;
        let backup = Dump::take(&self.house.config.data_dir).await?;
        self.withdraw(&mut ans, &sent, second, &mut ggz, &mut welfare)
            .await?;
        accounts::check(self.house, self.verdict, &ans.resident, ans.forth).await?;
        self.stage
            .step("Ans looks into her log: who asked, who opened, and the refusal while she paused.")
            .await?;
        let Self { secrets, .. } = self;
        Ok(Told {
            withdrawn: second,
            live,
            backup,
            secrets,
        })
    }

    async fn link_and_consent(&mut self) -> Result<Ans, DemoError> {
        let (house, (from, to)) = (self.house, (Who::Welfare, Who::Ggz));
        let mut resident = house.log_in(ANS).await?;
        let code = resident.link_code(from).await?;
        self.stage
            .step("Ans logs in on the pages and makes a link code for the welfare organisation.")
            .await?;
        let handle = house.redeem(from, &code).await?;
        self.stage
            .step("Its worker types the code in, and gets the organisation's own handle for Ans.")
            .await?;
        house.ask(from, to, &handle).await?;
        let asked = resident.asked().await?;
        self.verdict
            .expect(asked == 2, Expectation::EveryStepSucceeds, || {
                format!("Ans is asked {asked} questions")
            });
        self.stage
            .step("The worker asks consent, in both directions; Ans finds two questions.")
            .await?;
        resident.say_yes(from, to).await?;
        let forth = house.grant_between(&resident, from, to).await?;
        self.stage
            .step("Ans ticks the first: the welfare organisation may refer her to the GGZ.")
            .await?;
        resident.say_yes(to, from).await?;
        let back = house.grant_between(&resident, to, from).await?;
        self.stage
            .step("Ans ticks the second, apart: the GGZ may say how it goes.")
            .await?;
        self.secrets.names.push(ANS.to_owned());
        self.secrets.handles.push(handle);
        self.secrets.subjects.push(resident.subject().to_owned());
        self.secrets.grants.extend([forth, back]);
        Ok(Ans {
            resident,
            handle,
            forth,
        })
    }

    async fn refer(&mut self, ans: &Ans, ggz: &mut Mailbox) -> Result<Sent, DemoError> {
        let house = self.house;
        let form = ReferralForm::parse(FORM).map_err(DemoError::partner("reading the referral form"))?;
        let scope = form
            .scope()
            .map_err(DemoError::partner("reading the form's scope"))?;
        let plan = self.file("plan.pdf", PLAN)?;
        let letter = Letter {
            scope,
            media_type: REFERRAL_FORM_JSON,
            body: FORM,
            attachment: Some(&plan),
            ..Letter::text(Who::Welfare, Who::Ggz, ans.handle, "")
        };
        let sent = house.send(letter).await?;
        let step = "The welfare organisation seals verwijzing.json and plan.pdf and sends them to the GGZ.";
        self.stage.step(step).await?;
        let arrived = ggz.told(|event| match event {
            MailboxEvent::Arrived(item) => (item.message_id == sent.message_id).then_some(()),
            _ => None,
        });
        let told = arrived.await.is_some();
        self.verdict.expect(told, Expectation::BothSidesAreTold, || {
            "the GGZ's watch was silent".to_owned()
        });
        self.stage
            .step("The GGZ's watch tells it that a message arrived.")
            .await?;
        let opened = house.open(Who::Ggz, sent.message_id).await?;
        let mut plan = Vec::new();
        if let [attachment] = opened.content.attachments.as_slice() {
            let ggz = house.partner(Who::Ggz);
            let saved = ggz.save_attachment(&opened, attachment, &mut plan, &|_| {}).await;
            saved.map_err(DemoError::partner("fetching the attachment"))?;
        }
        let same = opened.content.body.as_slice() == FORM && plan == PLAN;
        self.verdict
            .expect(same, Expectation::ContentComesOutAsItWentIn, || {
                "form or attachment differ".to_owned()
            });
        self.stage
            .step("The GGZ opens it through both gates: form and plan are as they were, byte for byte.")
            .await?;
        self.secrets.handles.push(opened.handle());
        self.secrets.threads.push(sent.thread_id);
        self.secrets.contents.extend(phrases(FORM));
        self.secrets.contents.push("Plan van aanpak van Ans".to_owned());
        Ok(sent)
    }

    async fn accept_and_answer(
        &mut self,
        ans: &Ans,
        sent: &Sent,
        welfare: &mut Mailbox,
    ) -> Result<(), DemoError> {
        let (house, ggz) = (self.house, self.house.partner(Who::Ggz));
        let referral = ggz
            .referral(sent.thread_id)
            .await
            .map_err(DemoError::partner("looking at the referral"))?;
        let accepted = ggz
            .command(sent.thread_id, referral.version, Command::Accept)
            .await;
        let state = accepted.map_err(DemoError::partner("accepting"))?.state;
        self.verdict
            .expect(state == "ACCEPTED", Expectation::EveryStepSucceeds, || {
                format!("accepted, and it is {state}")
            });
        self.stage.step("The GGZ accepts the referral.").await?;
        let known = ggz
            .conversation(sent.thread_id)
            .map_err(DemoError::partner("finding the conversation"))?;
        let letter = Letter {
            kind: MessageKind::Feedback,
            thread: Some(sent.thread_id),
            based_on: Some(known.latest),
            scope: scope(Purpose::Feedback),
            ..Letter::text(Who::Ggz, Who::Welfare, known.resident, FEEDBACK)
        };
        let feedback = house.send(letter).await?;
        let arrived = welfare.told(|event| match event {
            MailboxEvent::Arrived(item) => (item.message_id == feedback.message_id).then_some(()),
            _ => None,
        });
        let told = arrived.await.is_some();
        self.verdict.expect(told, Expectation::BothSidesAreTold, || {
            "the welfare organisation's watch was silent".to_owned()
        });
        let opened = house.open(Who::Welfare, feedback.message_id).await?;
        let same = opened.content.body.as_slice() == FEEDBACK.as_bytes() && opened.handle() == ans.handle;
        self.verdict
            .expect(same, Expectation::ContentComesOutAsItWentIn, || {
                "the feedback differs".to_owned()
            });
        self.stage
            .step("The GGZ sends feedback under the second grant; the welfare organisation reads it.")
            .await?;
        self.secrets.contents.extend(phrases(FEEDBACK.as_bytes()));
        Ok(())
    }

    /// Bea goes the same way; her message stays unopened under a live grant.
    async fn bea(&mut self) -> Result<MessageId, DemoError> {
        let house = self.house;
        let mut resident = house.log_in(BEA).await?;
        let code = resident.link_code(Who::Welfare).await?;
        let handle = house.redeem(Who::Welfare, &code).await?;
        house.ask(Who::Welfare, Who::Ggz, &handle).await?;
        resident.say_yes(Who::Welfare, Who::Ggz).await?;
        let grant = house.grant_between(&resident, Who::Welfare, Who::Ggz).await?;
        let body = question(BEA, 0);
        let sent = house
            .send(Letter::text(Who::Welfare, Who::Ggz, handle, &body))
            .await?;
        fetch(house, sent.message_id).await?;
        self.stage
            .step("Bea goes the same way; the GGZ fetches her message and does not open it yet.")
            .await?;
        self.secrets.names.push(BEA.to_owned());
        self.secrets.contents.extend([body, answer(BEA, 0)]);
        self.secrets.handles.push(handle);
        self.secrets.subjects.push(resident.subject().to_owned());
        self.secrets.grants.push(grant);
        self.secrets.threads.push(sent.thread_id);
        Ok(sent.message_id)
    }

    async fn second_message(&mut self, ans: &Ans, first: &Sent) -> Result<MessageId, DemoError> {
        let letter = Letter {
            kind: MessageKind::Note,
            thread: Some(first.thread_id),
            based_on: Some(first.message_id),
            media_type: TEXT,
            ..Letter::text(Who::Welfare, Who::Ggz, ans.handle, SECOND)
        };
        let sent = self.house.send(letter).await?;
        fetch(self.house, sent.message_id).await?;
        self.stage
            .step("A second message about Ans follows; the GGZ fetches it and does not open it yet.")
            .await?;
        self.secrets.contents.extend(phrases(SECOND.as_bytes()));
        Ok(sent.message_id)
    }

    async fn pause(&mut self, ans: &mut Ans, second: MessageId) -> Result<(), DemoError> {
        let (house, expectation) = (self.house, Expectation::NothingOpensWhilePaused);
        ans.resident.pause_or_resume(Who::Welfare, Who::Ggz).await?;
        let opened = house.partner(Who::Ggz).open(second).await.is_ok();
        self.verdict
            .expect(!opened, expectation, || "the gate opened".to_owned());
        let status = house
            .partner(Who::Welfare)
            .consent_status(&ans.handle, oin(Who::Welfare), oin(Who::Ggz))
            .await;
        self.verdict.expect(status.is_err(), expectation, || {
            "consent says that it may be shared".to_owned()
        });
        self.stage
            .step("Ans pauses her consent; the GGZ tries to open the second message and is refused.")
            .await?;
        ans.resident.pause_or_resume(Who::Welfare, Who::Ggz).await?;
        let status = house
            .partner(Who::Welfare)
            .consent_status(&ans.handle, oin(Who::Welfare), oin(Who::Ggz))
            .await;
        self.verdict
            .expect(status.is_ok(), Expectation::EveryStepSucceeds, || {
                "resumed, and still closed".to_owned()
            });
        self.stage
            .step("Ans lets it go on. Somebody makes a backup of all databases.")
            .await
    }

    async fn withdraw(
        &mut self,
        ans: &mut Ans,
        first: &Sent,
        second: MessageId,
        ggz: &mut Mailbox,
        welfare: &mut Mailbox,
    ) -> Result<(), DemoError> {
        ans.resident.withdraw(Who::Welfare, Who::Ggz).await?;
        self.stage
            .step("Ans withdraws. The answer comes when the key of her grant is destroyed.")
            .await?;
        let cancelled = |event: &MailboxEvent| match event {
            MailboxEvent::Message(notice) => {
                (notice.message_id == second && notice.state == "CANCELLED").then_some(notice.cause)
            }
            _ => None,
        };
        for (who, mailbox) in [("the GGZ", ggz), ("the welfare organisation", welfare)] {
            let cause = mailbox.told(cancelled).await;
            self.verdict.expect(
                cause == Some("CONSENT_WITHDRAWN"),
                Expectation::BothSidesAreTold,
                || format!("{who} was told {cause:?}"),
            );
        }
        let mut state = "";
        for _ in 0..LOOKS_MAX {
            let referral = self.house.partner(Who::Ggz).referral(first.thread_id).await;
            state = referral
                .map_err(DemoError::partner("looking at the referral"))?
                .state;
            if state == "ON_HOLD" {
                break;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.verdict
            .expect(state == "ON_HOLD", Expectation::BothSidesAreTold, || {
                format!("the referral is {state}")
            });
        self.stage
            .step("Both sides are told: the second message is cancelled, the referral is on hold.")
            .await
    }

    /// A file of the play on disk, as an organisation would have it.
    fn file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, DemoError> {
        let path = self.house.directory().join(name);
        std::fs::write(&path, bytes).map_err(DemoError::file("write", &path))?;
        Ok(path)
    }
}

/// The GGZ's software fetches a message. Its tap keeps all of it.
async fn fetch(house: &House, message: MessageId) -> Result<(), DemoError> {
    let fetched = house.partner(Who::Ggz).message_state(message).await;
    fetched
        .map(drop)
        .map_err(DemoError::partner("fetching a message"))
}

/// The longer texts in a file: its lines, without what only its form needs.
fn phrases(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(file);
    let lines = text.lines().map(|line| {
        line.trim()
            .trim_matches(['"', ',', '{', '}', '[', ']'])
            .to_owned()
    });
    lines.filter(|line| line.chars().count() >= 24).collect()
}

/// The files on disk for trying things by hand.
pub(super) fn lay_out_files(directory: &Path) -> Result<PathBuf, DemoError> {
    let folder = directory.join("files");
    std::fs::create_dir_all(&folder).map_err(DemoError::file("make", &folder))?;
    let files: [(&str, &[u8]); 4] = [
        ("verwijzing.json", FORM),
        ("plan.pdf", PLAN),
        ("tweede-bericht.txt", SECOND.as_bytes()),
        ("terugkoppeling.txt", FEEDBACK.as_bytes()),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(DemoError::file("write", &path))?;
    }
    Ok(folder)
}
