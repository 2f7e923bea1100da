use super::Headers;
use opentelemetry::{
    Context, KeyValue,
    baggage::{Baggage, BaggageExt as _, KeyValueMetadata},
    propagation::TextMapPropagator as _,
};
use tracing_stamp::w3c::BaggagePropagator;

fn extracted(lines: &[&str]) -> Context {
    let headers = Headers::of(lines.iter().map(|line| ("baggage", *line)));
    BaggagePropagator::new().extract_with_context(&Context::new(), &headers)
}

fn sent(context: &Context) -> Option<String> {
    let headers = Headers::sent(&BaggagePropagator::new(), context);
    headers.value("baggage").map(str::to_owned)
}

fn passed_on(lines: &[&str]) -> Option<String> {
    sent(&extracted(lines))
}

fn value(context: &Context, key: &str) -> Option<String> {
    context.baggage().get(key).map(ToString::to_string)
}

#[test]
fn all_header_lines_of_a_baggage_are_read() {
    let context = extracted(&[
        "userId=alice",
        "serverNode = DF%2028 , isProduction =\tfalse",
    ]);
    assert_eq!(value(&context, "userId").as_deref(), Some("alice"));
    assert_eq!(value(&context, "serverNode").as_deref(), Some("DF 28"));
    assert_eq!(value(&context, "isProduction").as_deref(), Some("false"));
    assert_eq!(
        sent(&context).as_deref(),
        Some("userId=alice,serverNode=DF%2028,isProduction=false")
    );
}

#[test]
fn a_value_may_contain_equals_signs_and_may_be_empty() {
    let context = extracted(&["query=a=b==,empty="]);
    assert_eq!(value(&context, "query").as_deref(), Some("a=b=="));
    assert_eq!(value(&context, "empty").as_deref(), Some(""));
    assert_eq!(sent(&context).as_deref(), Some("query=a=b==,empty="));
}

#[test]
fn escapes_that_are_not_utf8_become_replacement_characters() {
    assert_eq!(
        value(&extracted(&["k=a%ffb"]), "k").as_deref(),
        Some("a\u{fffd}b")
    );
}

#[test]
fn characters_that_need_an_escape_are_escaped() {
    for (plain, escaped) in [
        ("\t \"';=asdf!@#$%^&*()", "%09%20%22'%3B%3Dasdf!@#$%25^&*()"),
        ("back\\slash", "back%5Cslash"),
        ("50%", "50%25"),
        ("%41", "%2541"),
        ("Amélie", "Am%C3%A9lie"),
        (" spaces at both ends ", "%20spaces%20at%20both%20ends%20"),
        ("a,b\u{7f}\u{0}\n", "a%2Cb%7F%00%0A"),
    ] {
        let context = Context::new().with_baggage([KeyValue::new("k", plain)]);
        let header = sent(&context).expect("the baggage is sent");
        assert_eq!(header, format!("k={escaped}"));
        assert_eq!(value(&extracted(&[&header]), "k").as_deref(), Some(plain));
    }
}

#[test]
fn received_properties_are_kept_unchanged() {
    let line = "k=v ; p ;q = 1;r=a%20b;p=2;r=50%25";
    let context = extracted(&[line]);
    let (_, metadata) = context
        .baggage()
        .get_with_metadata("k")
        .expect("the member is there");
    assert_eq!(metadata.as_str(), "p;q=1;r=a%20b;p=2;r=50%25");
    assert_eq!(
        sent(&context).as_deref(),
        Some("k=v;p;q=1;r=a%20b;p=2;r=50%25")
    );
}

#[test]
fn properties_made_in_this_process_are_escaped_where_necessary() {
    let made = [KeyValueMetadata::new(
        "k",
        "v",
        "p=a b\\;q=50%;not a token;r=a%20b",
    )];
    let context = Context::new().with_baggage(made);
    assert_eq!(
        sent(&context).as_deref(),
        Some("k=v;p=a%20b%5C;q=50%25;r=a%20b")
    );
}

#[test]
fn only_the_invalid_member_is_left_out() {
    for wrong in [
        "nothing",
        "=v",
        "a b=c",
        "k=a b",
        "k=\"v\"",
        "k=a\\b",
        "k=é",
        "\u{fffd}",
        "k(=1",
        "k=v;p=\"1\"",
        "",
    ] {
        assert_eq!(
            passed_on(&["a=1", wrong, "b=2"]).as_deref(),
            Some("a=1,b=2"),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_percent_sign_that_starts_no_escape_is_never_sent() {
    assert_eq!(
        passed_on(&["k=50%,l=%4,m=%zz;p=100%,n=%4g"]).as_deref(),
        Some("k=50%25,l=%254,m=%25zz;p=100%25,n=%254g")
    );
}

#[test]
fn order_and_duplicates_are_kept() {
    let line = "z=1,k=1;a,y=2,k=2,x=3";
    assert_eq!(passed_on(&[line]).as_deref(), Some(line));
}

#[test]
fn a_changed_member_keeps_its_place_and_new_members_follow_by_key() {
    let context = extracted(&["z=1,y=2;p,x=3"]);
    let mut changed = Baggage::new();
    for (key, (value, metadata)) in context.baggage() {
        if key.as_str() != "x" {
            let value = if key.as_str() == "y" {
                "new".into()
            } else {
                value.clone()
            };
            changed.insert_with_metadata(key.clone(), value, metadata.clone());
        }
    }
    changed.insert("c", "1");
    changed.insert("b", "2");
    let context =
        context
            .with_value(0)
            .with_baggage(changed.iter().map(|(key, (value, metadata))| {
                KeyValueMetadata::new(key.clone(), value.clone(), metadata.clone())
            }));
    assert_eq!(sent(&context).as_deref(), Some("z=1,y=new;p,b=2,c=1"));
}

#[test]
fn cleared_baggage_is_not_sent() {
    assert_eq!(sent(&extracted(&["k=v"]).with_cleared_baggage()), None);
}

#[test]
fn at_most_64_members_and_8192_bytes_are_kept_and_no_member_is_cut() {
    let members: Vec<String> = (0..80).map(|n| format!("k{n:02}=v")).collect();
    assert_eq!(
        passed_on(&[&members.join(",")]),
        Some(members[..64].join(","))
    );

    let just = format!("a={}", "v".repeat(8_190));
    assert_eq!(passed_on(&[&just]).as_deref(), Some(just.as_str()));
    assert_eq!(passed_on(&[&format!("{just}v")]), None);

    let two = format!("a={},b={}", "v".repeat(4_093), "v".repeat(4_094));
    assert_eq!(two.len(), 8_192);
    assert_eq!(passed_on(&[&two]).as_deref(), Some(two.as_str()));
    assert_eq!(
        passed_on(&[&format!("{two}v")]),
        Some(two[..4_095].to_owned())
    );
    // The limits apply to all header lines together.
    assert_eq!(passed_on(&[&two, "c=1"]).as_deref(), Some(two.as_str()));
}

#[test]
fn a_flood_of_data_is_not_read_to_its_end() {
    let bomb = ",".repeat(1 << 20) + "k=v";
    assert_eq!(passed_on(&[&bomb]), None);
    assert_eq!(
        passed_on(&["a=1", &format!("k={}", "v".repeat(1 << 20)), "b=1"]).as_deref(),
        Some("a=1")
    );
}

#[test]
fn each_of_several_members_with_the_same_key_counts() {
    let members: Vec<String> = (0..80).map(|n| format!("k={n}")).collect();
    let context = extracted(&[&members.join(",")]);
    assert_eq!(value(&context, "k").as_deref(), Some("63"));
    assert_eq!(sent(&context), Some(members[..64].join(",")));
    // So there is no room for another member either.
    let metadata = "";
    let own = KeyValueMetadata::new("own", "1", metadata);
    let both = [KeyValueMetadata::new("k", "63", metadata), own];
    assert_eq!(
        sent(&context.with_baggage(both)),
        Some(members[..64].join(","))
    );
}

#[test]
fn members_beyond_the_limit_are_not_read() {
    let two = format!("a={},b={}", "v".repeat(4_093), "v".repeat(4_094));
    assert!(value(&extracted(&[&two]), "b").is_some());
    assert_eq!(value(&extracted(&[&format!("{two}v")]), "b"), None);
}

#[test]
fn as_much_of_the_baggage_made_in_this_process_is_sent_as_the_limit_allows() {
    let spaces = |n: usize| " ".repeat(n);
    let escaped = |n: usize| "%20".repeat(n);
    for (made, header) in [
        (vec![spaces(2_730)], format!("a={}", escaped(2_730))),
        (vec![spaces(2_730) + "v", "1".to_owned()], "b=1".to_owned()),
        (
            vec![spaces(1_365), spaces(1_364)],
            format!("a={},b={}", escaped(1_365), escaped(1_364)),
        ),
        (
            vec![spaces(1_365), spaces(1_364) + "v", "1".to_owned()],
            format!("a={},c=1", escaped(1_365)),
        ),
    ] {
        assert!(header.len() <= 8_192);
        let made = ["a", "b", "c"].into_iter().zip(made);
        let made = made.map(|(key, value)| KeyValue::new(key, value));
        assert_eq!(sent(&Context::new().with_baggage(made)), Some(header));
    }
}
