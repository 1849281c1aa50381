//! The wish that everything comes to an end.

use tokio_util::sync::CancellationToken;

/// Tells every part of a process to finish what it is doing and begin nothing new. Clones share the wish.
#[derive(Clone, Debug, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A wish that was not uttered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Utters the wish; repeating it changes nothing.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Whether it was uttered.
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it is uttered.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// A wish that follows this one but can be uttered alone, without this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}
