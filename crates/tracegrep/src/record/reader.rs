use super::{
    added, assemble, families,
    keys::Keys,
    members::Members,
    names::{self, Meaning},
    object, text,
    times::{Clock, Zone},
    understood::Record,
};
use log_files::{Time, Unit, Wrapping, parse_time};
use serde_json::Value;

/// Reads lines of any logger.
///
/// The keys of a line show how it is read, so a file can have lines of several loggers. Docker's and Kubernetes' lines are unwrapped. The
/// memory and the time for a line grow linearly with its length. Of an object that is cut off, the whole members are read.
///
/// ```
/// use std::time::Duration;
/// use tracegrep::{Level, Reader};
///
/// let reader = Reader::new();
/// let line = br#"{"level":50,"time":1795967385197,"pid":1,"hostname":"a","err":{"message":"declined"},"responseTime":20,"msg":"failed"}"#;
/// let record = reader.read(line);
/// assert_eq!(record.level, Some(Level::Error));
/// assert_eq!(record.time, Some(1_795_967_385_197_000_000));
/// assert_eq!(record.duration, Some(Duration::from_millis(20)));
/// assert_eq!(record.error.and_then(|error| error.message).as_deref(), Some("declined"));
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    clock: Clock,
    keys: Keys,
}

impl Reader {
    /// Returns a reader that takes times without an offset from UTC for local times of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clock: Clock {
                zone: Zone::system(),
                now: None,
            },
            keys: Keys::new(),
        }
    }

    /// Sets the offset from UTC of times that have none, in seconds. It is positive in the east.
    #[must_use]
    pub fn with_offset(mut self, seconds: i32) -> Self {
        self.clock.zone = Zone::Fixed(seconds.into());
        self
    }

    /// Sets the present time, in nanoseconds since 1970. Times without a year, such as those of syslog, are the latest that are at most a day
    /// after it. By default, it is the time of this machine.
    #[must_use]
    pub fn with_now(mut self, nanos: i64) -> Self {
        self.clock.now = Some(nanos);
        self
    }

    /// Sets further keys, beside those that are known.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// Reads a line without its newline. What is not understood is absent from the record, which can be all of it.
    #[must_use]
    pub fn read(&self, line: &[u8]) -> Record {
        let wrapping = Wrapping::detect(line);
        match wrapping.and_then(|wrapping| wrapping.part(line)) {
            Some(part) if part.is_partial => Record {
                time: parse_time(part.time).map(|time| time.nanos),
                ..Record::default()
            },
            Some(part) => {
                let mut record = self.read_stored(&part.text, part.time);
                record.service = record.service.or_else(|| tag(line));
                record
            }
            None => self.read_text(line, &self.clock).0,
        }
    }

    /// Reads a time, in nanoseconds since 1970.
    pub(super) fn time(&self, value: &Value) -> Option<i64> {
        self.clock.time(value).map(|time| time.nanos)
    }

    /// Reads a line that a container runtime has stored, from its text and from the time that the runtime adds. Use this for lines whose parts
    /// have been joined.
    ///
    /// The container can have another time zone than this machine. If a time of the logger without an offset from UTC differs from the
    /// runtime's by a whole offset, it is in the zone with this offset. Otherwise the runtime's time counts.
    #[must_use]
    pub fn read_stored(&self, text: &[u8], time: &[u8]) -> Record {
        let stored = parse_time(time);
        let zone = stored.map_or(Zone::Unknown, |time| Zone::OfLineStoredAt(time.nanos));
        let clock = Clock {
            zone,
            now: self.clock.now,
        };
        let (mut record, own) = self.read_text(text, &clock);
        record.time = match (own, stored) {
            (Some(own), Some(stored)) => Some(within(own, stored)),
            (own, stored) => own.or(stored).map(|time| time.nanos),
        };
        // The runtime's time makes each text a line of its own, also that of a stack trace.
        let is_text = !text.starts_with(b"{");
        if record.message.is_none() && record.level.is_none() && is_text {
            record.message = Some(String::from_utf8_lossy(text).into_owned());
        }
        record
    }

    /// Reads a line, and returns its time with the precision in which it is written too.
    fn read_text(&self, line: &[u8], clock: &Clock) -> (Record, Option<Time>) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches('\u{feff}');
        let line = text::without_escapes(line.trim_end());
        let Some(mut members) = members(&line, &self.keys) else {
            return Default::default();
        };
        let adapted = families::adapt(&mut members);
        self.keys.apply(&mut members);
        assemble::record(members, &adapted, clock)
    }

    /// Whether only the keys that are known count.
    pub(crate) fn has_known_keys_only(&self) -> bool {
        self.keys.is_empty()
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

/// Of longer texts, the rest is not read.
const MAX_TEXT_BYTES: usize = 1 << 20;

fn members(line: &str, keys: &Keys) -> Option<Members> {
    if line.trim_start().starts_with('{') {
        return object::members(line).map(unwrapped);
    }
    let line = start_of(line, MAX_TEXT_BYTES);
    match after_prefix(line) {
        Some(members) => Some(members),
        None => {
            let mut members = text::members(line);
            keys.apply(&mut members);
            is_line(&members).then_some(members)
        }
    }
}

/// Agents store the line of a logger as one member of an object: Fluent Bit under `log`, Loki under `line`.
const STORED: [&str; 3] = ["log", "line", "message"];

/// Returns the members of a line that an agent has stored, with those that the agent has added.
fn unwrapped(mut outer: Members) -> Members {
    let stored = STORED.iter().find_map(|key| {
        // A logger can have an object in its message too.
        let is_of_logger = *key == "message" && has(&outer, |meaning| meaning == Meaning::Level);
        let text = outer.text(key).filter(|_| !is_of_logger)?;
        Some((*key, stored(text)?))
    });
    let Some((key, mut inner)) = stored else {
        return outer;
    };
    outer.take(key);
    added::add(&mut inner, outer.into_fields());
    inner
}

fn stored(text: &str) -> Option<Members> {
    let text = text::without_escapes(text.trim_end());
    let members = match text.starts_with('{') {
        true => object::whole(&text)?,
        false => text::members(start_of(&text, MAX_TEXT_BYTES)),
    };
    is_line(&members).then_some(members)
}

/// Returns at most a number of bytes of a text, without half a character at the end.
fn start_of(text: &str, most: usize) -> &str {
    let end = text.len().min(most);
    let ends = (0..4).map(|less| end.saturating_sub(less));
    let mut starts = ends.filter_map(|end| text.get(..end));
    starts.next().unwrap_or_default()
}

/// Returns whether a line has a time, a level or a trace id. The lines of a stack trace have none of them, and are no lines of their own.
fn is_line(members: &Members) -> bool {
    use Meaning::{Level, Time, TraceId, Traceparent};
    has(members, |meaning| {
        matches!(meaning, Level | Time | TraceId | Traceparent)
    })
}

/// Returns whether a member has one of the meanings.
fn has(members: &Members, is_one: impl Fn(Meaning) -> bool) -> bool {
    members.iter().any(|member| {
        let meaning = names::meaning(&member.key);
        meaning.is_some_and(|(meaning, _)| is_one(meaning))
    })
}

/// Returns the members of an object that a tool has printed after a prefix, such as the name of the container. An object without a message, or
/// without time and level, is part of a text.
fn after_prefix(line: &str) -> Option<Members> {
    let start = line.find("{\"").filter(|_| line.ends_with('}'))?;
    let (prefix, object) = line.split_at_checked(start)?;
    let mut members = object::whole(object)?;
    let has_message = has(&members, |meaning| meaning == Meaning::Message);
    if !(has_message && is_line(&members)) {
        return None;
    }
    if let Some((pairs, _)) = text::split_syslog(prefix) {
        let pairs = pairs.into_iter();
        added::add(
            &mut members,
            pairs.map(|(name, value)| (name, value.into())),
        );
    }
    Some(members)
}

/// The time of a line from its logger and from the container runtime. The logger's counts. Only within a whole second the runtime's decides, also
/// if the runtime saw the line in the second after it, so that the order of lines stays the same.
fn within(own: Time, stored: Time) -> i64 {
    let unit = Unit::Second.nanos();
    let end = own.nanos.saturating_add(unit);
    let is_near = (own.nanos..end.saturating_add(unit)).contains(&stored.nanos);
    match own.unit == Unit::Second && is_near {
        true => stored.nanos.min(end - 1),
        false => own.nanos,
    }
}

/// Returns the tag of a container that Docker's option `tag` writes on each line.
fn tag(line: &[u8]) -> Option<String> {
    let line: Value = serde_json::from_slice(line).ok()?;
    Some(line.get("attrs")?.get("tag")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{level::Level, understood::Moment},
        *,
    };

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";
    const NANOS: i64 = 1_795_967_309_000_000_000;

    fn read(line: &str) -> Record {
        let reader = Reader::new().with_offset(0).with_now(NANOS);
        reader.read(line.as_bytes())
    }

    /// Time, level, message, service, trace id and span id.
    fn parts(record: &Record) -> (Option<i64>, Option<Level>, [Option<&str>; 4]) {
        let texts = [
            &record.message,
            &record.service,
            &record.trace_id,
            &record.span_id,
        ];
        (record.time, record.level, texts.map(|text| text.as_deref()))
    }

    #[test]
    fn loggers_without_a_family_are_read_by_their_names() {
        for line in [
            // Serilog, compact
            r#"{"@t":"2026-11-29T15:48:29Z","@m":"hello","@l":"Warning","@tr":"TRACE","@sp":"SPAN","Application":"orders"}"#,
            // .NET, JsonConsoleFormatter
            r#"{"Timestamp":"2026-11-29T15:48:29Z","LogLevel":"Warning","Message":"hello","service":"orders","Scopes":[],"TraceId":"TRACE","SpanId":"SPAN"}"#,
            // loguru, serialize
            r#"{"text":"2026 | hello","record":{"extra":{"trace_id":"TRACE","span_id":"SPAN","service":"orders"},"level":{"icon":"!","name":"WARNING","no":30},"message":"hello","time":{"repr":"2026","timestamp":1795967309.0}}}"#,
            // GELF
            r#"{"version":"1.1","host":"a","short_message":"hello","timestamp":1795967309,"level":4,"_trace_id":"TRACE","_span_id":"SPAN","_service":"orders"}"#,
            // OpenTelemetry
            r#"{"timeUnixNano":"1795967309000000000","severityNumber":13,"body":{"stringValue":"hello"},"traceId":"TRACE","spanId":"SPAN","resource":{"service.name":"orders"}}"#,
            // Google Cloud's LogEntry
            r#"{"timestamp":"2026-11-29T15:48:29Z","severity":"WARNING","jsonPayload":{"message":"hello","service":"orders"},"trace":"projects/shop/traces/TRACE","spanId":"SPAN"}"#,
            // dd-trace in Node.js
            r#"{"level":40,"time":1795967309000,"msg":"hello","dd":{"trace_id":"TRACE","span_id":"67667974448284343","service":"orders"}}"#,
            // ids somewhere
            r#"{"time":"2026-11-29T15:48:29Z","lvl":"warn","msg":"hello","app":"orders","telemetry":{"traceId":"TRACE","spanId":"SPAN"}}"#,
            // logfmt
            r#"ts=2026-11-29T15:48:29Z level=warn msg=hello service=orders trace_id=TRACE span_id=SPAN"#,
            // Python with ddtrace
            r#"2026-11-29 15:48:29,000 WARNING [app] [app.py:3] [dd.service=orders dd.env=prod dd.version= dd.trace_id=TRACE dd.span_id=67667974448284343] - hello"#,
            // .NET, with scopes
            r#"{"Timestamp":"2026-11-29T15:48:29Z","LogLevel":"Warning","Message":"hello","service":"orders","Scopes":[{"Message":"SpanId:1","SpanId":"SPAN","TraceId":"TRACE","ParentId":"0000000000000000"}]}"#,
            // Serilog, not compact
            r#"{"Timestamp":"2026-11-29T15:48:29Z","Level":"Warning","MessageTemplate":"{Text}","RenderedMessage":"hello","TraceId":"TRACE","SpanId":"SPAN","Properties":{"Text":"hello","Application":"orders"}}"#,
            // zap, for development
            r#"{"L":"WARN","T":"2026-11-29T15:48:29Z","N":"db","C":"a/main.go:7","M":"hello","service":"orders","trace_id":"TRACE","span_id":"SPAN"}"#,
            // Fluent Bit
            r#"{"date":1795967310,"log":"{\"level\":\"warn\",\"time\":\"2026-11-29T15:48:29Z\",\"msg\":\"hello\",\"trace_id\":\"TRACE\",\"span_id\":\"SPAN\"}\n","stream":"stdout","kubernetes":{"labels":{"app":"orders"},"container_name":"app"}}"#,
            r#"{"date":1795967310,"log":"2026-11-29T15:48:29Z WARN hello trace_id=TRACE span_id=SPAN","kubernetes":{"container_name":"orders"}}"#,
            // Loki
            r#"{"ts":"2026-11-29T15:48:29Z","labels":{"app":"orders"},"line":"{\"trace_id\":\"TRACE\",\"span_id\":\"SPAN\",\"level\":\"warn\",\"msg\":\"hello\"}"}"#,
            // Filebeat
            r#"{"@timestamp":"2026-11-29T15:48:30Z","message":"{\"time\":\"2026-11-29T15:48:29Z\",\"level\":\"warn\",\"msg\":\"hello\",\"service\":\"orders\",\"trace_id\":\"TRACE\",\"span_id\":\"SPAN\"}"}"#,
            // syslog
            r#"<12>1 2026-11-29T15:48:29Z host orders 123 ID47 [x trace_id="TRACE" span_id="SPAN"] hello"#,
            r#"2026-11-29T15:48:29Z host orders[123]: WARN hello trace_id=TRACE span_id=SPAN"#,
            r#"Nov 29 15:48:28 host orders[123]: {"time":"2026-11-29T15:48:29Z","level":"warn","msg":"hello","trace_id":"TRACE","span_id":"SPAN"}"#,
            // zap's console
            "2026-11-29T16:48:29.000+0100\twarn\tdb\tshop/main.go:12\thello\t{\"trace_id\": \"TRACE\", \"span_id\": \"SPAN\", \"service\": \"orders\"}",
            // Spring Boot 2 with Sleuth, and Spring Boot 3
            r#"2026-11-29 15:48:29.000  WARN [orders,TRACE,SPAN] 1 --- [nio-8080-exec-1] c.a.App : hello"#,
            r#"2026-11-29T15:48:29.000Z  WARN 1 --- [orders] [nio-8080-exec-1] [TRACE-SPAN] c.a.App : hello"#,
            // Python's logging, with ids in the message
            r#"2026-11-29 15:48:29,000 - app - WARNING - hello service=orders trace_id=TRACE span_id=SPAN"#,
            // loguru, as text
            r#"2026-11-29 15:48:29.000 | WARNING  | app:main:10 - hello | service=orders trace_id=TRACE span_id=SPAN"#,
            // logfmt, with a word
            r#"level=warn ts=2026-11-29T15:48:29Z msg=hello service=orders trace_id=TRACE span_id=SPAN cached"#,
            // level in lower case
            r#"2026-11-29T15:48:29.000Z warn hello service=orders trace_id=TRACE span_id=SPAN"#,
            // docker compose
            r#"orders-1  | {"time":"2026-11-29T15:48:29Z","level":"warn","msg":"hello","service":"orders","trace_id":"TRACE","span_id":"SPAN"}"#,
            // cut off
            r#"{"time":"2026-11-29T15:48:29Z","level":"warn","msg":"hello","service":"orders","trace_id":"TRACE","span_id":"SPAN","payload":"xx"#,
        ] {
            let line = line.replace("TRACE", TRACE).replace("SPAN", SPAN);
            let texts = ["hello", "orders", TRACE, SPAN].map(Some);
            let expected = (Some(NANOS), Some(Level::Warn), texts);
            assert_eq!(parts(&read(&line)), expected, "{line}");
        }
    }

    #[test]
    fn the_formats_of_java_have_ids_before_the_message() {
        for line in [
            "[main] WARN c.a.App trace_id: TRACE span_id: SPAN trace_flags: 01 - hello",
            "[main] WARN c.a.App [trace_id=TRACE span_id=SPAN trace_flags=01] - hello",
            "WARN  traceId=TRACE, parentId=, spanId=SPAN, sampled=true [c.a.App] (executor-1) hello",
            "WARN 1 --- [main] [traceId:TRACE spanId:SPAN] c.a.App : hello",
            "[main] WARN  c.a.App - trace_id=TRACE span_id=SPAN hello",
        ] {
            let line = line.replace("TRACE", TRACE).replace("SPAN", SPAN);
            let texts = [Some("hello"), None, Some(TRACE), Some(SPAN)];
            let record = read(&format!("2026-11-29 15:48:29.000 {line}"));
            assert_eq!(
                parts(&record),
                (Some(NANOS), Some(Level::Warn), texts),
                "{line}"
            );
            // Logback's usual format has no date.
            let record = read(&format!("15:48:29.000 {line}"));
            assert_eq!(parts(&record), (None, Some(Level::Warn), texts), "{line}");
        }
    }

    #[test]
    fn ids_with_names_are_understood_anywhere_in_a_text() {
        for (line, message) in [
            (
                "trace_id=TRACE span_id=SPAN trace_flags=01 WARN 123 --- [exec-1] c.a.App : hello",
                "hello",
            ),
            ("WARN hello [traceId=TRACE spanId=SPAN]", "hello"),
            ("WARN hello {trace_id=TRACE, span_id=SPAN}", "hello"),
            (
                r#"[WARN] hello {"trace_id":"TRACE","span_id":"SPAN"}"#,
                "hello",
            ),
            (
                "- app - WARN - [trace_id=TRACE span_id=SPAN resource.service.name= trace_sampled=True] - hello",
                "hello",
            ),
            (
                "WARN hello trace_id=TRACE and span_id=SPAN more",
                "hello trace_id=TRACE and span_id=SPAN more",
            ),
            ("WARN app: hello trace_id=TRACE, span_id=SPAN", "hello"),
            (
                "WARN [c.a.App] (main) traceId=TRACE, parentId=, spanId=SPAN, sampled=true hello",
                "hello",
            ),
            (
                "WARN  [main] trace_id=TRACE span_id=SPAN hello",
                "[main] hello",
            ),
            ("[traceId=TRACE,spanId=SPAN] WARN c.a.App - hello", "hello"),
        ] {
            let fill = |text: &str| text.replace("TRACE", TRACE).replace("SPAN", SPAN);
            let (line, message) = (fill(line), fill(message));
            for time in ["2026-11-29T15:48:29.000Z", "2026-11-29 15:48:29.000"] {
                let record = read(&format!("{time} {line}"));
                let texts = [Some(&*message), None, Some(TRACE), Some(SPAN)];
                // A target counts only after a time in UTC.
                if time.ends_with('Z') || !line.contains("app: hello") {
                    let expected = (Some(NANOS), Some(Level::Warn), texts);
                    assert_eq!(parts(&record), expected, "{line}");
                }
                let is_id = |(name, _): &&(String, Value)| {
                    name.starts_with(['t', 's']) && name.contains("id")
                };
                assert_eq!(record.fields.iter().find(is_id), None, "{line}");
            }
        }
        // A line of a stack trace.
        let line = format!("ValueError: trace_id={TRACE} is not valid");
        assert_eq!(read(&line), Record::default());
    }

    #[test]
    fn a_time_without_a_year_is_of_the_present_year() {
        for line in [
            "<12>Nov 29 15:48:29 host orders: hello trace_id=TRACE span_id=SPAN",
            "Nov 29 15:48:29 host orders[1]: WARN hello trace_id=TRACE span_id=SPAN",
            r#"W1129 15:48:29.000000       1 main.go:10] "hello" trace_id="TRACE" span_id="SPAN" service="orders""#,
        ] {
            let line = line.replace("TRACE", TRACE).replace("SPAN", SPAN);
            let texts = ["hello", "orders", TRACE, SPAN].map(Some);
            let expected = (Some(NANOS), Some(Level::Warn), texts);
            assert_eq!(parts(&read(&line)), expected, "{line}");
        }
    }

    #[test]
    fn lines_that_are_no_lines_of_a_logger_are_absent() {
        for line in [
            "",
            "then 🙈",
            "a=1 b=2",
            "  File \"/app/x.py\", line 3, in pay",
            "\tat App.pay(App.java:10)",
            "Caused by: java.lang.NumberFormatException: For input string: \"12x\"",
            "ValueError: invalid literal for int() with base 10: '12x'",
            "main.main()",
            "\t/app/main.go:54 +0x1d",
            "}",
            "{",
            "{ not json",
            "[1,2]",
            "null",
        ] {
            assert_eq!(read(line), Record::default(), "{line}");
        }
    }

    #[test]
    fn a_number_whose_unit_is_not_known_stays_a_field() {
        for name in ["duration", "took", "elapsed", "time_taken", "request_time"] {
            let record = read(&format!(
                r#"{{"time":"2026-11-29T15:48:29Z","level":"info","msg":"m","{name}":23}}"#
            ));
            assert_eq!(record.duration, None, "{name}");
            assert_eq!(record.fields, [(name.to_owned(), 23.into())]);
        }
    }

    #[test]
    fn a_time_with_the_abbreviation_of_a_zone_is_absent_and_the_line_is_read() {
        for (zone, time) in [
            ("+00", Some(NANOS)),
            (" UTC", Some(NANOS)),
            (" GMT", Some(NANOS)),
            (" CET", None),
            (" PST", None),
        ] {
            let line = format!("2026-11-29 15:48:29{zone} ERROR hello");
            let texts = [Some("hello"), None, None, None];
            let expected = (time, Some(Level::Error), texts);
            assert_eq!(parts(&read(&line)), expected, "{zone}");
        }
    }

    #[test]
    fn a_string_that_is_not_valid_costs_no_other_member() {
        for (text, expected) in [
            (r"cut \ud83d", "cut \u{fffd}"),
            (r"\x41", r"\x41"),
            ("a\tb", "a\tb"),
        ] {
            let line = format!(
                r#"{{"time":"2026-11-29T15:48:29Z","level":"warn","msg":"{text}","service":"orders","trace_id":"{TRACE}","span_id":"{SPAN}"}}"#
            );
            let texts = [expected, "orders", TRACE, SPAN].map(Some);
            for line in [line.clone(), format!("orders-1  | {line}")] {
                let expected = (Some(NANOS), Some(Level::Warn), texts);
                assert_eq!(parts(&read(&line)), expected, "{line}");
            }
        }
    }

    #[test]
    fn lines_about_the_life_of_a_span_need_no_target() {
        for (line, moment) in [
            ("INFO request{id=1}: app: new", Some(Moment::New)),
            ("INFO request{id=1}: new", Some(Moment::New)),
            ("DEBUG request{id=1}:inner{n=2}: enter", Some(Moment::Enter)),
            (
                "INFO request{id=1}: close time.busy=28.1ms time.idle=164µs",
                Some(Moment::Close),
            ),
            ("INFO request{id=1}: close", None),
            ("INFO request{id=1}: exit code=3", None),
            ("INFO request{id=1}: app: exit code=3", None),
            ("ERROR request{id=1}: exit", None),
            ("ERROR request{id=1}: app: exit", None),
            ("INFO exit", None),
        ] {
            let record = read(&format!("2026-11-29T15:48:29Z {line}"));
            assert_eq!(record.moment, moment, "{line}");
        }
    }

    #[test]
    fn spans_without_a_target_have_their_ids() {
        let record = read(&format!(
            "2026-11-29T15:48:29Z  INFO request{{trace_id={TRACE} span_id={SPAN}}}: hello n=1"
        ));
        let texts = [Some("hello"), None, Some(TRACE), Some(SPAN)];
        assert_eq!(parts(&record), (Some(NANOS), Some(Level::Info), texts));
    }

    #[test]
    fn an_object_in_a_text_is_part_of_the_message() {
        let record = read(r#"2026-11-29T15:48:29Z INFO app: order {"id":8}"#);
        assert_eq!(record.message.as_deref(), Some(r#"order {"id":8}"#));
    }

    #[test]
    fn an_object_in_the_message_of_a_logger_is_no_line() {
        let inner = r#"{"level":"error","msg":"inner"}"#;
        for line in [
            serde_json::json!({"time": "2026-11-29T15:48:29Z", "level": "info", "message": inner}),
            serde_json::json!({"time": "2026-11-29T15:48:29Z", "level": "info", "message": "2026 ERROR x"}),
        ] {
            let record = read(&line.to_string());
            assert_eq!(record.level, Some(Level::Info));
            assert_eq!(record.message.as_deref(), line["message"].as_str());
        }
    }

    #[test]
    fn within_a_whole_second_the_time_of_the_container_counts() {
        let stored = "2026-11-29T15:48:29.550260001Z stdout F ";
        for (time, expected) in [
            (r#""2026-11-29T15:48:29Z""#, NANOS + 550_260_001),
            (r#""2026-11-29T15:48:28Z""#, NANOS - 1),
            (r#""2026-11-29T15:48:27Z""#, NANOS - 2_000_000_000),
            (r#""2026-11-29T15:48:30Z""#, NANOS + 1_000_000_000),
            (r#""2026-11-29T15:48:29.550Z""#, NANOS + 550_000_000),
            (r#""2026-11-29T15:48:29.549Z""#, NANOS + 549_000_000),
            (r#""2026-11-29T15:48:28.1234567Z""#, NANOS - 876_543_300),
            // In a zone whose offset follows from the container's time.
            (r#""2026-11-29 17:48:29,550""#, NANOS + 550_000_000),
            (r#""2026-11-29 10:18:29,550""#, NANOS + 550_000_000),
            (r#""2026-11-29 17:48:29""#, NANOS + 550_260_001),
            // In no such zone.
            (r#""2026-11-29 17:58:29,550""#, NANOS + 550_260_001),
            ("null", NANOS + 550_260_001),
        ] {
            let line = format!(r#"{stored}{{"level":"info","time":{time}}}"#);
            let record = read(&line);
            assert_eq!(record.time, Some(expected), "{time}");
            assert_eq!(record.fields, [], "{time}");
        }
    }

    #[test]
    fn the_text_of_a_container_is_its_message() {
        let stored = r#"{"log":"hello\n","stream":"stdout","attrs":{"tag":"orders"},"time":"2026-11-29T15:48:29Z"}"#;
        let texts = [Some("hello"), Some("orders"), None, None];
        assert_eq!(parts(&read(stored)), (Some(NANOS), None, texts));
        let part = r#"{"log":"{\"level\":\"inf","stream":"stdout","time":"2026-11-29T15:48:29Z"}"#;
        assert_eq!(parts(&read(part)), (Some(NANOS), None, [None; 4]));
    }

    #[test]
    fn only_the_start_of_a_long_text_is_read() {
        let line = format!("2026-11-29T15:48:29Z INFO {}", "é".repeat(MAX_TEXT_BYTES));
        let message = read(&line).message.unwrap_or_default();
        assert!(message.len() < MAX_TEXT_BYTES && message.chars().all(|c| c == 'é'));
    }

    #[test]
    fn a_local_time_has_the_offset_that_is_set() {
        let line = b"2026-11-29 17:48:29,000 INFO hello";
        let record = Reader::new().with_offset(7_200).read(line);
        assert_eq!(record.time, Some(NANOS));
    }

    #[test]
    fn empty_ids_are_absent_and_no_fields() {
        let line = r#"{"level":"info","msg":"m","trace_id":"","span_id":null,"parent_span_id":null,"otelTraceID":"0","parentId":"0000000000000000","request_id":"d09d54c50ae562e998b09353dbe9e88b"}"#;
        let record = read(line);
        assert_eq!((&record.trace_id, &record.span_id), (&None, &None));
        let names: Vec<_> = record.fields.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["otelTraceID", "request_id"]);
    }
}
