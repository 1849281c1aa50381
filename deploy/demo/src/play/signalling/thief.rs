//! What a thief of all databases, all keys and the week's pepper learns of the worries that lie there.

use sluis_client::envelope::CircleBundle;
use sluis_types::{Clock as _, Epoch, MatchClass};

use crate::DemoError;
use crate::attacker::WeekLoot;
use crate::dossier::Dump;
use crate::play::house::House;
use crate::play::people::Who;
use crate::play::stage::Stage;
use crate::play::verdict::{Expectation, Verdict};

/// Searches as the thief would; and once with a member's bundle, to show that the search sees.
pub(super) async fn search(house: &House, stage: &mut Stage, verdict: &mut Verdict) -> Result<(), DemoError> {
    let dump = Dump::take(&house.config.data_dir).await?;
    let (keys, buckets) = (house.config.keys_dir.clone(), house.config.bucket_dir());
    let loot = WeekLoot::take(&dump, &[&keys, &buckets], &house.config.epoch_dir())?;
    let tags = tags_of(house, Who::Welfare)?;
    let searched = tokio::task::spawn_blocking(move || {
        let with_bundle = loot.found_with(tags.iter());
        (loot.try_everything(), with_bundle, tags.len())
    });
    let (tried, with_bundle, circles) = searched
        .await
        .map_err(|_| DemoError::unexpected("the search broke off"))?;
    verdict.expect(
        with_bundle == circles && circles > 0,
        Expectation::AttackerOpensWhatIsLive,
        || format!("with a member's bundle the thief finds {with_bundle} of {circles} circles"),
    );
    verdict.expect(tried.found == 0, Expectation::PostsTellNoCircle, || {
        format!("{} tags of posts lie at rest", tried.found)
    });
    stage.say(&format!(
        "    The thief tried {} values as a tag: {} led to a post. With a member's bundle it would find {with_bundle} of {circles} circles.",
        tried.tries, tried.found
    ));
    stage
        .step("A thief with all databases, all keys and the week's pepper looks for whose worries lie there.")
        .await
}

/// The tags of this week, from the bundles that a member keeps.
fn tags_of(house: &House, who: Who) -> Result<Vec<[u8; 32]>, DemoError> {
    let folder = house.profile(who).join("circles");
    let epoch = Epoch::of(house.calendar.now());
    let mut tags = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(DemoError::file("list", &folder))? {
        let path = entry.map_err(DemoError::file("list", &folder))?.path();
        let bytes = std::fs::read(&path).map_err(DemoError::file("read", &path))?;
        let bundle =
            CircleBundle::parse(&bytes).map_err(|_| DemoError::unexpected("a kept bundle cannot be read"))?;
        let post = bundle.post(MatchClass::HomeAtRisk, epoch);
        tags.extend(post.map(|post| *post.unverified().tag.expose()));
    }
    Ok(tags)
}
