//! The one moment at which something goes wrong.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::step::{Mishap, REACHED, Step};

/// Something goes wrong here, once.
#[derive(Clone, Debug)]
pub(crate) struct Halt {
    step: Step,
    mishap: Mishap,
    is_over: Arc<AtomicBool>,
}

/// The step that failed on purpose.
#[derive(Debug)]
pub(crate) struct Failed;

impl Halt {
    pub(crate) fn new(step: Step, mishap: Mishap) -> Self {
        Self {
            step,
            mishap,
            is_over: Arc::default(),
        }
    }

    /// Whether this is the step, and it is still to go wrong.
    pub(crate) fn is_at(&self, step: Step) -> bool {
        self.step == step && !self.is_over.load(Ordering::SeqCst)
    }

    /// Passes every step but the one.
    pub(crate) async fn pass(&self, step: Step) -> Result<(), Failed> {
        if !self.is_at(step) {
            return Ok(());
        }
        self.is_over.store(true, Ordering::SeqCst);
        say(format_args!("{REACHED} {}", step.name()));
        match self.mishap {
            Mishap::StandStill => std::future::pending().await,
            Mishap::FailOnce => Err(Failed),
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "whoever started this program waits for the line"
)]
pub(crate) fn say(line: impl fmt::Display) {
    println!("{line}");
}
