//! Measures the memory that the shipper takes while it cannot deliver any line of a long file.

use std::{
    net::TcpListener,
    path::Path,
    process, thread,
    time::{Duration, Instant},
};

use tracing_stamp::ship::{Loki, Shipper};

use super::folder::{FILE, Folder, child};
use crate::process::peak_memory;

/// How long the shipper tries.
const LAST: Duration = Duration::from_secs(20);
/// The documented maximum, in MiB.
const MOST: f64 = 32.0;

/// # Errors
///
/// If the shipper takes more memory than documented.
pub fn print(lines: usize) -> Result<(), String> {
    let folder = Folder::new(&format!("memory-{}", process::id()))?;
    child("file", lines, folder.path());
    let file = folder.path().join(FILE);
    let bytes = file.metadata().map_err(|error| error.to_string())?.len();
    let numbers = child("nowhere", lines, folder.path());
    let (start, peak) = (numbers[0], numbers[1]);
    println!(
        "{lines} lines, {} MiB, for {} s to a port on which nothing listens: {peak:.1} MiB at the peak, {:.1} MiB more than at the start",
        bytes >> 20,
        LAST.as_secs(),
        peak - start,
    );
    (peak - start < MOST)
        .then_some(())
        .ok_or(format!("the maximum is {MOST} MiB"))
}

/// Runs the child. It prints the peak at the start and at the end, in MiB.
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
        // As an application does that continues to log.
        shipping.wake();
    }
    let stats = shipping.stats();
    if stats.shipped() > 0 || stats.retried() == 0 {
        return Err("the shipper did not fail".into());
    }
    if shipping.shutdown(Duration::from_secs(1)).unshipped_bytes() == 0 {
        return Err("no line is left".into());
    }
    println!("{start} {}", mebibytes());
    Ok(())
}
