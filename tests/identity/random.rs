//! Random programs. Each line is compared with the spans that the tracer created and the exporter received.

use super::{
    random_truth::{Node, Spy, Truth},
    scene::{ORDERS, Order, Way, ids_in, local, remote},
    support::{Exported, Lines},
};
use opentelemetry::{
    Context, ContextGuard,
    trace::{TraceContextExt as _, TraceFlags, Tracer as _},
};
use opentelemetry_sdk::trace::Sampler;
use std::thread;
use tracing::{Dispatch, Span, Subscriber, info, info_span, span::EnteredSpan};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_stamp::otel_layer;
use tracing_subscriber::{
    Layer, Registry, filter::filter_fn, fmt::format::FmtSpan, prelude::*, registry::LookupSpan,
    reload,
};

/// How many programs there are, of one seed each.
const PROGRAMS: u64 = 1_500;
const STEPS: u64 = 36;

/// A small random number generator. A program can be repeated by its seed.
pub(super) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// The composition of a program's subscriber.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stack {
    pub(super) way: Way,
    pub(super) order: Order,
    pub(super) reload: bool,
    sampled: bool,
    lifecycle: bool,
}

impl Stack {
    fn random(random: &mut Random, way: Way) -> Self {
        Self {
            way,
            order: ORDERS[random.below(3) as usize],
            reload: random.one_in(4),
            sampled: !random.one_in(4),
            lifecycle: !random.one_in(3),
        }
    }

    fn dispatch(self, spy: &Spy, lines: &mut Vec<Lines>) -> Dispatch {
        let mut stamp = || {
            let lifecycle = if self.lifecycle {
                FmtSpan::FULL
            } else {
                FmtSpan::CLOSE
            };
            lines.push(Lines::default());
            tracing_stamp::layer()
                .with_writer(lines[lines.len() - 1].clone())
                .with_span_events(lifecycle)
        };
        match self.order {
            Order::Before => Dispatch::new(Registry::default().with(stamp()).with(self.otel(spy))),
            Order::After => Dispatch::new(Registry::default().with(self.otel(spy)).with(stamp())),
            Order::Both => Dispatch::new(
                Registry::default()
                    .with(stamp())
                    .with(self.otel(spy))
                    .with(stamp()),
            ),
        }
    }

    fn otel<S>(self, spy: &Spy) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
    {
        let filter = filter_fn(|metadata| metadata.name() != "hidden");
        let spy = spy.clone();
        let layer = match self.way {
            Way::Watched => tracing_opentelemetry::layer()
                .with_tracer(spy)
                .with_filter(filter)
                .boxed(),
            Way::Reported => otel_layer(spy, |layer| layer).with_filter(filter).boxed(),
            Way::ReportedWithin => otel_layer(spy, |layer| layer.with_filter(filter)).boxed(),
        };
        if self.reload {
            reload::Layer::new(layer).0.boxed()
        } else {
            layer
        }
    }
}

enum Guard {
    Span(EnteredSpan),
    Context(ContextGuard),
}

/// A running program.
struct Program<'a> {
    random: Random,
    spy: &'a Spy,
    dispatch: Dispatch,
    truth: Truth,
    /// The handles of the spans that are open, by their number.
    open: Vec<Option<Span>>,
    guards: Vec<Guard>,
    /// Contexts that were current at some time.
    kept: Vec<Context>,
}

impl Program<'_> {
    fn step(&mut self) {
        match self.random.below(20) {
            0..=3 => self.open_span(),
            4..=7 => self.enter(),
            8 | 9 => self.leave(),
            10 => self.attach(),
            11 => self.set_parent(),
            12..=14 => self.log(),
            15 => self.close(),
            16 => self.kept.push(Context::current()),
            17 => self.elsewhere(),
            18 => {
                if let Some(number) = self.any_open()
                    && let Some(span) = &self.open[number]
                {
                    // Starts the span without notifying any layer.
                    let _ = span.context();
                }
            }
            _ => {
                if let (Some(one), Some(other)) = (self.any_open(), self.any_open())
                    && one != other
                    && let (Some(one), Some(other)) = (&self.open[one], &self.open[other])
                {
                    one.follows_from(other);
                }
            }
        }
    }

    fn any_open(&mut self) -> Option<usize> {
        let open: Vec<usize> = (0..self.open.len())
            .filter(|number| self.open[*number].is_some())
            .collect();
        let at = self.random.below(open.len().max(1) as u64) as usize;
        open.get(at).copied()
    }

    fn open_span(&mut self) {
        let n = self.open.len() as i64;
        let is_hidden = self.random.one_in(4);
        let named = match self.random.below(6) {
            0 => Some(None),
            1 => self.any_open().map(Some),
            _ => None,
        };
        let parent = match named {
            Some(parent) => parent,
            None => self.current(),
        };
        let span = match named {
            None if is_hidden => info_span!("hidden", n),
            None => info_span!("seen", n),
            Some(None) if is_hidden => info_span!(parent: None, "hidden", n),
            Some(None) => info_span!(parent: None, "seen", n),
            Some(Some(parent)) => {
                let parent = self.open[parent].as_ref().and_then(Span::id);
                if is_hidden {
                    info_span!(parent: parent, "hidden", n)
                } else {
                    info_span!(parent: parent, "seen", n)
                }
            }
        };
        self.truth.nodes.push(Node::new(is_hidden, parent));
        self.open.push(Some(span));
    }

    /// The number of the current span.
    fn current(&self) -> Option<usize> {
        let id = Span::current().id()?;
        let handles = self.guards.iter().filter_map(|guard| match guard {
            Guard::Span(span) => Some(&**span),
            Guard::Context(_) => None,
        });
        let span = handles
            .clone()
            .find(|span| span.id().as_ref() == Some(&id))?;
        self.truth.by_id(span)
    }

    fn enter(&mut self) {
        if let Some(number) = self.any_open()
            && let Some(span) = &self.open[number]
        {
            self.truth.note_entered(number, span);
            self.guards.push(Guard::Span(span.clone().entered()));
        }
    }

    fn leave(&mut self) {
        // Usually in the order in which scopes end, sometimes in any order.
        let at = match self.guards.len() {
            0 => return,
            len if self.random.one_in(8) => self.random.below(len as u64) as usize,
            len => len - 1,
        };
        match self.guards.remove(at) {
            Guard::Span(span) => drop(span.exit()),
            Guard::Context(guard) => drop(guard),
        }
    }

    fn context(&mut self) -> Context {
        let number = self.random.next();
        match self.random.below(6) {
            0 => local(u128::from(number | 1), number | 1),
            1 => remote(u128::from(number | 1), number | 1, TraceFlags::SAMPLED),
            2 => Context::current_with_span(self.spy.start("api")),
            3 => Context::new(),
            _ => match self.kept.len() {
                0 => local(u128::from(number | 1), number | 1),
                len => self.kept[number as usize % len].clone(),
            },
        }
    }

    fn attach(&mut self) {
        let context = self.context();
        self.guards.push(Guard::Context(context.attach()));
    }

    fn set_parent(&mut self) {
        let context = self.context();
        if let Some(number) = self.any_open()
            && let Some(span) = &self.open[number]
        {
            // Refused if the span was started.
            let _ = span.set_parent(context);
        }
    }

    fn log(&mut self) {
        let k = self.truth.events.len() as i64;
        match self.random.below(6) {
            0..=2 => {
                let current = self.current();
                match ids_in(&Context::current()) {
                    Some(ids) => self.truth.expect(Some(ids)),
                    None => self.truth.expect_of(self.spy, current),
                }
                info!(k, "event");
            }
            3 => {
                self.truth.expect(None);
                info!(parent: None, k, "event");
            }
            _ => {
                if let Some(number) = self.any_open()
                    && let Some(span) = &self.open[number]
                {
                    self.truth.expect_of(self.spy, Some(number));
                    info!(parent: span, k, "event");
                }
            }
        }
    }

    fn close(&mut self) {
        if let Some(number) = self.any_open() {
            self.open[number] = None;
        }
    }

    /// On another thread, enters a span, logs in it and names it.
    fn elsewhere(&mut self) {
        let Some(number) = self.any_open().filter(|_| self.random.one_in(4)) else {
            return;
        };
        let Some(span) = self.open[number].clone() else {
            return;
        };
        let (truth, spy, dispatch) = (&mut self.truth, self.spy, &self.dispatch);
        let work = || {
            tracing::dispatcher::with_default(dispatch, || {
                truth.note_entered(number, &span);
                let entered = span.clone().entered();
                let k = truth.events.len() as i64;
                match ids_in(&Context::current()) {
                    Some(ids) => truth.expect(Some(ids)),
                    None => truth.expect_of(spy, Some(number)),
                }
                info!(k, "event");
                drop(entered);
                let k = truth.events.len() as i64;
                truth.expect_of(spy, Some(number));
                info!(parent: &span, k, "event");
            });
            drop(span);
        };
        thread::scope(|threads| drop(threads.spawn(work).join()));
    }

    fn end(&mut self) {
        while !self.guards.is_empty() {
            self.leave();
        }
        self.open.clear();
        self.kept.clear();
    }
}

fn play(seed: u64, way: Way) {
    let mut random = Random(seed);
    let stack = Stack::random(&mut random, way);
    let exported = if stack.sampled {
        Exported::new()
    } else {
        Exported::with_sampler(Sampler::AlwaysOff)
    };
    let spy = Spy::new(exported.tracer());
    let mut lines = Vec::new();
    let dispatch = stack.dispatch(&spy, &mut lines);
    let mut program = Program {
        random,
        spy: &spy,
        dispatch: dispatch.clone(),
        truth: Truth::default(),
        open: Vec::new(),
        guards: Vec::new(),
        kept: Vec::new(),
    };
    tracing::dispatcher::with_default(&dispatch, || {
        for _ in 0..STEPS {
            program.step();
        }
        program.end();
    });
    let truth = program.truth;
    spy.assert_exported(&exported);
    for lines in &lines {
        for line in lines.all() {
            truth.judge(&spy, stack, &line);
        }
    }
}

fn play_all(way: Way) {
    for seed in 0..PROGRAMS {
        super::scene::named(&format!("{way:?}, seed {seed}"), || play(seed, way));
    }
}

#[test]
fn in_random_programs_each_line_has_exactly_the_right_ids_if_the_tracer_reports_them() {
    play_all(Way::Reported);
    play_all(Way::ReportedWithin);
}

#[test]
fn in_random_programs_no_line_has_wrong_ids_if_layers_watch() {
    play_all(Way::Watched);
}
