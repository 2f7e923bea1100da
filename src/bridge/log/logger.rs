use super::{
    copies,
    key_values::{KeyValues, plain},
    level,
};
use crate::{
    bridge::{
        values::{Copies, settle},
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

/// A [`log::Log`] that hands records to the current `tracing` subscriber, for those who install it by other means than
/// [`install`](super::install): beside other loggers, or behind one.
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
    /// A logger; it has no state.
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
    /// Whether a record may be wanted: where a filter decides for each record, it is not asked, and the answer is yes.
    ///
    /// Filters of single layers remember what they were asked until the record comes, which after this question may be never.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        level::follow();
        if copies::is_probe(metadata.target()) {
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
            log_at_length(record, level);
        }
    }

    fn flush(&self) {}
}

/// Whether a record is `tracing`'s copy of an event or of a span's life, which its feature `log-always` makes: the event is a line
/// already.
///
/// `log`'s macros say that a file's name lives for ever, and `tracing` does not, though its names do.
#[inline]
fn is_copy(record: &Record<'_>) -> bool {
    match (record.file_static(), record.file(), record.line()) {
        (None, Some(file), Some(line)) => is_of_tracing(record.target(), file, line),
        _ => false,
    }
}

#[cold]
fn is_of_tracing(target: &str, file: &str, line: u32) -> bool {
    copies::is_probe(target)
        || ((matches!(target, "tracing::span" | "tracing::span::active")
            || was_logged_recently(target, file, line))
            && copies::are_made())
}

/// The site of the record that came last from the same macro, on this thread.
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

/// Hands over any record.
#[cold]
fn log_at_length(record: &Record<'_>, level: Level) {
    let place = place(record, level);
    let mut copies = Copies::new();
    let mut key_values = KeyValues::of(record.key_values());
    let site = site::find_of_one(&place, &key_values.names);
    let Some(wanted) = Wanted::of(&place, site, false) else {
        return;
    };
    // A filter may expect the event now, so it comes also where a value panics: with the values before.
    let taken = catch_unwind(AssertUnwindSafe(|| key_values.take_later(&mut copies)));
    settle(&mut key_values.values, &copies);
    wanted.emit(&place, &key_values.names, record.args(), &key_values.values);
    if let Err(panic) = taken {
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
        // Unless it is given, it is the module's very text.
        target: match module {
            Some(module) if std::ptr::eq(module, target) => Name::Static(module),
            _ => Name::Borrowed(target),
        },
        module: name(module, record.module_path()),
        file: name(record.file_static(), record.file()),
        line: record.line(),
    }
}
