//! A bar for attachments on their way: on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sluis_client::Progress;

use crate::screen::Screen;

/// How far the attachments are.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar that shows when something moves.
    pub(crate) fn new(screen: &Screen<'_>, what: &str) -> Self {
        let target = if screen.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style =
            ProgressStyle::with_template("{prefix} {bar:30} {decimal_bytes} of {decimal_total_bytes}")
                .expect("the template is well formed");
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        Self(bar.with_prefix(what.to_owned()))
    }

    /// What the SDK calls.
    pub(crate) fn show(&self, progress: Progress) {
        self.0.set_length(progress.bytes_all);
        self.0.set_position(progress.bytes_done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
