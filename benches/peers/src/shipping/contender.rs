//! One contender, which runs in a separate process.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tracing::{Subscriber, subscriber::set_global_default};
use tracing_loki::{BackgroundTask, BackgroundTaskController, Layer};
use tracing_stamp::{
    ship::{self, Shipper},
    writer::{Background, Overflow, RollingFile},
};
use tracing_subscriber::{layer::SubscriberExt, registry::LookupSpan};

use super::{
    agent,
    folder::{FILE, LABEL, label},
    memory,
};
use crate::{contenders::otel, process, sink::Sink, workload};

/// The maximum time that anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contender {
    PeerSink,
    PeerPaced,
    Peer,
    StampSink,
    StampPaced,
    Stamp,
    StampBeside,
    Agent,
}

const ALL: [Contender; 8] = [
    Contender::PeerSink,
    Contender::PeerPaced,
    Contender::Peer,
    Contender::StampSink,
    Contender::StampPaced,
    Contender::Stamp,
    Contender::StampBeside,
    Contender::Agent,
];

/// Returns the contenders that can run here.
pub fn all() -> Vec<Contender> {
    let runs = |contender: &Contender| *contender != Contender::Agent || agent::is_installed();
    ALL.into_iter().filter(runs).collect()
}

impl Contender {
    pub fn name(self) -> &'static str {
        match self {
            Self::PeerSink => "tracing-loki's layer, into a sink",
            Self::PeerPaced => "tracing-loki, at a pace",
            Self::Peer => "tracing-loki, as fast as it can",
            Self::StampSink => "tracing-stamp's layer, into a sink",
            Self::StampPaced => "tracing-stamp, at that pace",
            Self::Stamp => "tracing-stamp, as fast as it can",
            Self::StampBeside => "tracing-stamp, an existing file",
            Self::Agent => "syslog-ng, an existing file",
        }
    }

    /// The contender that logs the same events without a server. Its cost is not a cost of shipping.
    pub fn sink(self) -> Option<Self> {
        match self {
            Self::PeerPaced | Self::Peer => Some(Self::PeerSink),
            Self::StampPaced | Self::Stamp => Some(Self::StampSink),
            _ => None,
        }
    }

    pub fn is_shipping(self) -> bool {
        !matches!(self, Self::PeerSink | Self::StampSink)
    }

    /// Whether its channel can be full, so that it loses lines.
    pub fn may_lose(self) -> bool {
        matches!(self, Self::PeerPaced | Self::Peer)
    }

    /// Whether it ships a file that another process has written.
    pub fn needs_file(self) -> bool {
        matches!(self, Self::StampBeside | Self::Agent)
    }

    fn is_paced(self) -> bool {
        matches!(self, Self::PeerPaced | Self::StampPaced)
    }
}

/// Runs one child. The parent reads its output. The folder's name is the value of its label.
pub fn run(name: &str, lines: usize, folder: &Path) -> Result<(), String> {
    match name {
        "file" => return write_file(lines, &folder.join(FILE)),
        "nowhere" => return memory::run(folder),
        _ => {}
    }
    let contender = ALL.into_iter().find(|contender| contender.name() == name);
    let contender = contender.ok_or_else(|| format!("no shipper {name:?}"))?;
    let begin = Instant::now();
    match contender {
        Contender::PeerSink => {
            // The layer formats each line, and then finds the channel closed.
            let (layer, _, task) = peer(folder)?;
            drop(task);
            install(below().with(layer));
            log(lines, false);
        }
        Contender::PeerPaced | Contender::Peer => ship_by_peer(contender, lines, folder)?,
        Contender::StampSink => {
            install(below().with(tracing_stamp::layer().with_writer(Sink::Discard)));
            log(lines, false);
        }
        Contender::StampPaced | Contender::Stamp => ship(contender, lines, folder)?,
        Contender::StampBeside => {
            let report = shipper(folder)?.run_once().map_err(|e| e.to_string())?;
            nothing_left(report.unshipped_bytes())?;
        }
        Contender::Agent => {
            let [seconds, cpu, peak] = agent::ship(lines, folder)?;
            println!("{seconds} {cpu} {peak}");
            return Ok(());
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let cpu = process::cpu_time().as_secs_f64();
    println!("{seconds} {cpu} {}", process::peak_memory());
    Ok(())
}

fn ship_by_peer(contender: Contender, lines: usize, folder: &Path) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (layer, controller, task) = peer(folder)?;
    let task = runtime.spawn(task);
    install(below().with(layer));
    log(lines, contender.is_paced());
    runtime.block_on(async {
        controller.shutdown().await;
        task.await.map_err(|error| error.to_string())
    })
}

fn peer(folder: &Path) -> Result<(Layer, BackgroundTaskController, BackgroundTask), String> {
    let url = url::Url::parse(&super::victorialogs::push_address()?)
        .map_err(|error| error.to_string())?;
    tracing_loki::builder()
        .label(LABEL, label(folder))
        .and_then(|builder| builder.build_controller_url(url))
        .map_err(|error| error.to_string())
}

fn ship(contender: Contender, lines: usize, folder: &Path) -> Result<(), String> {
    let file = RollingFile::open(folder.join(FILE)).map_err(|e| e.to_string())?;
    let started = Background::new(file)
        .with_overflow(Overflow::Block { limit: PATIENCE })
        .with_shutdown_timeout(PATIENCE)
        .start();
    let (writer, guard) = started.map_err(|e| e.to_string())?;
    let shipping = shipper(folder)?.start().map_err(|e| e.to_string())?;
    install(below().with(tracing_stamp::layer().with_writer(writer)));
    log(lines, contender.is_paced());
    drop(guard);
    nothing_left(shipping.shutdown(PATIENCE).unshipped_bytes())
}

fn nothing_left(bytes: u64) -> Result<(), String> {
    (bytes == 0)
        .then_some(())
        .ok_or(format!("{bytes} bytes were not shipped"))
}

fn shipper(folder: &Path) -> Result<Shipper, String> {
    let loki = ship::Loki::new(super::victorialogs::push_address()?.as_str())
        .and_then(|loki| loki.with_label(LABEL, &label(folder)));
    let loki = loki.map_err(|error| error.to_string())?;
    Ok(Shipper::new(loki).with_files(folder.join(FILE)))
}

/// Writes a file with the library's lines of this many events.
fn write_file(lines: usize, path: &Path) -> Result<(), String> {
    let file = fs::File::create(path).map_err(|error| error.to_string())?;
    let (writer, guard) = Background::new(file)
        .with_overflow(Overflow::Block { limit: PATIENCE })
        .with_shutdown_timeout(PATIENCE)
        .start()
        .map_err(|error| error.to_string())?;
    install(below().with(tracing_stamp::layer().with_writer(writer)));
    log(lines, false);
    drop(guard);
    Ok(())
}

/// The layers below a contender's layer: OpenTelemetry's layer, from which the library gets its ids.
fn below() -> impl Subscriber + for<'span> LookupSpan<'span> + Send + Sync {
    tracing_subscriber::registry().with(otel::layer())
}

fn install(subscriber: impl Subscriber + Send + Sync) {
    set_global_default(subscriber).expect("one subscriber per process");
}

/// At a pace, the thread rests after this many lines.
const BETWEEN_RESTS: usize = 128;

fn log(lines: usize, is_paced: bool) {
    workload::within(|| {
        for line in 0..lines {
            if is_paced && line % BETWEEN_RESTS == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            workload::event();
        }
    });
}
