//! Many residents, worked through in rounds: in each round everybody takes one step, in an order drawn anew.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sluis_client::Opened;
use sluis_types::{GrantId, Handle};

use super::house::House;
use super::people::{PAIRS, Who, answer, question, resident};
use super::resident::Resident;
use super::story::Secrets;
use super::way::Letter;
use crate::DemoError;
use crate::dossier::{Attempt, Observer, Truth, below};

/// Steps that each resident takes.
const ROUNDS: usize = 8;

/// What is known of a crowd and of nobody outside.
#[derive(Default)]
pub(super) struct Crowd {
    pub(super) truth: Truth,
    pub(super) attempt: Attempt,
}

/// One resident on the way.
struct Person {
    number: usize,
    name: String,
    from: Who,
    to: Who,
    progress: Progress,
}

#[derive(Default)]
struct Progress {
    resident: Option<Resident>,
    code: String,
    handle: Option<Handle>,
    sent: Option<sluis_client::Sent>,
    opened: Option<Opened>,
}

impl Crowd {
    /// Works so many residents through, numbered from `first` on.
    pub(super) async fn work_through(
        house: &House,
        first: usize,
        count: usize,
        secrets: &mut Secrets,
    ) -> Result<Self, DemoError> {
        let mut seed = [0; 32];
        house.mesh.ambient().randomness.fill(&mut seed);
        let mut chance = ChaCha20Rng::from_seed(seed);
        let mut observer = Observer::begin(&house.config.data_dir).await?;
        let mut people: Vec<Person> = (first..first + count).map(Person::new).collect();
        let mut crowd = Self::default();
        for round in 0..ROUNDS {
            let mut order: Vec<usize> = (0..people.len()).collect();
            for last in (1..order.len()).rev() {
                order.swap(last, below(&mut chance, last + 1));
            }
            for who in order {
                let person = &mut people[who];
                person.take_step(house, round, secrets).await?;
                let act = crowd.attempt.person_of_act.len();
                crowd.attempt.person_of_act.push(who);
                // Which two organisations exchange messages is in clear; acts are compared within such a pair.
                crowd
                    .attempt
                    .stratum_of_act
                    .push(round * PAIRS.len() + person.number % PAIRS.len());
                observer.note(act, &mut crowd.truth).await?;
            }
        }
        Ok(crowd)
    }

    /// The fewest rows that any resident has.
    pub(super) fn rows_of_poorest(&self) -> usize {
        let mut rows = vec![0; self.attempt.person_of_act.iter().max().map_or(0, |most| most + 1)];
        for act in self.truth.rows.values() {
            rows[self.attempt.person_of_act[*act]] += 1;
        }
        rows.into_iter().min().unwrap_or(0)
    }
}

impl Person {
    fn new(number: usize) -> Self {
        let (from, to) = PAIRS[number % PAIRS.len()];
        Self {
            number,
            name: resident(number),
            from,
            to,
            progress: Progress::default(),
        }
    }

    async fn take_step(
        &mut self,
        house: &House,
        round: usize,
        secrets: &mut Secrets,
    ) -> Result<(), DemoError> {
        let (from, to) = (self.from, self.to);
        match round {
            0 => {
                let mut resident = house.log_in(&self.name).await?;
                self.progress.code = resident.link_code(from).await?;
                secrets.names.push(self.name.clone());
                secrets.subjects.push(resident.subject().to_owned());
                self.progress.resident = Some(resident);
            }
            1 => {
                let handle = house.redeem(from, &self.progress.code).await?;
                secrets.handles.push(handle);
                self.progress.handle = Some(handle);
            }
            2 => house.ask(from, to, &self.handle()?).await?,
            3 => secrets.grants.push(self.grant(house, from, to).await?),
            4 => secrets.grants.push(self.grant(house, to, from).await?),
            5 => {
                let body = question(&self.name, self.number);
                let sent = house.send(Letter::text(from, to, self.handle()?, &body)).await?;
                secrets.contents.push(body);
                secrets.threads.push(sent.thread_id);
                self.progress.sent = Some(sent);
            }
            6 => {
                let sent = self.progress.sent.ok_or_else(out_of_step)?;
                let opened = house.open(to, sent.message_id).await?;
                secrets.handles.push(opened.handle());
                self.progress.opened = Some(opened);
            }
            _ => {
                let body = answer(&self.name, self.number);
                let opened = self.progress.opened.as_ref().ok_or_else(out_of_step)?;
                house.send(Letter::feedback(to, from, opened, &body)).await?;
                secrets.contents.push(body);
            }
        }
        Ok(())
    }

    async fn grant(&mut self, house: &House, from: Who, to: Who) -> Result<GrantId, DemoError> {
        let resident = self.progress.resident.as_mut().ok_or_else(out_of_step)?;
        resident.say_yes(from, to).await?;
        house.grant_between(resident, from, to).await
    }

    fn handle(&self) -> Result<Handle, DemoError> {
        self.progress.handle.ok_or_else(out_of_step)
    }
}

fn out_of_step() -> DemoError {
    DemoError::unexpected("a resident is out of step")
}
