use super::{
    collect::{Collect, Collected},
    layer,
};
use crate::{
    bridge::{
        values::{Copies, ON_STACK, settle},
        wanted::{Wanted, is_place_enabled},
    },
    site::{self, Enabled, Name, Place},
};
use slog::{Drain, OwnedKVList, Record};
use smallvec::SmallVec;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tracing_core::{Level, LevelFilter};

/// The name of all events that come from slog.
pub(super) const EVENTS: &str = "slog record";

/// A [`slog::Drain`] that hands records to the current `tracing` subscriber, on the thread that logs.
///
/// The record's own key-values and those of its loggers become fields; of two with one key the innermost is written. Target
/// and module are the record's module, file and line its own. A tag is the field `slog.tag`, where it is another than the
/// module.
///
/// Filters decide by module and level before any value is computed. One case is beyond them: where no layer wants a record,
/// and only because filters of single layers say so that decide anew for each event, `tracing_subscriber` does not tell, and
/// values are computed in vain.
///
/// | slog | `tracing` |
/// |---|---|
/// | `Critical` | ERROR, with the field `slog.level` that says `CRITICAL` |
/// | `Error`, `Warning`, `Info`, `Debug`, `Trace` | ERROR, WARN, INFO, DEBUG, TRACE |
///
/// | value | on the line |
/// |---|---|
/// | integers, floats, booleans, strings | as they are ([`ARCHITECTURE.md`](https://github.com/tracing-stamp/tracing-stamp/blob/main/ARCHITECTURE.md#the-line)) |
/// | bytes | base64 |
/// | errors (`#error`) | the message, and the sources as a list |
/// | `%` and `?` | text |
/// | [`SerdeValue`](slog::SerdeValue) | a scalar as it is, anything else as JSON |
/// | `None`, `()` | no field |
///
/// A value that fails to serialize is told in the field `slog.error`.
///
/// Behind `slog_async` it runs on another thread, where neither ids nor spans are current: put it in front, or beside.
///
/// ```
/// use slog::{Drain as _, Logger, o};
/// use tracing_stamp::bridge::slog::TracingDrain;
///
/// let root = Logger::root(TracingDrain::new().fuse(), o!("service" => "orders"));
/// slog::info!(root, "order placed"; "order" => 1017);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a drain does nothing until a logger has it"]
pub struct TracingDrain {
    _private: (),
}

impl TracingDrain {
    /// A drain; it has no state.
    ///
    /// ```
    /// let drain = tracing_stamp::bridge::slog::TracingDrain::new();
    /// let root = slog::Logger::root(drain, slog::o!());
    /// # let _ = root;
    /// ```
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

impl Drain for TracingDrain {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, record: &Record<'_>, loggers: &OwnedKVList) -> Result<(), slog::Never> {
        // What came from `tracing` is written there already.
        let level = level(record.level());
        if level <= LevelFilter::current() && !layer::is_from_tracing(record) {
            log(record, level, loggers);
        }
        Ok(())
    }

    /// Nothing is buffered here.
    fn flush(&self) -> Result<(), slog::FlushError> {
        Ok(())
    }

    /// Whether `tracing`'s maximum level lets a record through.
    fn is_enabled(&self, level: slog::Level) -> bool {
        self::level(level) <= LevelFilter::current()
    }
}

fn log(record: &Record<'_>, level: Level, loggers: &OwnedKVList) {
    let place = Place {
        events: EVENTS,
        level,
        target: Name::Static(record.module()),
        module: Some(Name::Static(record.module())),
        file: Some(Name::Static(record.file())),
        line: Some(record.line()),
    };
    let is_expected = match is_place_enabled(&place) {
        Enabled::No => return,
        Enabled::Always => false,
        Enabled::Asked => true,
    };
    let mut copies = Copies::new();
    let mut collected = Collected::new();
    let mut collect = Collect {
        collected: &mut collected,
        copies: &mut copies,
    };
    if record.level() == slog::Level::Critical {
        collect.push("slog.level", "CRITICAL");
    }
    if !record.tag().is_empty() && record.tag() != record.module() {
        collect.push("slog.tag", record.tag());
    }
    // A filter may expect the event now, so it comes also where a value panics: with the values before.
    let taken = catch_unwind(AssertUnwindSafe(|| collect.take(record, loggers)));
    settle(&mut collected.values, &copies);
    let names: SmallVec<[Name<'_>; ON_STACK]> = collected.names(&copies).collect();
    if let Some(wanted) = Wanted::of(&place, site::find(&place, &names), is_expected) {
        wanted.emit(&place, &names, record.msg(), &collected.values);
    }
    if let Err(panic) = taken {
        resume_unwind(panic);
    }
}

fn level(level: slog::Level) -> Level {
    match level {
        slog::Level::Critical | slog::Level::Error => Level::ERROR,
        slog::Level::Warning => Level::WARN,
        slog::Level::Info => Level::INFO,
        slog::Level::Debug => Level::DEBUG,
        slog::Level::Trace => Level::TRACE,
    }
}
