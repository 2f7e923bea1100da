//! What stands behind the layer: lines per second to a file and how many are lost, and how long one event takes whose sink is
//! slow. Each measurement is a child process; `tracing-appender`'s `non_blocking` is the peer.

mod contender;
mod latency;
mod report;
mod slow;
mod throughput;

use self::contender::Contender;
pub use self::report::print;

/// Runs one child: what it prints is read by the parent.
pub fn run(name: &str, kind: &str, n: usize, threads: usize) -> Result<(), String> {
    let contender = Contender::find(name)?;
    match kind {
        "throughput" => println!("{}", throughput::run(contender, n, threads)),
        "latency" => println!("{}", latency::run(contender, n)),
        _ => return Err(format!("{kind:?} is neither throughput nor latency")),
    }
    Ok(())
}
