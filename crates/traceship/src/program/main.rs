//! `traceship` ships log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector. It runs beside the process that writes them.
//!
//! ```sh
//! traceship --to loki=http://localhost:3100 /var/log/orders
//! ```

mod arguments;
mod help;
mod metrics;
mod preview;
mod progress;
mod redaction;
mod server;
mod settings;
mod signals;

use anyhow::Context as _;
use arguments::{Action, Arguments};
use std::{
    fmt,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};
use traceship::{Report, Shipper};

/// The exit codes that `--help` explains.
const NOT_SHIPPED: u8 = 1;
const NOT_STARTED: u8 = 2;
const TIMED_OUT: u8 = 3;
const CURSOR_UNSAVED: u8 = 4;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            say(format_args!("traceship: {error:#}"));
            ExitCode::from(NOT_STARTED)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    match arguments.action {
        Action::PrintCompletions(shell) => {
            clap_complete::generate(shell, &mut arguments::command(), "traceship", &mut out);
        }
        Action::PrintManual => clap_mangen::Man::new(arguments::command()).render(&mut out)?,
        Action::PrintTemplate => writeln!(out, "{}", settings::template(arguments)?)?,
        Action::DryRun => preview::print(settings::shipper(arguments)?)?,
        Action::Once => return Ok(conclude(&settings::shipper(arguments)?.run_once()?)),
        Action::RetryRejected => {
            return Ok(conclude(&settings::shipper(arguments)?.retry_rejected()?));
        }
        Action::Follow => return follow(arguments, settings::shipper(arguments)?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what was delivered, and returns the exit code for it.
fn conclude(report: &Report) -> ExitCode {
    let stats = report.stats();
    say(format_args!(
        "{} lines shipped, {} rejected",
        stats.shipped(),
        stats.rejected()
    ));
    let (unread, unshipped) = (report.unread_files(), report.unshipped_bytes());
    if unread > 0 || unshipped > 0 {
        say(format_args!(
            "traceship: {unread} files could not be read to their end, and {unshipped} bytes are not shipped"
        ));
    }
    if report.is_timed_out() {
        say(format_args!("traceship: the time is over"));
        return ExitCode::from(TIMED_OUT);
    }
    let is_delivered = stats.rejected() == 0 && unread == 0 && unshipped == 0;
    exit_code(report, is_delivered)
}

fn follow(arguments: &Arguments, shipper: Shipper) -> anyhow::Result<ExitCode> {
    // The handlers are installed before shipping starts, so that no signal is missed.
    let signals = signals::Signals::watch().context("the signal handlers cannot be installed")?;
    let server = arguments.metrics.map(|address| {
        server::Server::bind(address)
            .with_context(|| format!("metrics cannot be served on {address}"))
    });
    let server = server.transpose()?;
    let shipping = shipper.start()?;
    if let Some(server) = server {
        server
            .serve(&shipping.stats(), &shipping.health())
            .context("the threads that serve metrics cannot be started")?;
    }
    if io::stderr().is_terminal() {
        progress::show(shipping.stats());
    }
    signals.wait(|| shipping.reload());
    let report = shipping.shutdown(arguments.drain);
    let unshipped = report.unshipped_bytes();
    if unshipped > 0 {
        say(format_args!(
            "traceship: {unshipped} bytes are left for the next start"
        ));
    }
    Ok(exit_code(&report, unshipped == 0))
}

fn exit_code(report: &Report, is_delivered: bool) -> ExitCode {
    if !is_delivered {
        return ExitCode::from(NOT_SHIPPED);
    }
    if report.is_cursor_saved() {
        return ExitCode::SUCCESS;
    }
    say(format_args!(
        "traceship: the cursor is not saved, so the next start ships some lines again"
    ));
    ExitCode::from(CURSOR_UNSAVED)
}

/// Prints a message. If that fails, the exit code still says what was shipped.
fn say(message: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{message}");
}
