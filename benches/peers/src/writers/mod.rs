//! Measures the writers behind the layer: lines per second to a file, lost lines, and the time of one event with a slow sink. Each
//! measurement is a child process. The peer is `tracing-appender`'s `non_blocking`.

mod contender;
mod latency;
mod load;
mod report;
mod slow;
mod throughput;

use self::contender::Contender;
pub use self::report::print;

/// Runs one child. The parent reads its output.
pub fn run(name: &str, kind: &str, n: usize, threads: usize) -> Result<(), String> {
    let contender = Contender::find(name)?;
    match kind {
        "throughput" => println!("{}", throughput::run(contender, n, threads)),
        "latency" => println!("{}", latency::run(contender, n)),
        _ => return Err(format!("{kind:?} is neither throughput nor latency")),
    }
    Ok(())
}
