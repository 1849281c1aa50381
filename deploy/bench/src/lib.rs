//! The benchmark: a whole mesh beside yardsticks of its own, in one interleaved run.
//!
//! Nothing here is an absolute promise: a figure says something only beside the yardstick of the same repetition.
//! docs/benchmarks.md tells what each ratio means, and what came out.

mod connect;
mod error;
mod figure;
mod letter;
mod load;
mod measure;
mod mesh;
mod place;
mod posts;
mod profile;
mod report;
mod suite;
mod yardstick;

pub use error::BenchError;
pub use figure::{Figure, Spread};
pub use posts::{Comparison, PostOptions, PostReport, run as run_posts};
pub use profile::Profile;
pub use report::{Measured, Ratio, Report, Stage, Target};
pub use suite::{Options, run};
