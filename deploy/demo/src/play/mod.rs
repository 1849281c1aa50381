//! The play: a referral from beginning to end, what an attacker then comes to, and what a dump tells.
//!
//! [`Play`] is what `sluisd demo` runs. [`check`] plays with other parts and gives the verdict: with a faulty part it
//! must name what no longer holds.

mod accounts;
mod crowd;
mod encore;
mod hints;
mod house;
mod inquest;
mod matching;
mod people;
mod resident;
mod signalling;
mod stage;
mod story;
mod verdict;
mod way;

use std::sync::Arc;

use sluis_compose::{Ambient, Fittings};
use sluis_serve::Stop;
use sluis_types::{OsRandomness, Randomness};

pub use verdict::{Expectation, Failure, Promise, Verdict};

use crate::DemoError;
use crate::calendar::Calendar;
use crate::provider::BANNER;
use crowd::Crowd;
use encore::Encore;
use house::House;
use stage::Stage;
use story::Story;

/// Further residents of a whole play.
const RESIDENTS: usize = 24;
/// Rows that each of them has at least.
const ROWS_MIN: usize = 5;

/// With what the play is played.
pub struct Scene {
    /// The parts of the mesh that can be exchanged.
    pub fittings: Fittings,
    /// Where the sending organisation's software takes its chance from.
    pub sender_randomness: Arc<dyn Randomness>,
    /// Further residents that are worked through. Without any, nobody searches the databases.
    pub residents: usize,
    /// Says nothing.
    pub quiet: bool,
}

impl Scene {
    /// The real parts, all residents, told aloud.
    pub fn real() -> Self {
        Self {
            fittings: Fittings::real(),
            sender_randomness: Arc::new(OsRandomness),
            residents: RESIDENTS,
            quiet: false,
        }
    }
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene")
            .field("residents", &self.residents)
            .finish_non_exhaustive()
    }
}

/// The play as the command runs it.
#[derive(Debug)]
pub struct Play {
    scene: Scene,
    ambient: Ambient,
    calendar: Arc<Calendar>,
}

impl Play {
    /// Gets ready; nothing is bound or written yet.
    ///
    /// # Errors
    /// [`DemoError::Mesh`] when this build's interface has no rules.
    pub fn prepare() -> Result<Self, DemoError> {
        let (ambient, calendar) = ambient()?;
        Ok(Self {
            scene: Scene::real(),
            ambient,
            calendar,
        })
    }

    /// Ends the play.
    pub fn stop(&self) -> Stop {
        self.ambient.stop.clone()
    }

    /// Plays; says whether everything was as it ought. Stays up until it is stopped, unless `once`.
    ///
    /// # Errors
    /// [`DemoError`] when the mesh does not start.
    pub async fn run(self, once: bool) -> Result<bool, DemoError> {
        let house = Box::pin(House::boot(&self.scene, &self.ambient, &self.calendar)).await?;
        let mut stage = Stage::open(self.scene.quiet, &house.config.data_dir).await?;
        let verdict = Box::pin(perform(&self.scene, &house, &mut stage)).await;
        stage.say(&format!("\nVerdict: {verdict}"));
        if !once {
            let encore = Encore::prepare(&house).await?;
            stage.say(&hints::for_going_on(&house)?);
            encore.play(&house, &stage, &self.ambient.stop).await;
        }
        house.mesh.stop().await;
        Ok(verdict.is_as_it_ought())
    }
}

/// Plays with these parts and gives the verdict.
///
/// # Errors
/// [`DemoError`] when the mesh does not start.
pub async fn check(fittings: Fittings, quiet: bool) -> Result<Verdict, DemoError> {
    check_scene(Scene {
        fittings,
        quiet,
        ..Scene::real()
    })
    .await
}

/// Plays a scene and gives the verdict.
///
/// # Errors
/// [`DemoError`] when the mesh does not start.
pub async fn check_scene(scene: Scene) -> Result<Verdict, DemoError> {
    let (ambient, calendar) = ambient()?;
    let house = Box::pin(House::boot(&scene, &ambient, &calendar)).await?;
    let mut stage = Stage::open(scene.quiet, &house.config.data_dir).await?;
    let verdict = Box::pin(perform(&scene, &house, &mut stage)).await;
    house.mesh.stop().await;
    Ok(verdict)
}

/// What the mesh of the play lives on: this machine's own, but for a calendar that the play moves on.
fn ambient() -> Result<(Ambient, Arc<Calendar>), DemoError> {
    let calendar = Arc::new(Calendar::default());
    let clock = Arc::clone(&calendar);
    let ambient = Ambient {
        clock,
        ..Ambient::system()?
    };
    Ok((ambient, calendar))
}

/// Plays to the end, or as far as it goes.
async fn perform(scene: &Scene, house: &House, stage: &mut Stage) -> Verdict {
    let mut verdict = Verdict::default();
    if let Err(error) = acts(scene, house, stage, &mut verdict).await {
        let mut why = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            why = format!("{why}: {cause}");
            source = cause.source();
        }
        verdict.expect(false, Expectation::EveryStepSucceeds, || why);
    }
    verdict
}

async fn acts(
    scene: &Scene,
    house: &House,
    stage: &mut Stage,
    verdict: &mut Verdict,
) -> Result<(), DemoError> {
    stage.say(&format!(
        "A mesh is up on {}; five fictional partners are enrolled in it.",
        house.mesh.address()
    ));
    stage.say(BANNER);
    let mut told = Story::new(house, stage, verdict).play().await?;
    inquest::attacks(house, &told, stage, verdict).await?;
    if scene.residents == 0 {
        return Ok(());
    }
    matching::play(house, stage, verdict, &mut told.secrets).await?;
    Box::pin(signalling::play(house, stage, verdict, &mut told.secrets)).await?;
    let crowd = work_through(scene, house, stage, verdict, &mut told, 0).await?;
    inquest::search_dump(house, &told.secrets, stage, verdict).await?;
    let mut odd = inquest::group(house, &crowd, stage).await?;
    stage
        .step("They try to tell which rows are of one person.")
        .await?;
    if !odd.is_empty() {
        // Chance alone lies outside the interval once in a hundred plays. What is in the rows shows again in the rows
        // of other people; chance does not.
        stage.say("    That is outside what chance gives. Other residents are worked through, to see whether it was chance.");
        let again = work_through(scene, house, stage, verdict, &mut told, scene.residents).await?;
        let odd_again = inquest::group(house, &again, stage).await?;
        odd.retain(|one| odd_again.iter().any(|other| other.by == one.by));
    }
    verdict.expect(odd.is_empty(), Expectation::RowsDoNotGroup, || {
        let odd: Vec<_> = odd
            .iter()
            .map(|one| format!("by {}: {:.4}", one.by, one.index))
            .collect();
        odd.join(", ")
    });
    Ok(())
}

async fn work_through(
    scene: &Scene,
    house: &House,
    stage: &mut Stage,
    verdict: &mut Verdict,
    told: &mut story::Told,
    first: usize,
) -> Result<Crowd, DemoError> {
    let crowd = Crowd::work_through(house, first, scene.residents, &mut told.secrets).await?;
    let rows = crowd.rows_of_poorest();
    verdict.expect(rows >= ROWS_MIN, Expectation::EveryStepSucceeds, || {
        format!("somebody has {rows} rows only")
    });
    let count = scene.residents;
    let step = format!(
        "{count} further residents are linked, asked, referred and answered, interleaved; at least {rows} rows each."
    );
    stage.step(&step).await?;
    Ok(crowd)
}
