//! `traceship` ships log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector. It runs beside the process that writes them.
//!
//! ```sh
//! traceship --to loki=http://localhost:3100 /var/log/orders
//! ```

mod arguments;
mod metrics;
mod progress;
mod signals;

use anyhow::Context as _;
use arguments::Arguments;
use clap::Parser as _;
use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    time::Duration,
};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "traceship: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if arguments.print_template {
        writeln!(std::io::stdout(), "{}", arguments.template()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let shipper = arguments.shipper()?;
    if arguments.once {
        let report = shipper.run_once()?;
        let stats = report.stats();
        writeln!(
            std::io::stderr(),
            "{} lines shipped, {} rejected",
            stats.shipped(),
            stats.rejected()
        )?;
        let (unread, unshipped) = (report.unread_files(), report.unshipped_bytes());
        if unread > 0 || unshipped > 0 {
            writeln!(
                std::io::stderr(),
                "traceship: {unread} files could not be read to their end, and {unshipped} bytes are not shipped"
            )?;
        }
        return Ok(if stats.rejected() == 0 && unread == 0 && unshipped == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    // The handlers are installed before shipping starts, so that no signal is missed.
    let signals = signals::Signals::watch().context("the signal handlers cannot be installed")?;
    let shipping = shipper.start()?;
    if let Some(address) = arguments.metrics {
        metrics::serve(address, shipping.stats())
            .with_context(|| format!("metrics cannot be served on {address}"))?;
    }
    if std::io::stderr().is_terminal() {
        progress::show(shipping.stats());
    }
    signals.wait();
    let report = shipping.shutdown(Duration::from_secs(arguments.drain_seconds));
    if report.unshipped_bytes() == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        std::io::stderr(),
        "traceship: {} bytes are left for the next start",
        report.unshipped_bytes()
    )?;
    Ok(ExitCode::FAILURE)
}
