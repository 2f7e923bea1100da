//! The format for terminals.

use super::{all_rules, case::table, faults::Faults, support::Lines, ways::WAYS};
use tracing_stamp::setup::{Format, setup};

#[test]
fn no_secret_is_left_in_the_format_for_terminals_and_no_look_alike_is_harmed() {
    let lines = Lines::default();
    let keys = table().iter().map(|case| case.key.as_str());
    let keys: Vec<&str> = keys.collect();
    let (dispatch, guard) = setup()
        .with_filter("trace")
        .with_format(Format::Pretty)
        .with_redaction(all_rules())
        .configure_layer(|layer| layer.with_baggage(keys))
        .with_unstamped_report(false)
        .with_diagnostics(|_| ())
        .with_writer(lines.clone())
        .build()
        .expect("the set-up is valid");
    let mut faults = Faults::default();
    tracing::dispatcher::with_default(&dispatch, || {
        for way in WAYS {
            for case in table() {
                lines.clear();
                (way.log)(case);
                let text = lines.text();
                // The fraction of the time may have any digits, and so have the ids at the end.
                let rest = text.split_once('Z').map_or("", |(_, rest)| rest);
                let rest = rest
                    .rsplit_once(" trace_id=")
                    .map_or(rest, |(rest, _)| rest);
                let fault = case.fault(rest, &[rest.to_owned()]);
                faults.add(case, way.name, fault, &text);
            }
        }
    });
    drop(guard);
    faults.assert_none(WAYS.len() * table().len());
}
