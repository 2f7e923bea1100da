//! The facts about a random program's spans, and the ids that its lines may have.

use super::{
    random::Stack,
    scene::{Ids, Order, Way, ids_in},
    support::{Exported, Line},
};
use opentelemetry::{
    Context, Key, Value,
    trace::{Span as _, SpanBuilder, Tracer},
};
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tracing::Span;

/// The ids that a span was started with.
#[derive(Clone, Debug)]
struct Started {
    ids: Ids,
    parent: Option<String>,
}

/// A tracer that keeps the ids that each span was started with, sampled or not, by the span's field `n`.
#[derive(Clone, Debug)]
pub(super) struct Spy {
    tracer: SdkTracer,
    started: Arc<Mutex<HashMap<i64, Started>>>,
}

impl Spy {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self {
            tracer,
            started: Arc::default(),
        }
    }

    fn started(&self, number: usize) -> Option<Started> {
        let started = self.started.lock().expect("no panic while it is held");
        started.get(&(number as i64)).cloned()
    }

    /// The exporter received the same.
    pub(super) fn assert_exported(&self, exported: &Exported) {
        for span in exported.spans() {
            let Some(n) = number(&span.attributes) else {
                continue;
            };
            let started = self.started(n as usize).expect("started");
            let context = &span.span_context;
            assert_eq!(started.ids.0, context.trace_id().to_string());
            assert_eq!(started.ids.1, context.span_id().to_string());
            let parent = span.parent_span_id.to_string();
            assert_eq!(started.parent.unwrap_or("0".repeat(16)), parent);
        }
    }
}

fn number(attributes: &[opentelemetry::KeyValue]) -> Option<i64> {
    let n = attributes.iter().find(|kv| kv.key == Key::new("n"))?;
    match n.value {
        Value::I64(n) => Some(n),
        _ => None,
    }
}

impl Tracer for Spy {
    type Span = SdkSpan;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> SdkSpan {
        let n = builder.attributes.as_deref().and_then(number);
        assert!(
            builder
                .links
                .iter()
                .flatten()
                .all(|link| link.span_context.is_valid())
        );
        let span = self.tracer.build_with_context(builder, parent);
        if let Some(n) = n {
            let own = span.span_context();
            let started = Started {
                ids: (own.trace_id().to_string(), own.span_id().to_string()),
                parent: ids_in(parent).map(|(_, span)| span),
            };
            let mut all = self.started.lock().expect("no panic while it is held");
            assert!(all.insert(n, started).is_none(), "started twice");
        }
        span
    }
}

/// A span of the program.
#[derive(Debug)]
pub(super) struct Node {
    is_hidden: bool,
    parent: Option<usize>,
    /// The current context when it was first entered.
    around: Option<Option<Ids>>,
    id: Option<tracing::Id>,
}

impl Node {
    pub(super) fn new(is_hidden: bool, parent: Option<usize>) -> Self {
        Self {
            is_hidden,
            parent,
            around: None,
            id: None,
        }
    }
}

/// The ids that an event may have.
#[derive(Debug)]
pub(super) struct Event {
    exactly: Option<Ids>,
    /// The span that gives the event its ids, by itself or by its ancestors.
    of: Option<usize>,
    /// The ids of the ancestors, if the span was not started.
    ancestors: Vec<Ids>,
}

#[derive(Debug, Default)]
pub(super) struct Truth {
    pub(super) nodes: Vec<Node>,
    pub(super) events: Vec<Event>,
}

impl Truth {
    pub(super) fn by_id(&self, span: &Span) -> Option<usize> {
        let id = span.id();
        self.nodes.iter().rposition(|node| node.id == id)
    }

    pub(super) fn note_entered(&mut self, number: usize, span: &Span) {
        let node = &mut self.nodes[number];
        node.id = span.id();
        node.around
            .get_or_insert_with(|| ids_in(&Context::current()));
    }

    /// The next event has exactly these ids, in each way.
    pub(super) fn expect(&mut self, exactly: Option<Ids>) {
        self.events.push(Event {
            exactly,
            of: None,
            ancestors: Vec::new(),
        });
    }

    /// The next event has the ids of this span, or of its nearest ancestor that has any.
    pub(super) fn expect_of(&mut self, spy: &Spy, number: Option<usize>) {
        let chain = std::iter::successors(number, |number| self.nodes[*number].parent);
        let mut known = chain.filter_map(|number| Some((number, spy.started(number)?.ids)));
        let first = known.next();
        // A layer cannot ask whether a span was started by other means than entering it.
        let was_entered = number.is_some_and(|number| self.nodes[number].around.is_some());
        let is_own = first.as_ref().is_some_and(|(of, _)| Some(*of) == number) && was_entered;
        let exactly = first.map(|(_, ids)| ids);
        let ancestors = if is_own {
            Vec::new()
        } else {
            known.map(|(_, ids)| ids).chain(exactly.clone()).collect()
        };
        self.events.push(Event {
            exactly,
            of: number,
            ancestors,
        });
    }

    fn ancestors(&self, spy: &Spy, number: usize) -> Vec<Ids> {
        let chain = std::iter::successors(self.nodes[number].parent, |number| {
            self.nodes[*number].parent
        });
        chain
            .filter_map(|number| Some(spy.started(number)?.ids))
            .collect()
    }

    pub(super) fn judge(&self, spy: &Spy, stack: Stack, line: &Line) {
        if line.get("message") == "event" {
            self.judge_event(spy, stack, line);
        } else {
            let n = line.get("n").as_i64().expect("each span has it") as usize;
            if self.nodes[n].is_hidden {
                self.judge_hidden(spy, n, line);
            } else {
                self.judge_seen(spy, stack, n, line);
            }
        }
    }

    fn judge_event(&self, spy: &Spy, stack: Stack, line: &Line) {
        let k = line.get("k").as_i64().expect("each event has it");
        let event = &self.events[k as usize];
        let ids = line.ids();
        if ids == event.exactly {
            return;
        }
        let may_be_unsure = stack.way == Way::Watched && event.of.is_some();
        let own = event.of.and_then(|of| spy.started(of)).map(|own| own.ids);
        let is_right = ids.is_none()
            || ids == own
            || event.ancestors.iter().any(|of| ids.as_ref() == Some(of));
        assert!(
            may_be_unsure && is_right,
            "{stack:?}: {event:?}, own {own:?}: {line:?}"
        );
    }

    /// A lifecycle line of a span that OpenTelemetry's layer sees.
    fn judge_seen(&self, spy: &Spy, stack: Stack, n: usize, line: &Line) {
        // It starts all spans at the latest when they close.
        let started = spy.started(n).expect("closed");
        let node = &self.nodes[n];
        let is_close = line.get("message") == "close";
        let parent = line.get("parent_span_id").as_str().map(str::to_owned);
        let trace = line.get("trace_id").as_str();
        if line.has("span_id") && line.ids().as_ref() == Some(&started.ids) {
            let is_known = is_close && stack.way != Way::Watched;
            let expected = started.parent.filter(|_| is_known);
            assert_eq!(parent, expected, "{stack:?}: {line:?}");
            return;
        }
        assert_eq!(parent, None, "{stack:?}: {line:?}");
        // If a layer before OpenTelemetry's cannot ask, it learns nothing about a span that starts when it closes.
        let is_too_late = node.around.is_none() && stack.reload && stack.order != Order::After;
        let may_be_unsure = stack.way == Way::Watched || is_too_late;
        let is_of_ancestor = node.around.is_none()
            && self
                .ancestors(spy, n)
                .iter()
                .any(|(of, _)| trace == Some(of));
        assert!(
            may_be_unsure && (trace.is_none() || is_of_ancestor),
            "{stack:?}: {started:?}: {node:?}: {line:?}"
        );
    }

    /// A lifecycle line of a hidden span, which has the ids of the surrounding context.
    fn judge_hidden(&self, spy: &Spy, n: usize, line: &Line) {
        let node = &self.nodes[n];
        let is_close = line.get("message") == "close";
        assert!(!is_close || !line.has("span_id"), "{line:?}");
        let key = if is_close {
            "parent_span_id"
        } else {
            "span_id"
        };
        let text = |key| line.get(key).as_str().map(str::to_owned);
        let (trace, span) = (text("trace_id"), text(key));
        let Some(trace) = trace else {
            return assert_eq!(span, None, "{line:?}");
        };
        let ancestors = self.ancestors(spy, n);
        let mut right = node.around.iter().flatten().chain(&ancestors);
        assert!(
            right.any(|(of, id)| *of == trace && span.as_ref().is_none_or(|span| span == id)),
            "{node:?}: {line:?}"
        );
    }
}
