//! The second act: worries that meet in a circle, one that meets nobody, and what a thief of it all comes to.

mod thief;
mod worries;

use crate::DemoError;

use super::house::House;
use super::stage::Stage;
use super::story::Secrets;
use super::verdict::Verdict;

/// Plays the second act.
pub(super) async fn play(
    house: &House,
    stage: &mut Stage,
    verdict: &mut Verdict,
    secrets: &mut Secrets,
) -> Result<(), DemoError> {
    stage.say("\nSecond act: worries that meet, without a register of worries.");
    let mut act = worries::Act::new(house, stage, verdict, secrets);
    let alone = act.meet_and_follow_up().await?;
    thief::search(house, act.stage, act.verdict).await?;
    act.expire_untouched(&alone).await
}
