//! `RUST_LOG`: an invalid directive does not stop the service, and the filter does not hide the spans around a line.

use super::{
    children::{ChildOutput, run},
    code::lines,
    support::Exported,
};
use tracing::{debug, info, info_span, warn};
use tracing_stamp::setup;
use tracing_subscriber::fmt::format::FmtSpan;

fn service(filter: &str) -> ChildOutput {
    run("service", &[("RUST_LOG", filter)])
}

#[test]
fn blanks_around_directives_are_ignored() {
    for filter in ["info, hyper=warn", " info ,hyper = warn ,"] {
        let output = service(filter);
        assert_eq!((output.lines.len(), &*output.stderr), (2, ""), "{filter:?}");
    }
}

#[test]
fn a_misspelt_level_is_reported_once_and_corrected() {
    for (filter, lines) in [
        ("inof", 2),
        ("warning", 1),
        ("setup=inof", 2),
        ("setup=warning", 1),
    ] {
        let output = service(filter);
        assert_eq!(output.lines.len(), lines, "{filter:?}: {}", output.stdout);
        assert_eq!(
            output.stderr.matches("unknown level").count(),
            1,
            "{}",
            output.stderr
        );
        assert!(
            output.stderr.contains(&format!("`{filter}`")),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn a_target_that_resembles_a_level_is_not_corrected() {
    for target in ["tracy", "debut", "wars"] {
        let output = service(target);
        assert!(output.lines.is_empty(), "{target}: {}", output.stdout);
        let reports = output.stderr.matches("no target of the program").count();
        assert_eq!(reports, 1, "{target}: {}", output.stderr);
        assert!(
            !output.stderr.contains("unknown level"),
            "{}",
            output.stderr
        );

        let output = service(&format!("info,{target}"));
        assert_eq!((output.lines.len(), &*output.stderr), (2, ""), "{target}");
    }
}

#[test]
fn an_invalid_filter_is_reported_and_the_service_logs_at_info() {
    for filter in ["setup=loud", "[broken=info", "=", "setup=loud,other=9"] {
        let output = service(filter);
        assert_eq!(
            output.lines.len(),
            2,
            "{filter:?}: {} {}",
            output.stdout,
            output.stderr
        );
        assert!(
            output.stderr.contains("problem with the filter directive"),
            "{}",
            output.stderr
        );
        assert!(!output.stderr.contains("init:"), "{}", output.stderr);
    }
    let output = service("setup=loud,debug");
    assert_eq!(output.lines.len(), 3, "the valid directive applies");
}

#[test]
fn a_filter_that_names_nothing_in_the_program_is_reported_at_the_end() {
    let output = service("setupp,shop=debug");
    assert!(output.lines.is_empty(), "{}", output.stdout);
    assert_eq!(
        output.stderr.matches("no target of the program").count(),
        1,
        "{}",
        output.stderr
    );
    let output = service("setup");
    assert_eq!((output.lines.len(), &*output.stderr), (3, ""));
}

#[test]
fn a_line_has_the_ids_names_and_fields_of_its_spans_even_if_their_level_is_not_written() {
    for filter in ["warn", "error", "info,setup=error"] {
        let output = service(filter);
        assert_eq!(output.lines.len(), 1, "{}", output.stdout);
        let line = output.with_message("card declined");
        assert!(line.ids().is_some());
        assert_eq!(line.get("span_name"), "charge");
        assert_eq!(line.get("order"), 1017);
        assert_eq!(line.get("cents"), 129_900);
    }
}

#[test]
fn the_filter_applies_to_lines_of_a_spans_life() {
    for (filter, closing) in [("warn", 0), ("info", 1)] {
        let setup = setup()
            .with_filter(filter)
            .configure_layer(|layer| layer.with_span_events(FmtSpan::CLOSE));
        let lines = lines(setup, || info_span!("span").in_scope(|| warn!("hello")));
        let all = lines.all();
        let found = all.iter().filter(|line| line.get("message") == "close");
        assert_eq!(found.count(), closing, "{filter}: {}", lines.text());
        assert_eq!(lines.with_message("hello").get("span_name"), "span");
    }
}

#[test]
fn a_directive_of_a_span_raises_the_level_within_it() {
    let exported = Exported::new();
    let setup = setup()
        .with_tracer_provider(exported.provider.clone())
        .with_filter("warn, [request{user=7,kind=1}]=debug");
    let lines = lines(setup, || {
        info_span!("request", user = 7, kind = 1).in_scope(|| debug!("in detail"));
        info_span!("request", user = 8, kind = 1).in_scope(|| debug!("for another user"));
        info!("outside of the span");
    });
    assert_eq!(lines.all().len(), 1, "{}", lines.text());
    lines.with_message("in detail");
}

#[test]
fn log_hold_holds_what_the_filter_does_not_write_until_an_error() {
    let output = run("service", &[("LOG_HOLD", "debug")]);
    let messages: Vec<_> = output
        .lines
        .iter()
        .map(|line| line.get("message"))
        .collect();
    assert_eq!(messages, ["cart received", "detail", "card declined"]);
    assert_eq!(output.lines[1].get("held"), true);
    assert_eq!(output.stderr, "");
}

#[test]
fn an_invalid_directive_of_log_hold_is_reported_with_the_variable_and_the_service_starts() {
    let output = run("service", &[("LOG_HOLD", "setup=loud,[[[")]);
    assert_eq!(output.lines.len(), 2, "{}", output.stdout);
    for directive in ["`LOG_HOLD=setup=loud`", "`LOG_HOLD=[[[`"] {
        assert!(output.stderr.contains(directive), "{}", output.stderr);
    }
}
