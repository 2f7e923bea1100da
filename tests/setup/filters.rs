//! What `RUST_LOG` says: a wrong one stops nothing, and spans are on lines whatever it says.

use super::{
    children::{Said, run},
    code::lines,
    support::Exported,
};
use tracing::{debug, info, info_span, warn};
use tracing_stamp::setup;
use tracing_subscriber::fmt::format::FmtSpan;

fn service(filter: &str) -> Said {
    run("service", &[("RUST_LOG", filter)])
}

#[test]
fn blanks_around_directives_are_no_part_of_them() {
    for filter in ["info, hyper=warn", " info ,hyper = warn ,"] {
        let said = service(filter);
        assert_eq!((said.lines.len(), &*said.err), (2, ""), "{filter:?}");
    }
}

#[test]
fn a_misspelt_level_is_reported_once_and_what_was_meant_is_used() {
    for (filter, lines) in [
        ("inof", 2),
        ("warning", 1),
        ("setup=inof", 2),
        ("setup=warning", 1),
    ] {
        let said = service(filter);
        assert_eq!(said.lines.len(), lines, "{filter:?}: {}", said.out);
        assert_eq!(said.err.matches("unknown level").count(), 1, "{}", said.err);
        assert!(said.err.contains(&format!("`{filter}`")), "{}", said.err);
    }
}

#[test]
fn a_filter_that_cannot_be_read_is_reported_and_the_service_logs_at_info() {
    for filter in ["setup=loud", "[broken=info", "=", "setup=loud,other=9"] {
        let said = service(filter);
        assert_eq!(said.lines.len(), 2, "{filter:?}: {} {}", said.out, said.err);
        assert!(
            said.err.contains("problem with the filter directive"),
            "{}",
            said.err
        );
        assert!(!said.err.contains("init:"), "{}", said.err);
    }
    let said = service("setup=loud,debug");
    assert_eq!(said.lines.len(), 3, "the right directive is obeyed");
}

#[test]
fn a_filter_that_names_nothing_in_the_program_is_reported_at_the_end() {
    let said = service("setupp,shop=debug");
    assert!(said.lines.is_empty(), "{}", said.out);
    assert_eq!(
        said.err.matches("no target of the program").count(),
        1,
        "{}",
        said.err
    );
    let said = service("setup");
    assert_eq!((said.lines.len(), &*said.err), (3, ""));
}

#[test]
fn a_warning_has_the_ids_names_and_fields_of_its_spans_also_where_only_warnings_are_written() {
    for filter in ["warn", "error", "info,setup=error"] {
        let said = service(filter);
        assert_eq!(said.lines.len(), 1, "{}", said.out);
        let line = said.with_message("card declined");
        assert!(line.ids().is_some());
        assert_eq!(line.get("span_name"), "charge");
        assert_eq!(line.get("order"), 1017);
        assert_eq!(line.get("cents"), 129_900);
    }
}

#[test]
fn lines_of_a_spans_life_obey_the_filter() {
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
        info_span!("request", user = 8, kind = 1).in_scope(|| debug!("not this one"));
        info!("nor this one");
    });
    assert_eq!(lines.all().len(), 1, "{}", lines.text());
    lines.with_message("in detail");
}
