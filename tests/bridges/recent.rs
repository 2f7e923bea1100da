//! A thread remembers the call site of its last slog record from a place. The next record from there may have other keys.

use super::support::Lines;
use serde_json::Value;
use slog::{FnValue, KV, Key, Logger, OwnedKVList, Record, Serializer, o};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tracing_stamp::bridge::slog::TracingDrain;
use tracing_subscriber::{filter::dynamic_filter_fn, prelude::*};

/// Integers with their keys, in the given order. A missing value panics.
struct Pairs<'a>(&'a [(&'static str, Option<i64>)]);

impl KV for Pairs<'_> {
    fn serialize(&self, _: &Record<'_>, serializer: &mut dyn Serializer) -> slog::Result {
        // slog passes the last key-value first.
        for (key, value) in self.0.iter().rev() {
            serializer.emit_i64(Key::from(*key), value.expect("a value"))?;
        }
        Ok(())
    }
}

/// Logs from one place, with any keys.
fn log(logger: &Logger, pairs: &[(&'static str, Option<i64>)]) {
    slog::info!(logger, "here"; Pairs(pairs));
}

fn user_fields(line: &super::support::Line) -> Vec<(String, Value)> {
    let fixed = ["timestamp", "level", "message", "target"];
    let is_users = |(key, _): &&(String, Value)| !fixed.contains(&key.as_str());
    line.0.iter().filter(is_users).cloned().collect()
}

/// The keys of a record, with the expected value of each.
type Keys = &'static [(&'static str, Option<i64>)];

#[test]
fn a_record_with_other_keys_than_the_previous_one_has_its_own() {
    let root = Logger::root(TracingDrain::new(), o!());
    let child = root.new(o!("a" => 1));
    let grandchild = child.new(o!("b" => 2));
    let other = root.new(o!("b" => 2));
    let cases: [(&Logger, Keys); 10] = [
        (&root, &[("a", Some(1)), ("b", Some(2))]),
        (&grandchild, &[]),
        (&child, &[("b", Some(2))]),
        (&other, &[("a", Some(1))]),
        (&child, &[("b", Some(2)), ("c", Some(3))]),
        (&child, &[("c", Some(3))]),
        (&grandchild, &[("a", Some(9))]),
        (&root, &[]),
        (&grandchild, &[("c", Some(3)), ("d", Some(4))]),
        (&root, &[("c", Some(3)), ("c", Some(4)), ("b", Some(2))]),
    ];
    let written = |from: usize, to: usize| {
        let lines = Lines::default();
        let subscriber =
            tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(lines.clone()));
        tracing::subscriber::with_default(subscriber, || {
            for (logger, pairs) in [cases[from], cases[to], cases[to]] {
                log(logger, pairs);
            }
        });
        let lines = lines.all();
        lines.iter().map(user_fields).collect::<Vec<_>>()
    };
    for to in 0..cases.len() {
        let alone = written(to, to).remove(0);
        for from in 0..cases.len() {
            let after = written(from, to);
            assert_eq!(after[1], alone, "after {from}");
            assert_eq!(after[2], alone, "twice after {from}");
        }
    }
    let names = |to: usize| -> Vec<String> {
        let line = written(to, to).remove(0);
        line.into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    };
    assert_eq!(names(0), ["a=1", "b=2"]);
    assert_eq!(names(3), ["b=2", "a=1"]);
    assert_eq!(names(6), ["b=2", "a=9"]);
    assert_eq!(names(8), ["a=1", "b=2", "c=3", "d=4"]);
    assert_eq!(names(9), ["c=4", "b=2"]);
}

#[test]
fn a_value_is_computed_once_whatever_keys_the_previous_record_had() {
    static COMPUTED: AtomicUsize = AtomicUsize::new(0);
    let compute = |_: &Record<'_>| COMPUTED.fetch_add(1, Ordering::Relaxed);
    let root = Logger::root(TracingDrain::new(), o!());
    let lazy = root.new(o!("lazy" => FnValue(compute)));
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        for pairs in [&[("a", Some(1))], &[("b", Some(2))], &[("b", Some(2))]] {
            log(&lazy, pairs);
            log(&root, pairs);
        }
    });
    assert_eq!(COMPUTED.load(Ordering::Relaxed), 3);
    assert_eq!(lines.all().len(), 6);
}

#[test]
fn a_panic_keeps_the_values_before_it_whatever_keys_the_previous_record_had() {
    let root = Logger::root(TracingDrain::new(), o!());
    let child = root.new(o!("a" => 1, "b" => 2));
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        let whole = [("c", Some(3)), ("d", Some(4)), ("e", Some(5))];
        let broken = [("c", Some(3)), ("d", None), ("e", Some(5))];
        for pairs in [whole, whole, broken, whole] {
            let logged = catch_unwind(AssertUnwindSafe(|| log(&child, &pairs)));
            assert_eq!(logged.is_err(), pairs == broken);
        }
    });
    let keys: Vec<Vec<String>> = lines
        .all()
        .iter()
        .map(|line| user_fields(line).into_iter().map(|(key, _)| key).collect())
        .collect();
    let whole = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    // slog passes the last key of the record first.
    let broken = ["a", "b", "e"].map(str::to_owned).to_vec();
    assert_eq!(keys, [whole.clone(), whole.clone(), broken, whole]);
}

#[test]
fn a_filter_that_rejects_the_keys_of_the_previous_record_loses_no_other_record() {
    let root = Logger::root(TracingDrain::new(), o!());
    let is_closed = Arc::new(AtomicBool::new(false));
    let closed = Arc::clone(&is_closed);
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::layer().with_writer(lines.clone()))
        .with(dynamic_filter_fn(move |metadata, _| {
            let is_secret = metadata.fields().field("secret").is_some();
            !(is_secret && closed.load(Ordering::Relaxed))
        }));
    tracing::subscriber::with_default(subscriber, || {
        log(&root, &[("secret", Some(1))]);
        is_closed.store(true, Ordering::Relaxed);
        log(&root, &[("shown", Some(2))]);
        log(&root, &[("secret", Some(3))]);
        log(&root, &[("shown", Some(4))]);
    });
    let shown: Vec<Vec<(String, Value)>> = lines.all().iter().map(user_fields).collect();
    let field = |key: &str, value: i64| vec![(key.to_owned(), Value::from(value))];
    assert_eq!(
        shown,
        [field("secret", 1), field("shown", 2), field("shown", 4)]
    );
}

/// Lists composed by `TraceIdDrain` or by slog itself are lists like any other.
#[test]
fn keys_of_a_composed_list_are_written_too() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(lines.clone()));
    let list: OwnedKVList = o!("a" => 1, "b" => 2).into();
    let root = Logger::root(TracingDrain::new(), o!(list));
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..2 {
            log(&root, &[("c", Some(3))]);
        }
    });
    let lines = lines.all();
    assert_eq!(lines.len(), 2);
    assert_eq!(user_fields(&lines[0]), user_fields(&lines[1]));
    assert_eq!(lines[0].get("b"), 2);
}
