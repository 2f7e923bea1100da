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
