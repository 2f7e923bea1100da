//! For arbitrary options, spans and fields, compares each line with what the rules in ARCHITECTURE.md require.
//!
//! The tests implement these rules a second time, on plain names and values: nothing is prepared, cached or skipped.

mod case;
mod compare;
mod keys;
mod model;
#[path = "../support/mod.rs"]
mod support;

use case::{Case, EventCase, Fields, ParentChoice, case};
use compare::Expected;
use model::Model;
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use support::{
    Line, Lines,
    dynamic::{Given, Parent, Site},
};
use tracing::{Level, Span};
use tracing_core::Kind;
use tracing_stamp::{
    FixedKey,
    opentelemetry::{Context, KeyValue, baggage::BaggageExt as _},
};
use tracing_subscriber::prelude::*;

/// Logs what the case specifies. Returns the lines as text.
fn run(case: &Case) -> String {
    let model = Model::new(case);
    let lines = Lines::default();
    let layer = case.options.layer().with_writer(lines.clone());
    let baggage = case
        .baggage
        .iter()
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let _context = Context::current_with_baggage(baggage).attach();

    let names =
        |fields: &Fields| -> Vec<String> { fields.iter().map(|(name, _)| name.clone()).collect() };
    let values =
        |fields: &Fields| -> Vec<Given> { fields.iter().map(|(_, given)| given.clone()).collect() };
    let site = |kind, name: &str, target: &str, level, fields: &Fields| {
        let names = names(fields);
        Site::new(
            kind,
            name,
            target,
            level,
            &names.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let mut spans: Vec<(Site, Span)> = Vec::new();
        let mut entered = Vec::new();
        for (index, span) in case.spans.iter().enumerate() {
            let site = site(
                Kind::SPAN,
                &span.name,
                &span.target,
                Level::INFO,
                &span.fields,
            );
            let parent = match span.parent {
                ParentChoice::Current => Parent::Current,
                ParentChoice::Root => Parent::Root,
                ParentChoice::Span(_) => model
                    .parent(index)
                    .map_or(Parent::Root, |parent| Parent::Span(&spans[parent].1)),
            };
            let opened = site.open(parent, &values(&span.fields));
            entered.push(opened.clone().entered());
            spans.push((site, opened));
        }
        let log_all = || {
            for event in &case.events {
                let site = site(
                    Kind::EVENT,
                    "event",
                    &event.target,
                    event.level,
                    &event.fields,
                );
                let parent = match (event.parent, leaf(case, event)) {
                    (ParentChoice::Current, _) => Parent::Current,
                    (_, Some(leaf)) => Parent::Span(&spans[leaf].1),
                    (_, None) => Parent::Root,
                };
                site.log(parent, &values(&event.fields));
            }
        };
        log_all();
        for ((site, span), case) in spans.iter().zip(&case.spans) {
            for recorded in &case.recorded {
                site.record(span, recorded);
            }
        }
        log_all();
        while entered.pop().is_some() {}
        while spans.pop().is_some() {}
    });
    lines.text()
}

fn leaf(case: &Case, event: &EventCase) -> Option<usize> {
    match event.parent {
        ParentChoice::Root => None,
        ParentChoice::Current => case.spans.len().checked_sub(1),
        ParentChoice::Span(_) if case.spans.is_empty() => None,
        ParentChoice::Span(span) => Some(span % case.spans.len()),
    }
}

fn check(case: &Case) {
    let text = run(case);
    let model = Model::new(case);
    let options = &case.options;
    let limit = options.limit.unwrap_or(256 * 1024);
    let lines: Vec<Line> = text
        .split_inclusive('\n')
        .map(|line| {
            assert!(line.len() <= limit, "{} bytes", line.len());
            Line::parse(
                line.strip_suffix('\n')
                    .expect("each line ends with a newline"),
            )
        })
        .collect();
    let life = options.life.iter().filter(|on| **on).count() * case.spans.len();
    assert_eq!(
        lines.len(),
        life + 2 * case.events.len(),
        "one line per logged event"
    );

    let is_whole = |line: &Line| !line.has(model.schema.name(FixedKey::Truncated));
    let mut events = Vec::new();
    for (is_recorded, event) in [false, true]
        .into_iter()
        .flat_map(|is_recorded| case.events.iter().map(move |event| (is_recorded, event)))
    {
        let leaf = leaf(case, event);
        let is_contextual = matches!(event.parent, ParentChoice::Current);
        // OpenTelemetry's own events have no ids and only their own fields. No target in these cases is one of OpenTelemetry's.
        events.push(Expected {
            message: model.message(event),
            level: event.level,
            target: &event.target,
            leaf,
            is_life: false,
            is_recorded,
            knows_ids: is_contextual,
            has_ids: options.has_context,
            user: model.user(leaf, is_recorded, Some(event)),
        });
    }
    // The `new` and `enter` lines of a span are written once its ids are known, so they can be between any other lines.
    let [new, enter, exit, close] = options.life;
    let waiting = (usize::from(new) + usize::from(enter)) * case.spans.len();
    let is_waiting = |line: &&Line| {
        let message = line.get(model.schema.name(FixedKey::Message));
        message == "new" || message == "enter"
    };
    // An event or a cut line can look like one of them. Then the order of the other lines is unknown.
    if lines.iter().filter(is_waiting).count() != waiting {
        return;
    }
    let others: Vec<&Line> = lines.iter().filter(|line| !is_waiting(line)).collect();
    let (body, end) = others.split_at(events.len());
    for (line, expected) in body.iter().zip(&events).filter(|(line, _)| is_whole(line)) {
        model.check(line, expected);
    }
    let kinds = [("exit", exit), ("close", close)];
    let expected_end = kinds
        .into_iter()
        .filter(|(_, on)| *on)
        .flat_map(|(message, _)| (0..case.spans.len()).rev().map(move |span| (message, span)));
    for ((message, span), line) in expected_end.zip(end).filter(|(_, line)| is_whole(line)) {
        model.check(
            line,
            &Expected {
                message: message.into(),
                level: Level::INFO,
                target: &case.spans[span].target,
                leaf: Some(span),
                is_life: true,
                is_recorded: true,
                knows_ids: false,
                has_ids: false,
                user: model.user(Some(span), true, None),
            },
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 5_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/option_space.txt"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_options_spans_fields_and_values_produce_one_valid_object_with_every_winning_value(case in case()) {
        check(&case);
    }
}
