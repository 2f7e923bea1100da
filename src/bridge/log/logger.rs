use super::{
    key_values::{KeyValues, plain},
    level, log_always,
};
use crate::{
    bridge::{
        values::{Copies, resolve},
        wanted::{Wanted, offer},
    },
    layer::was_logged_recently,
    site::{self, Name, Place, Site},
};
use log::{Log, Metadata, Record};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tracing_core::{Level, LevelFilter};

/// The name of all events that come from `log`.
const EVENTS: &str = "log record";

/// A [`log::Log`] that passes records to the current `tracing` subscriber. Use it instead of [`install`](super::install) to combine it
/// with other loggers, or to put it behind one.
///
/// ```
/// use log::{Log as _, Record};
///
/// let logger = tracing_stamp::bridge::log::Logger::new();
/// logger.log(&Record::builder().args(format_args!("by hand")).build());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Logger {
    _private: (),
}

impl Logger {
    /// Creates a logger. It has no state.
    ///
    /// ```
    /// let logger = tracing_stamp::bridge::log::Logger::new();
    /// log::set_boxed_logger(Box::new(logger))?;
    /// # Ok::<(), log::SetLoggerError>(())
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

impl Log for Logger {
    /// Returns whether a record may be wanted. A filter that decides for each record is not asked, and counts as wanting it: per-layer
    /// filters remember a decision until the record arrives, and after this call it may never arrive.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        level::follow();
        if log_always::is_probe(metadata.target()) {
            return true;
        }
        let level = level::of(metadata.level());
        if level > LevelFilter::current() {
            return false;
        }
        let place = Place {
            events: EVENTS,
            level,
            target: Name::Borrowed(metadata.target()),
            module: None,
            file: None,
            line: None,
        };
        site::find(&place, &[]).is_none_or(|site| !site.interest().is_never())
    }

    fn log(&self, record: &Record<'_>) {
        level::follow();
        let level = level::of(record.level());
        if level > LevelFilter::current() || is_copy(record) {
            return;
        }
        if let Some(site) = recent(record, level)
            && let Some(values) = plain(record.key_values(), site)
        {
            offer(site, record.args(), &values);
        } else {
            log_slow_path(record, level);
        }
    }

    fn flush(&self) {}
}

/// Returns whether a record is `tracing`'s copy of an event, or of an event in a span's life, which its feature `log-always` makes.
/// Such an event is written already.
///
/// A file name from `log`'s macros is marked as `'static`. In `tracing`'s records it is not, although it is static too.
#[inline]
fn is_copy(record: &Record<'_>) -> bool {
    match (record.file_static(), record.file(), record.line()) {
        (None, Some(file), Some(line)) => is_of_tracing(record.target(), file, line),
        _ => false,
    }
}

#[cold]
fn is_of_tracing(target: &str, file: &str, line: u32) -> bool {
    log_always::is_probe(target)
        || ((matches!(target, "tracing::span" | "tracing::span::active")
            || was_logged_recently(target, file, line))
            && log_always::is_enabled())
}

/// Returns the site of the last record that this thread logged from the same macro.
#[inline]
fn recent(record: &Record<'_>, level: Level) -> Option<&'static Site> {
    site::recent(&Place {
        events: EVENTS,
        level,
        target: Name::Borrowed(record.target()),
        module: Some(Name::Static(record.module_path_static()?)),
        file: Some(Name::Static(record.file_static()?)),
        line: record.line(),
    })
}

/// Logs a record of any kind.
#[cold]
fn log_slow_path(record: &Record<'_>, level: Level) {
    let place = place(record, level);
    let mut copies = Copies::new();
    let mut key_values = KeyValues::of(record.key_values());
    let site = site::find_of_one(&place, &key_values.names);
    let Some(wanted) = Wanted::of(&place, site, false) else {
        return;
    };
    // A filter may now expect the event, so it is dispatched even if a value panics, with the values before that one.
    let copied = catch_unwind(AssertUnwindSafe(|| key_values.copy_rest(&mut copies)));
    resolve(&mut key_values.values, &copies);
    wanted.emit(&place, &key_values.names, record.args(), &key_values.values);
    if let Err(panic) = copied {
        resume_unwind(panic);
    }
}

fn place<'a>(record: &Record<'a>, level: Level) -> Place<'a> {
    let name = |fixed: Option<&'static str>, name: Option<&'a str>| {
        fixed.map(Name::Static).or(name.map(Name::Borrowed))
    };
    let (target, module) = (record.target(), record.module_path_static());
    Place {
        events: EVENTS,
        level,
        // By default the target is the very text of the module.
        target: match module {
            Some(module) if std::ptr::eq(module, target) => Name::Static(module),
            _ => Name::Borrowed(target),
        },
        module: name(module, record.module_path()),
        file: name(record.file_static(), record.file()),
        line: record.line(),
    }
}
