//! The second gate: the keys that open only while a resident allows it.
//!
//! Every grant version has a gate key of its own. Gate keys are wrapped under bucket keys, which live outside the
//! database, because a database does not forget. **Ending a grant** ([`Gate::run`] with [`Plan::Next`]):
//!
//! 1. lock the bucket, make its next key, durably;
//! 2. one transaction: end the grant, take its gate key out, wrap the other grants' keys under the next key
//!    ([`GateKeys::carry_out`]), write the leaf and the event;
//! 3. destroy every older key of the bucket, durably ([`Gate::settle`]);
//! 4. only then answer.
//!
//! A stop between any two steps leaves either the grant as it was, or a grant that has ended in the database and an old
//! key that the next start destroys ([`Gate::recover`]): nothing was acknowledged in either case. A repeat of the
//! request runs step 3 again before it answers.
//!
//! No process keeps a bucket key or a gate key longer than one act.

mod circle;
mod holder;
mod keys;
mod lost;
mod opening;
mod recovery;
mod steps;

pub(crate) use circle::BundleMaker;
pub(crate) use holder::HolderMark;
pub(crate) use keys::{GateKeys, binding};
pub(crate) use lost::Lost;
pub(crate) use opening::Open;
pub(crate) use steps::{Gate, Place, Plan, Prepared};
