//! Logs: structured lines, one per request and one per fault, without personal data.

use std::io;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, Registry};

/// Targets that begin so are ours.
const OWN_TARGETS: &str = "sluis";

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object per line.
    Json,
}

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("the log filter is malformed")]
    Filter,
    /// Logging was begun before.
    #[error("logging was begun before")]
    Twice,
}

/// Begins logging to standard error. `filter` is a list of `target=level`, as in `info,sluis_serve=debug`.
///
/// # Errors
/// [`TelemetryError`].
pub fn init_tracing(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    tracing::subscriber::set_global_default(subscriber(format, filter, io::stderr)?)
        .map_err(|_| TelemetryError::Twice)
}

/// What [`init_tracing`] begins, writing somewhere else.
///
/// # Errors
/// [`TelemetryError::Filter`].
pub fn subscriber<W>(
    format: LogFormat,
    filter: &str,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .with_regex(false)
        .parse(filter)
        .map_err(|_| TelemetryError::Filter)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    let layer = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    Ok(Box::new(
        Registry::default()
            .with(filter)
            .with(layer.with_filter(filter_fn(may_speak))),
    ))
}

/// Libraries may log warnings only, whatever the filter says: below that, HTTP libraries print headers, and with
/// them tokens.
fn may_speak(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with(OWN_TARGETS) || *metadata.level() <= Level::WARN
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn libraries_cannot_print_headers_whatever_the_filter_says() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let lines = Lines::default();
            let writer = lines.clone();
            let subscriber = subscriber(format, "trace", move || writer.clone()).unwrap();
            tracing::subscriber::with_default(subscriber, || {
                tracing::debug!(target: "h2::codec", header = "planted");
                tracing::info!(target: "hyper", header = "planted");
                tracing::warn!(target: "rustls", "broken");
                tracing::debug!(target: "sluis_serve", "ours");
            });
            let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert!(!text.contains("planted"), "{text}");
            assert!(text.contains("broken") && text.contains("ours"), "{text}");
        }
        assert!(matches!(
            super::subscriber(LogFormat::Text, "sluis=noisy", io::sink),
            Err(TelemetryError::Filter)
        ));
    }
}
