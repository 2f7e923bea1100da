//! tracing-stamp writes lines for the life of a span, whose messages are `new`, `enter`, `exit` and `close`. A closing line has the times of
//! the span.

use super::{super::members::Members, adapted::Adapted, life};

/// The names of time, level and message in its schemas. Each line begins with them, unless a tool has sorted its members.
const STARTS: [[&str; 3]; 4] = [
    ["timestamp", "level", "message"],
    ["@timestamp", "log.level", "message"],
    ["time", "severity", "message"],
    ["timestamp", "status", "message"],
];

/// The names under which it says whether the trace is sampled.
const FLAGS: [&str; 2] = ["traceflags", "logging.googleapis.com/tracesampled"];

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    // The names of the target in its schemas. `with_target(false)` leaves the target out.
    let has_target = ["target", "log.logger", "logger.name"]
        .iter()
        .any(|key| members.has(key));
    let starts = || {
        let keys: Vec<_> = members.iter().take(3).map(|member| &*member.key).collect();
        STARTS.iter().any(|start| *start == *keys)
    };
    let has_times = members.has("busyms") && members.has("idlems");
    // In another order, the names alone could be those of another logger.
    let is_sorted_line = || {
        let has_flags = FLAGS.iter().any(|key| members.has(key));
        let has_all = |names: &[&str; 3]| names.iter().all(|key| members.has(key));
        (has_times || has_flags) && STARTS.iter().any(has_all)
    };
    if !(members.has("spanname") && (has_target || starts() || is_sorted_line())) {
        return None;
    }
    Some(Adapted::with_moment(life::moment(members, has_times)))
}

#[cfg(test)]
mod tests {
    use super::{super::super::understood::Moment, *};

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn only_lines_of_a_span_are_about_its_life() {
        for (line, moment) in [
            (
                r#"{"message":"enter","target":"app","span_name":"a"}"#,
                Some(Moment::Enter),
            ),
            (
                r#"{"message":"enter","log.logger":"app","span_name":"a"}"#,
                Some(Moment::Enter),
            ),
            (
                r#"{"timestamp":"t","level":"INFO","message":"new","span_name":"a"}"#,
                Some(Moment::New),
            ),
            (
                r#"{"time":"t","severity":"INFO","message":"close","span_name":"a","busy_ms":1,"idle_ms":2}"#,
                Some(Moment::Close),
            ),
            (
                r#"{"timestamp":"t","level":"ERROR","message":"exit","target":"app","span_name":"a"}"#,
                None,
            ),
            (r#"{"message":"enter","span_name":"a"}"#, None),
            (r#"{"message":"enter","target":"app"}"#, None),
            (
                r#"{"message":"close","target":"app","span_name":"a"}"#,
                None,
            ),
            (
                r#"{"message":"close","target":"app","span_name":"a","busy_ms":1,"idle_ms":2}"#,
                Some(Moment::Close),
            ),
            (
                r#"{"busy_ms":1,"idle_ms":2,"level":"INFO","message":"close","span_name":"a","timestamp":"t"}"#,
                Some(Moment::Close),
            ),
            (
                r#"{"logging.googleapis.com/trace_sampled":true,"message":"enter","severity":"INFO","span_name":"a","time":"t"}"#,
                Some(Moment::Enter),
            ),
            (
                r#"{"level":"INFO","message":"enter","span_name":"a","timestamp":"t"}"#,
                None,
            ),
            (
                r#"{"message":"entered","target":"app","span_name":"a"}"#,
                None,
            ),
        ] {
            let found = adapt(&mut members(line)).and_then(|adapted| adapted.moment);
            assert_eq!(found, moment, "{line}");
        }
    }
}
