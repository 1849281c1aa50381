//! An operator with every database and every key of the mesh, gate keys included, but without the recipient's.

use super::formats::open_content;
use super::window::Hunt;
use super::{Attempt, Loot, Target};

/// Tries to open a message as the operator: its own half C it has, by the bucket key of a live grant; what it lacks is
/// R. It tries every window of what it holds, and what careless software would have taken for chance.
pub fn try_as_operator(target: &Target, loot: &Loot) -> Attempt {
    let header_hash = target.header_hash();
    let (wrapped, own) = loot.wrapped_gate_keys(&target.manifest);
    let hunt = Hunt::over(loot.everything());
    let mut attempt = Attempt {
        wrapped: own,
        ..Attempt::default()
    };
    let (secrets, tried) = hunt.bucket_keys(&wrapped);
    attempt.bucket_keys = tried;
    let shares: Vec<Vec<u8>> = secrets
        .iter()
        .filter_map(|secret| target.open_c(secret))
        .collect();
    let (mut halves, tried) = hunt.halves_r(&target.manifest_bytes, &header_hash);
    attempt.shares = tried;
    halves.extend((0..=u8::MAX).map(|byte| vec![byte; 32]));
    attempt.earlier = halves.len();
    for share in &shares {
        for half in &halves {
            let content = share
                .get(..32)
                .and_then(|c| open_content(half, c, &header_hash, &target.content));
            if let Some(content) = content {
                return attempt.won("the recipient's half could be found", content);
            }
        }
    }
    attempt
}
