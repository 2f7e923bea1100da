//! How much memory the shipper takes while nothing of a long file can be delivered.

use std::{
    net::TcpListener,
    path::Path,
    process, thread,
    time::{Duration, Instant},
};

use tracing_stamp::ship::{Loki, Shipper};

use super::folder::{FILE, Folder, child};
use crate::process::peak_memory;

/// So long it tries.
const LAST: Duration = Duration::from_secs(20);
/// What is promised, in MiB.
const MOST: f64 = 32.0;

/// # Errors
///
/// When it takes more than is promised.
pub fn print(lines: usize) -> Result<(), String> {
    let folder = Folder::new(&format!("memory-{}", process::id()))?;
    child("file", lines, folder.path());
    let file = folder.path().join(FILE);
    let bytes = file.metadata().map_err(|error| error.to_string())?.len();
    let numbers = child("nowhere", lines, folder.path());
    let (start, peak) = (numbers[0], numbers[1]);
    println!(
        "{lines} lines, {} MiB, for {} s to a port that nobody listens at: {peak:.1} MiB at the peak, {:.1} MiB more than at the start",
        bytes >> 20,
        LAST.as_secs(),
        peak - start,
    );
    (peak - start < MOST)
        .then_some(())
        .ok_or(format!("{MOST} MiB are promised"))
}

/// The child: both peaks, in MiB.
pub fn run(folder: &Path) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = listener.map_err(|error| error.to_string())?;
    let mebibytes = || peak_memory() as f64 / f64::from(1 << 20);
    let start = mebibytes();
    let loki = Loki::new(format!("http://{address}").as_str()).map_err(|e| e.to_string())?;
    let shipper = Shipper::new(loki)
        .with_files(folder.join(FILE))
        .with_diagnostics(|_| ());
    let shipping = shipper.start().map_err(|e| e.to_string())?;
    let begin = Instant::now();
    while begin.elapsed() < LAST {
        thread::sleep(Duration::from_millis(100));
        // As an application would that logs on.
        shipping.wake();
    }
    let stats = shipping.stats();
    if stats.shipped() > 0 || stats.retried() == 0 {
        return Err("it did not try in vain".into());
    }
    if shipping.shutdown(Duration::from_secs(1)).unshipped_bytes() == 0 {
        return Err("nothing is left".into());
    }
    println!("{start} {}", mebibytes());
    Ok(())
}
