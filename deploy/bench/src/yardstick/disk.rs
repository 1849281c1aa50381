//! One forced write: 4 KiB and fdatasync.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use crate::error::{BenchError, failed};
use crate::load::p50_ms;

/// The median time of an appended 4 KiB and its fdatasync, in milliseconds.
pub(crate) async fn fdatasync(directory: &Path, times: usize) -> Result<f64, BenchError> {
    let path = directory.join("fdatasync");
    let measured = tokio::task::spawn_blocking(move || {
        let mut file = File::create(path)?;
        let mut took = Vec::with_capacity(times);
        for _ in 0..times {
            let begun = Instant::now();
            file.write_all(&[0x5a; 4096])?;
            file.sync_data()?;
            took.push(begun.elapsed());
        }
        Ok::<_, std::io::Error>(p50_ms(took))
    });
    measured
        .await
        .map_err(failed("fdatasync"))?
        .map_err(failed("fdatasync"))
}
