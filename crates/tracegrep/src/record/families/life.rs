//! Lines about the life of a span, as the `fmt` layer of tracing-subscriber and tracing-stamp write them.

use super::super::{level::Level, members::Members, understood::Moment};

/// Returns what a line says about the life of its span, if its message is exactly that of such a line.
///
/// A closing line has the times of the span, which no event has. The other lines look like events with these messages. At WARN or above an
/// event matters more than a line about a span, so such a line counts as an event.
pub(super) fn moment(members: &Members, has_times: bool) -> Option<Moment> {
    let moment = Moment::of_message(members.text("message")?)?;
    let is_certain = match moment {
        Moment::Close => has_times,
        Moment::New | Moment::Enter | Moment::Exit => {
            let names = ["level", "log.level", "severity", "status"];
            let level = names.iter().find_map(|name| members.text(name));
            level.and_then(Level::of_name).unwrap_or(Level::Info) < Level::Warn
        }
    };
    is_certain.then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_and_errors_are_events_unless_they_have_the_times_of_a_span() {
        for (level, message, has_times, expected) in [
            ("INFO", "exit", false, Some(Moment::Exit)),
            ("WARN", "exit", false, None),
            ("ERROR", "new", false, None),
            ("ERROR", "close", true, Some(Moment::Close)),
            ("INFO", "close", false, None),
            ("INFO", "exit ", false, None),
        ] {
            let mut members = Members::default();
            members.push("level", level);
            members.push("message", message);
            assert_eq!(moment(&members, has_times), expected, "{level} {message}");
        }
    }
}
