use crate::{
    record::{ErrorDetails, Moment},
    time_text,
    trace::Line,
    tree::{Span, Tree},
};
use serde_json::{Map, Value, json as object};

/// Many parsers accept no deeper nesting than 128 levels, and a span takes two.
const MAX_DEPTH: usize = 50;

/// Writes a tree as one JSON object, with a newline.
///
/// | member | value |
/// |---|---|
/// | `trace_id` | 32 hexadecimal digits |
/// | `spans` | the spans at the top, see below |
/// | `lines` | the lines that belong to no span, see below |
/// | `notes` | what is missing or inferred, as sentences for humans |
///
/// A member that is not known is absent. Times are RFC 3339 in UTC with nanoseconds, and durations are numbers of milliseconds.
///
/// | member of a span | value |
/// |---|---|
/// | `span_id`, `parent_span_id`, `name`, `service` | strings |
/// | `start`, `end` | by the clock of the service |
/// | `duration_ms` | the difference |
/// | `timing` | `exact`, from the closing line; `access_line`, from that line; `backend`, from a tracing backend; `lines`, from the first and the last line; `unknown`; `missing`, if no line belongs to the span |
/// | `parent_evidence` | how the parent is known: `closing_line`, `parent_id` on another line, `traceparent` on an access line; a tracing `backend`; inferred from a `span_list` of names, or by `containment` in time; absent if it is not known |
/// | `shift_ms` | by how much the clock is corrected in the drawing |
/// | `fields` | the fields of the span itself, if lines about its life show them |
/// | `has_error` | whether one of its lines reports an error |
/// | `is_unclosed` | whether a line says that the span has begun, and none that it has ended |
/// | `lines` | the lines of the span |
/// | `children` | the spans below it. At a depth of 50 these are all spans below it, with their `parent_span_id` |
///
/// | member of a line | value |
/// |---|---|
/// | `time`, `level`, `message`, `service`, `span_id`, `span_name`, `duration_ms` | what was understood; the level in lower case |
/// | `error` | an object with `message`, `type`, `stack` and `causes` |
/// | `moment` | `new`, `enter`, `exit` or `close`, on a line about the life of its span |
/// | `fields` | all other fields, as they were logged |
/// | `is_cut`, `is_mention` | `true`, if the line is too long, or belongs to another trace that mentions this one |
/// | `file`, `offset` | where the line is, in bytes of the decompressed text |
/// | `raw` | the line as it is in the file |
/// | `following` | the lines after it that belong to it |
#[must_use]
pub fn json(tree: &Tree<'_>) -> String {
    let spans: Vec<Value> = tree
        .roots()
        .map(|span| span_object(tree, span, 1))
        .collect();
    let lines: Vec<Value> = tree.lines_outside().map(line_object).collect();
    let object = object!({
        "trace_id": tree.trace().id().to_string(),
        "spans": spans,
        "lines": lines,
        "notes": tree.notes(),
    });
    object.to_string() + "\n"
}

fn span_object(tree: &Tree<'_>, span: &Span, depth: usize) -> Value {
    let children: Vec<Value> = match depth {
        ..MAX_DEPTH => tree
            .children(span)
            .map(|child| span_object(tree, child, depth + 1))
            .collect(),
        MAX_DEPTH => tree
            .descendants(span)
            .map(|child| span_object(tree, child, depth + 1))
            .collect(),
        _ => Vec::new(),
    };
    let lines: Vec<Value> = tree.lines_of(span).map(line_object).collect();
    let mut object = Map::new();
    let mut put = |name, value| put(&mut object, name, value);
    put("span_id", Some(span.id().into()));
    put("parent_span_id", span.parent_id().map(Value::from));
    put("parent_evidence", span.evidence().name().map(Value::from));
    put("name", span.name().map(Value::from));
    put("service", span.service().map(Value::from));
    put("start", span.start().map(time));
    put("end", span.end().map(time));
    put(
        "duration_ms",
        span.duration()
            .map(|duration| millis(duration.as_nanos() as f64)),
    );
    put("timing", Some(span.timing().name().into()));
    put(
        "shift_ms",
        (span.shift() != 0).then(|| millis(span.shift() as f64)),
    );
    put("fields", fields(span.fields()));
    put("has_error", Some(span.has_error().into()));
    put("is_unclosed", span.is_unclosed().then(|| true.into()));
    put("lines", Some(lines.into()));
    put("children", Some(children.into()));
    object.into()
}

fn line_object(line: &Line) -> Value {
    let record = line.record();
    let mut object = Map::new();
    let mut put = |name, value| put(&mut object, name, value);
    put("time", record.time.map(time));
    put("level", record.level.map(|level| level.name().into()));
    put("message", record.message.clone().map(Value::from));
    put("service", record.service.clone().map(Value::from));
    put("span_id", record.span_id.clone().map(Value::from));
    put("span_name", record.span_name.clone().map(Value::from));
    put(
        "duration_ms",
        record
            .duration
            .map(|duration| millis(duration.as_nanos() as f64)),
    );
    put("error", record.error.as_ref().map(error_object));
    put("moment", record.moment.map(|known| moment(known).into()));
    put("fields", fields(&record.fields));
    put("is_cut", line.is_cut().then(|| true.into()));
    put("is_mention", line.is_mention().then(|| true.into()));
    put("file", Some(line.source().to_string_lossy().into()));
    put("offset", Some(line.offset().into()));
    put("raw", Some(text(line.raw())));
    let following: Vec<Value> = line.following().map(text).collect();
    put(
        "following",
        (!following.is_empty()).then(|| following.into()),
    );
    object.into()
}

/// Adds a member, if its value is known.
pub(super) fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value);
    }
}

fn fields(fields: &[(String, Value)]) -> Option<Value> {
    let fields: Map<String, Value> = fields.iter().cloned().collect();
    (!fields.is_empty()).then(|| fields.into())
}

fn error_object(error: &ErrorDetails) -> Value {
    let members = [
        ("message", error.message.clone().map(Value::from)),
        ("type", error.kind.clone().map(Value::from)),
        ("stack", error.stack.clone().map(Value::from)),
        (
            "causes",
            (!error.causes.is_empty()).then(|| error.causes.clone().into()),
        ),
    ];
    let known = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.collect())
}

fn text(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into()
}

pub(super) fn time(nanos: i64) -> Value {
    time_text::rfc3339(nanos, 9).into()
}

pub(super) fn millis(nanos: f64) -> Value {
    (nanos / 1e6).into()
}

fn moment(moment: Moment) -> &'static str {
    match moment {
        Moment::New => "new",
        Moment::Enter => "enter",
        Moment::Exit => "exit",
        Moment::Close => "close",
    }
}
