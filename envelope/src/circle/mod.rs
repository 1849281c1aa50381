//! Circles: worries that meet under a resident's consent. Consent draws a secret, computes tags from it, signs each
//! member's posts and forgets it; who holds no bundle can neither make a post nor tell which two belong together.

mod bundle;
mod sealed_bundle;
mod secret;

pub use bundle::{Circle, CircleBundle};
pub use sealed_bundle::SealedBundle;
pub use secret::{CircleSecret, CircleTag};
