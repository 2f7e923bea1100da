//! tracing-stamp writes lines for the life of a span, whose messages are `new`, `enter`, `exit` and `close`. A closing line has the times of
//! the span.

use super::{
    super::{members::Members, understood::Moment},
    adapted::Adapted,
};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    // The names of the target in its schemas.
    let has_target = ["target", "log.logger", "logger.name"]
        .iter()
        .any(|key| members.has(key));
    if !(has_target && members.has("spanname")) {
        return None;
    }
    let moment = members.text("message").and_then(Moment::of_message);
    let has_times = members.has("busyms") && members.has("idlems");
    let moment = moment.filter(|moment| *moment != Moment::Close || has_times);
    Some(Adapted::with_moment(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

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
                r#"{"message":"entered","target":"app","span_name":"a"}"#,
                None,
            ),
        ] {
            let found = adapt(&mut members(line)).and_then(|adapted| adapted.moment);
            assert_eq!(found, moment, "{line}");
        }
    }
}
