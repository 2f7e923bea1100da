use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
    thread,
};
use tracing_core::{
    Event, Kind, Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    dispatcher,
    field::{FieldSet, Value},
};

/// Installs a panic hook that logs each panic as an ERROR event, with the ids of the current span. It then calls `flush`, and then the
/// previous hook, which by default prints to standard error.
///
/// The event's target is `panic`, and its message is that of the panic. Its fields have the names of OpenTelemetry's semantic conventions:
/// `exception.type` (always `panic`), `code.file.path`, `code.line.number`, `code.column.number`, `thread.name`, and
/// `exception.stacktrace` if `RUST_BACKTRACE` enables it.
///
/// The hook runs on the thread that panics, before it unwinds, even if the panic is caught later. `flush` blocks that thread, so give it a
/// short timeout. With `panic = "abort"` the line is written too.
///
/// ```
/// use std::time::Duration;
/// use tracing_stamp::writer::{Background, log_panics};
///
/// let (writer, _guard) = Background::new(std::io::stdout()).start()?;
/// let hook_writer = writer.clone();
/// log_panics(move || drop(hook_writer.flush(Duration::from_secs(2))));
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn log_panics(flush: impl Fn() + Send + Sync + 'static) {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        log(info);
        flush();
        previous(info);
    }));
}

fn log(info: &PanicHookInfo<'_>) {
    let interest = CALLSITE.interest();
    if interest.is_never() {
        return;
    }
    let backtrace = Backtrace::capture();
    let backtrace =
        (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    let location = info.location();
    let file = location.map(|location| location.file());
    let line = location.map(|location| location.line());
    let column = location.map(|location| location.column());
    let thread = thread::current();
    // In the order of the field set. A `None` value records no field.
    let values: [Option<&dyn Value>; 7] = [
        Some(&message(info)),
        Some(&"panic"),
        Some(&file),
        Some(&line),
        Some(&column),
        Some(&thread.name()),
        Some(&backtrace),
    ];
    let values = METADATA.fields().value_set_all(&values);
    let event = Event::new(&METADATA, &values);
    dispatcher::get_default(|dispatch| {
        if !interest.is_sometimes() || dispatch.enabled(&METADATA) {
            dispatch.event(&event);
        }
    });
}

fn message<'i>(info: &'i PanicHookInfo<'_>) -> &'i str {
    let payload = info.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&'static str>().copied())
        .unwrap_or("a panic with a payload that is not a string")
}

static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);

static METADATA: Metadata<'static> = Metadata::new(
    "panic",
    "panic",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(
        &[
            "message",
            "exception.type",
            "code.file.path",
            "code.line.number",
            "code.column.number",
            "thread.name",
            "exception.stacktrace",
        ],
        Identifier(&CALLSITE),
    ),
    Kind::EVENT,
);
