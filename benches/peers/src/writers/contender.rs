use std::{io::Write, sync::Mutex, time::Duration};

use tracing::subscriber::set_global_default;
use tracing_stamp::writer::{Background, BackgroundWriter, Overflow, WorkerGuard};
use tracing_subscriber::layer::SubscriberExt;

use crate::contenders::otel;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contender {
    /// `fmt().json()` over `non_blocking` with its defaults, as in the crate documentation of tracing-appender 0.2. It drops lines
    /// when its channel is full.
    NonBlocking,
    /// The same, but the caller waits.
    NonBlockingLossless,
    StampBlock,
    StampDrop,
    /// Writes every line on the caller's thread.
    StampDirect,
}

pub const ALL: [Contender; 5] = [
    Contender::NonBlocking,
    Contender::NonBlockingLossless,
    Contender::StampBlock,
    Contender::StampDrop,
    Contender::StampDirect,
];

/// The guards that write the last lines when they are dropped.
pub enum Running {
    Stamp(BackgroundWriter, WorkerGuard),
    Appender(tracing_appender::non_blocking::WorkerGuard),
    Direct,
}

impl Contender {
    pub fn name(self) -> &'static str {
        match self {
            Self::NonBlocking => "fmt-json over non_blocking",
            Self::NonBlockingLossless => "fmt-json over non_blocking, lossy(false)",
            Self::StampBlock => "tracing-stamp over Background, Block",
            Self::StampDrop => "tracing-stamp over Background, Drop",
            Self::StampDirect => "tracing-stamp, directly",
        }
    }

    pub fn find(name: &str) -> Result<Self, String> {
        ALL.into_iter()
            .find(|contender| contender.name() == name)
            .ok_or_else(|| format!("no writer {name:?}"))
    }

    /// Installs the contender as the global default, with OpenTelemetry's layer for spans.
    pub fn install<W: Write + Send + 'static>(self, sink: W) -> Running {
        let registry = tracing_subscriber::registry().with(otel::layer());
        let (installed, running) = match self {
            Self::NonBlocking | Self::NonBlockingLossless => {
                let (writer, guard) = tracing_appender::non_blocking::NonBlockingBuilder::default()
                    .lossy(self == Self::NonBlocking)
                    .finish(sink);
                let layer = tracing_subscriber::fmt::layer().json().with_writer(writer);
                (
                    set_global_default(registry.with(layer)),
                    Running::Appender(guard),
                )
            }
            Self::StampBlock | Self::StampDrop => {
                let overflow = match self {
                    Self::StampBlock => Overflow::Block {
                        limit: Duration::from_secs(60),
                    },
                    _ => Overflow::Drop,
                };
                let (writer, guard) = Background::new(sink)
                    .with_overflow(overflow)
                    .with_shutdown_timeout(Duration::from_secs(60))
                    .start()
                    .expect("the thread starts");
                let layer = tracing_stamp::layer().with_writer(writer.clone());
                (
                    set_global_default(registry.with(layer)),
                    Running::Stamp(writer, guard),
                )
            }
            Self::StampDirect => {
                let layer = tracing_stamp::layer().with_writer(Mutex::new(sink));
                (set_global_default(registry.with(layer)), Running::Direct)
            }
        };
        installed.expect("one subscriber per process");
        running
    }
}
