//! The propagator of `baggage`.

use super::{
    baggage::{self, Member},
    header,
};
use opentelemetry::{
    Context,
    baggage::{Baggage, BaggageExt as _, KeyValueMetadata},
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
};
use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

const BAGGAGE: &str = header::BAGGAGE.name;

static FIELDS: LazyLock<[String; 1]> = LazyLock::new(|| [BAGGAGE.to_owned()]);

/// A propagator for W3C Baggage.
///
/// [`init`](https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html) installs it beside
/// [`TraceContextPropagator`](super::TraceContextPropagator).
///
/// Received members are sent on unchanged, in their order and with their properties, unless their values are changed. New members
/// follow, ordered by key. At most 64 members and 8,192 bytes are read and sent, and a member is never cut. Values are escaped
/// where necessary. `BaggageMetadata` holds the properties as in the header: `ttl=30;note=a%20b`.
///
/// ```
/// use std::collections::HashMap;
/// use tracing_stamp::{
///     opentelemetry::{baggage::BaggageExt as _, propagation::TextMapPropagator as _},
///     w3c::BaggagePropagator,
/// };
///
/// let headers = HashMap::from([("baggage".to_owned(), "user=Am%C3%A9lie; internal, query=a=b".to_owned())]);
/// let context = BaggagePropagator::new().extract(&headers);
/// assert_eq!(context.baggage().get("user").map(|value| value.as_str()), Some("Amélie"));
/// assert_eq!(context.baggage().get("query").map(|value| value.as_str()), Some("a=b"));
///
/// let mut passed_on = HashMap::new();
/// BaggagePropagator::new().inject_context(&context, &mut passed_on);
/// assert_eq!(passed_on["baggage"], "user=Am%C3%A9lie;internal,query=a=b");
/// ```
#[derive(Clone, Debug, Default)]
pub struct BaggagePropagator {}

/// The received members in order. `opentelemetry`'s `Baggage` has no order, and only one value for each key.
#[derive(Debug)]
struct Received(Vec<Member>);

impl BaggagePropagator {
    /// Creates the propagator.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }
}

impl TextMapPropagator for BaggagePropagator {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let baggage = context.baggage();
        if baggage.is_empty() {
            return;
        }
        let received = context
            .get::<Received>()
            .map_or(&[][..], |received| &received.0);
        let header = baggage::write(members_to_send(baggage, received));
        if !header.is_empty() {
            injector.set(BAGGAGE, header);
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let lines = header::BAGGAGE.values(extractor);
        let lines = lines.as_slice();
        let members = baggage::read(lines);
        if members.is_empty() {
            return context.clone();
        }
        let baggage = members.iter().map(|member| {
            KeyValueMetadata::new(
                member.key.clone(),
                member.value.clone(),
                member.properties.as_str(),
            )
        });
        context
            .with_baggage(baggage.collect::<Baggage>())
            .with_value(Received(members))
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&*FIELDS)
    }
}

/// Returns the received members that are still in the baggage, with changed ones in their place, followed by the new members.
fn members_to_send<'a>(baggage: &'a Baggage, received: &'a [Member]) -> Vec<Cow<'a, Member>> {
    let mut members = Vec::with_capacity(baggage.len());
    let mut done = HashSet::new();
    for member in received {
        let key = member.key.as_str();
        let Some((value, metadata)) = baggage.get_with_metadata(key) else {
            continue;
        };
        // If two members have the same key, `Baggage` holds the last.
        let is_unchanged = received
            .iter()
            .rfind(|last| last.key == key)
            .is_some_and(|last| {
                last.value == value.as_str() && last.properties == metadata.as_str()
            });
        if is_unchanged {
            done.insert(key);
            members.push(Cow::Borrowed(member));
        } else if done.insert(key) {
            members.extend(Member::new(key, value.as_str(), metadata.as_str()).map(Cow::Owned));
        }
    }
    let mut added: Vec<_> = baggage
        .iter()
        .filter(|(key, _)| !done.contains(key.as_str()))
        .collect();
    added.sort_unstable_by_key(|(key, _)| key.as_str());
    members.extend(added.into_iter().filter_map(|(key, (value, metadata))| {
        Member::new(key.as_str(), value.as_str(), metadata.as_str()).map(Cow::Owned)
    }));
    members
}
