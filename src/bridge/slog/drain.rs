use super::{
    collect::{Collect, Collected},
    origin,
    recent::Recent,
};
use crate::{
    bridge::{
        values::{Copies, ON_STACK, resolve},
        wanted::{Wanted, emit_at, is_place_enabled},
    },
    site::{self, Enabled, Name, Place, Site},
};
use slog::{Drain, OwnedKVList, Record};
use smallvec::SmallVec;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tracing_core::{Level, LevelFilter};

/// A [`slog::Drain`] that passes records to the current `tracing` subscriber, on the thread that logs.
///
/// The key-values of the record and of its loggers become fields; if several have the same key, the innermost is written. Target and
/// module are the record's module, and file and line are the record's own. If the tag differs from the module, it is the field
/// `slog.tag`.
///
/// Filters decide by module and level before any value is computed, with one exception: if only per-layer filters that decide anew for
/// each event reject a record, `tracing_subscriber` does not report that, and the values are computed in vain.
///
/// | slog | `tracing` |
/// |---|---|
/// | `Critical` | ERROR, with the field `slog.level` set to `CRITICAL` |
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
/// An error while serializing a value is reported in the field `slog.error`.
///
/// Behind `slog_async`, this drain would run on another thread, which has neither the ids nor the spans. Put it in front of
/// `slog_async`, or beside it.
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
    /// Creates a drain. It has no state.
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

impl Drain for TracingDrain {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, record: &Record<'_>, loggers: &OwnedKVList) -> Result<(), slog::Never> {
        // Records that come from `tracing` are already written there.
        let level = level(record.level());
        if level <= LevelFilter::current() && !origin::is_from_tracing(record) {
            log(record, level, loggers);
        }
        Ok(())
    }

    /// Does nothing, since nothing is buffered.
    fn flush(&self) -> Result<(), slog::FlushError> {
        Ok(())
    }

    /// Returns whether `tracing`'s maximum level lets a record through.
    fn is_enabled(&self, level: slog::Level) -> bool {
        self::level(level) <= LevelFilter::current()
    }
}

fn log(record: &Record<'_>, level: Level, loggers: &OwnedKVList) {
    let place = Place {
        events: origin::EVENTS,
        level,
        target: Name::Static(record.module()),
        module: Some(Name::Static(record.module())),
        file: Some(Name::Static(record.file())),
        line: Some(record.line()),
    };
    let is_critical = record.level() == slog::Level::Critical;
    let has_tag = !record.tag().is_empty() && record.tag() != record.module();
    let recent = Recent::of(&place).filter(|_| !is_critical && !has_tag);
    let (expected, enabled) = enabled(&place, recent);
    if enabled == Enabled::No {
        return;
    }
    let mut copies = Copies::new();
    let mut collected = Collected::new(expected);
    let mut collect = Collect::into(&mut collected, &mut copies);
    if is_critical {
        collect.push("slog.level", "CRITICAL");
    }
    if has_tag {
        collect.push("slog.tag", record.tag());
    }
    // A filter may now expect the event, so it is dispatched even if a value panics, with the values before that one.
    let taken = catch_unwind(AssertUnwindSafe(|| collect.take(record, loggers)));
    if taken.is_err() {
        collected.finish_after_panic();
    }
    if collected.expected.is_none() || !copies.are_all_texts() {
        resolve(collected.values_mut(), &copies);
    }
    match collected.expected {
        Some(recent) => emit_at(
            recent.site,
            record.msg(),
            collected.values(),
            copies.texts(),
        ),
        None => {
            let is_ordinary = taken.is_ok() && !is_critical && !has_tag;
            let site = log_slow_path(record, &place, enabled, &collected, &copies);
            if let Some(site) = site.filter(|_| is_ordinary) {
                let of_loggers = collected.of_loggers();
                Recent { site, of_loggers }.remember(&place);
            }
        }
    }
    if let Err(panic) = taken {
        resume_unwind(panic);
    }
}

/// Asks whether the filters want a record, before its values are computed. Asks about the call site that the record most likely has,
/// or otherwise about its place.
#[inline]
fn enabled(place: &Place<'_>, recent: Option<Recent>) -> (Option<Recent>, Enabled) {
    if let Some(recent) = recent {
        let enabled = recent.site.is_enabled();
        if enabled != Enabled::No || recent.site.keys().is_empty() {
            return (Some(recent), enabled);
        }
        // A filter may have rejected a key that this record does not have.
        Recent::forget(place);
    }
    (None, is_place_enabled(place))
}

/// Logs a record with other keys than expected. Returns its call site if the record was wanted and has its own.
#[cold]
fn log_slow_path(
    record: &Record<'_>,
    place: &Place<'_>,
    enabled: Enabled,
    collected: &Collected<'_>,
    copies: &Copies,
) -> Option<&'static Site> {
    let names: SmallVec<[Name<'_>; ON_STACK]> = collected.names(copies).collect();
    let site = site::find(place, &names);
    let wanted = Wanted::of(place, site, enabled == Enabled::Asked)?;
    wanted.emit(place, &names, record.msg(), collected.values());
    site.filter(|site| !site.is_shared() && site.keys().len() <= ON_STACK)
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
