use super::Headers;
use opentelemetry::{Context, propagation::TextMapPropagator as _, trace::TraceContextExt as _};
use std::sync::Arc;
use tracing_stamp::w3c::{TraceContextPropagator, Tracestate};

const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-00";

/// Returns the list that is sent after `lines` were received. The trace continues in any case.
fn passed_on(lines: &[&str]) -> Option<String> {
    let lines = lines.iter().map(|line| ("tracestate", *line));
    let headers = Headers::of(std::iter::once(("traceparent", PARENT)).chain(lines));
    let propagator = TraceContextPropagator::new();
    let context = propagator.extract_with_context(&Context::new(), &headers);
    assert!(
        context.has_active_span(),
        "the trace continues: {headers:?}"
    );
    let sent = Headers::sent(&propagator, &context);
    assert_eq!(sent.value("traceparent"), Some(PARENT));
    sent.value("tracestate").map(str::to_owned)
}

#[test]
fn a_valid_list_is_sent_on_unchanged() {
    let longest = format!("{}={}", "k".repeat(256), "v".repeat(256));
    let all = format!("{}=1", "abcxyz0189_-*/@a-z0-9_-*/");
    let value: String = (' '..='~').filter(|c| *c != ',' && *c != '=').collect();
    let value = format!("foo={value}");
    for list in [
        "foo=1",
        "foo=1,bar=2",
        "1a=x",
        "foo@@bar=1",
        "a@=1",
        "a@b@c=1",
        "0=0",
        &longest,
        &all,
        &value,
        "foo= leading spaces stay",
        "foo=1,foo=1",
        "foo=1,foo=2",
        "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7",
    ] {
        assert_eq!(passed_on(&[list]).as_deref(), Some(list));
    }
}

#[test]
fn spaces_tabs_and_empty_members_are_allowed() {
    assert_eq!(
        passed_on(&[" \tfoo=1 \t, ,\t, bar=2\t ,"]).as_deref(),
        Some("foo=1,bar=2")
    );
    for empty in ["", " ", ",", " ,\t, "] {
        assert_eq!(passed_on(&[empty]), None, "{empty:?}");
    }
}

#[test]
fn several_header_lines_are_joined_in_order() {
    let sent = passed_on(&["foo=1,bar=2", "", "rojo=1", "baz=3, "]);
    assert_eq!(sent.as_deref(), Some("foo=1,bar=2,rojo=1,baz=3"));
}

#[test]
fn one_invalid_member_drops_the_list_and_keeps_the_trace() {
    let long_key = format!("{}=1", "k".repeat(257));
    let long_value = format!("k={}", "v".repeat(257));
    for wrong in [
        "FOO=1",
        "foo.bar=1",
        "foo =1",
        "=1",
        "foo",
        "foo=",
        "foo=bar=baz",
        "foo=a\tb",
        "_foo=1",
        "@foo=1",
        "-a=1",
        "foo=\u{7f}",
        "foo=é",
        "foo=\u{1}",
        "\u{fffd}",
        &long_key,
        &long_value,
    ] {
        assert_eq!(passed_on(&[wrong]), None, "{wrong:?}");
        assert_eq!(passed_on(&["a=1", wrong, "b=2"]), None, "{wrong:?}");
    }
}

#[test]
fn an_invalid_character_is_found_at_any_place_of_a_value() {
    for length in 1..=25 {
        for place in 0..length {
            let mut value = "v".repeat(length);
            value.replace_range(place..=place, "\u{7f}");
            let list = format!("a={value},b=2");
            assert_eq!(passed_on(&[&list]), None, "{list:?}");
        }
    }
}

#[test]
fn a_context_keeps_only_the_list_that_was_received_last() {
    struct Value(#[expect(dead_code, reason = "only its reference count is read")] Arc<()>);
    let headers = Headers::of([("traceparent", PARENT), ("tracestate", "foo=1")]);
    let propagator = TraceContextPropagator::new();
    let first = Arc::new(());
    let mut context = Context::new().with_value(Value(first.clone()));
    context = propagator.extract_with_context(&context, &headers);
    assert_eq!(Arc::strong_count(&first), 2);
    // Another value of the same type replaces the first one, which only the first list could keep alive.
    context = context.with_value(Value(Arc::new(())));
    context = propagator.extract_with_context(&context, &headers);
    assert_eq!(Arc::strong_count(&first), 1);
    let list = Tracestate::of(&context).map(Tracestate::to_string);
    assert_eq!(list.as_deref(), Some("foo=1"));
}

#[test]
fn thirty_two_members_are_all_sent_on_and_thirty_three_are_all_dropped() {
    let members: Vec<String> = (0..33).map(|n| format!("bar{n:02}={n}")).collect();
    let full = members[..32].join(",");
    assert_eq!(passed_on(&[&full]).as_deref(), Some(full.as_str()));
    assert_eq!(passed_on(&[&members.join(",")]), None);
    assert_eq!(passed_on(&[&full, &members[32]]), None);
}

#[test]
fn a_list_that_is_too_long_loses_long_members_first_and_then_the_right_most() {
    let long = |key: &str| format!("{key}={}", "v".repeat(200));
    let short: Vec<String> = (0..20)
        .map(|n| format!("s{n:02}={}", "v".repeat(96)))
        .collect();
    // 20 short members of 100 bytes are 2,019 bytes with their commas. With two long members the list is too long, and with one too.
    let list = format!("{},{},{}", long("a"), short.join(","), long("b"));
    assert_eq!(passed_on(&[&list]), Some(short.join(",")));
    // With 10 short members, five long ones of 202 bytes fit, from the left.
    let longs: Vec<String> = (0..8).map(|n| long(&format!("l{n}"))).collect();
    let list = format!("{},{}", longs.join(","), short[..10].join(","));
    let expected = format!("{},{}", longs[..5].join(","), short[..10].join(","));
    assert_eq!(passed_on(&[&list]), Some(expected));
    // With short members only, members are dropped from the end.
    let more: Vec<String> = (0..30)
        .map(|n| format!("s{n:02}={}", "v".repeat(96)))
        .collect();
    assert_eq!(passed_on(&[&more.join(",")]), Some(more[..20].join(",")));
}

#[test]
fn at_least_512_characters_are_sent_on() {
    let list: Vec<String> = (0..32)
        .map(|n| format!("k{n:02}={}", "v".repeat(11)))
        .collect();
    let list = list.join(",");
    assert_eq!(list.len(), 511);
    assert_eq!(passed_on(&[&list]), Some(list));
}

#[test]
fn a_changed_member_moves_to_the_left() {
    let mut list: Tracestate = "a=1,b=2,c=3".parse().expect("the list is valid");
    list.insert("b", "9").expect("the member is valid");
    assert_eq!(list.to_string(), "b=9,a=1,c=3");
    let error = list
        .insert("B", "1")
        .expect_err("a capital letter is invalid");
    assert!(error.to_string().contains("a-z"), "{error}");
    assert_eq!(list.to_string(), "b=9,a=1,c=3");
}

#[test]
fn a_flood_of_empty_members_is_not_read_to_its_end() {
    assert_eq!(passed_on(&[&",".repeat(64 * 1024), "foo=1"]), None);
}

/// Returns a member of this many bytes.
fn member(key: &str, bytes: usize) -> String {
    let value = "v".repeat(bytes - key.len() - 1);
    format!("{key}={value}")
}

/// Returns members of these many bytes each, as text.
fn members<const N: usize>(keys: &str, bytes: [usize; N]) -> String {
    let one = |(n, bytes)| member(&format!("{keys}{n:02}"), bytes);
    let all: Vec<String> = bytes.into_iter().enumerate().map(one).collect();
    all.join(",")
}

#[test]
fn a_list_of_2048_bytes_is_sent_on_and_a_longer_one_loses_no_more_than_necessary() {
    let most = members("s", [100; 20]);
    assert_eq!(most.len(), 2_019);
    let just = format!("{most},{}", member("t", 28));
    let over = format!("{most},{}", member("t", 29));
    assert_eq!((just.len(), over.len()), (2_048, 2_049));
    for (received, sent) in [
        (just.clone(), &just),
        (over.clone(), &most),
        (format!("{just},z=1"), &just),
        (format!("{over},z=1"), &most),
    ] {
        assert_eq!(passed_on(&[&received]).as_ref(), Some(sent));
    }
}

#[test]
fn a_member_of_more_than_128_bytes_counts_as_long() {
    let short = members("s", [100; 19]);
    for (bytes, goes_first) in [(128, false), (129, true)] {
        let first = member("first", bytes);
        let list = format!("{first},{short},last=1");
        assert!(list.len() > 2_048);
        let sent = if goes_first {
            format!("{short},last=1")
        } else {
            format!("{first},{short}")
        };
        assert_eq!(passed_on(&[&list]), Some(sent), "{bytes}");
    }
}

#[test]
fn no_more_long_members_are_dropped_than_necessary() {
    let short = members("s", [100; 19]);
    for (bytes, stays) in [(129, true), (130, false)] {
        let kept = format!("{},{short}", member("left", bytes));
        assert_eq!(kept.len() <= 2_048, stays);
        let list = format!("{kept},{}", member("right", 130));
        let sent = if stays { &kept } else { &short };
        assert_eq!(passed_on(&[&list]).as_ref(), Some(sent), "{bytes}");
    }
}

#[test]
fn a_full_list_of_the_longest_members_is_read() {
    let key = |n: usize| format!("{n:0256}");
    let all: Vec<String> = (0..32).map(|n| member(&key(n), 513)).collect();
    assert_eq!(passed_on(&[&all.join(" ,\t")]), Some(all[..3].join(",")));
}

#[test]
fn inserting_into_a_full_list_removes_the_right_most_member() {
    let full: Vec<String> = (0..32).map(|n| format!("k{n}={n}")).collect();
    let mut list: Tracestate = full.join(",").parse().expect("the list is valid");
    list.insert("own", "1").expect("the member is valid");
    assert_eq!(list.to_string(), format!("own=1,{}", full[..31].join(",")));
    list.insert("k3", "9").expect("the member is valid");
    assert_eq!(list.iter().count(), 32);
}
