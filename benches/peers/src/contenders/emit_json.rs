//! emit with a custom emitter, passed to `emit_to` as in its crate documentation (2.23). emit has no emitter that writes JSON on the
//! thread that logs, so this one formats lines as emit's file emitter does, in a reused buffer, and writes each at once. Spans are frames of
//! emit's ambient context, with emit's own random ids.

use std::cell::RefCell;
use std::io::Write;
use std::ops::ControlFlow;

use emit::{Emitter, Event, Frame, Props, SpanCtxt};

use super::{Contender, Job};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::sink::Sink;

pub const CONTENDER: Contender = Contender {
    name: "emit",
    what: "context flattened, emit's own ids",
    swept: false,
    run,
};

fn run(job: &Job) -> Sample {
    assert_eq!(job.scenario, Scenario::Event, "emit is measured only here");
    let _setup = emit::setup().emit_to(JsonLines(job.sink)).init();

    let root = SpanCtxt::new_root(emit::rng());
    let fields = emit::props! { request_id: "01J8ZK6V3Q", tenant: "acme" };
    let mut request = Frame::push(emit::ctxt(), root.and_props(fields));
    let _in_request = request.enter();

    let child = root.new_child(emit::rng());
    let fields = emit::props! { table: "orders" };
    let mut db = Frame::push(emit::ctxt(), child.and_props(fields));
    let _in_db = db.enter();

    job.reps.of(|| {
        emit::info!(
            "handled request",
            method: "GET",
            path: "/api/v1/orders/42",
            status: 200u64,
            latency_ms: 12.75f64,
            cached: false,
            user: "alice \"quoted\" \n",
        );
    })
}

struct JsonLines(Sink);

impl Emitter for JsonLines {
    fn emit<E: emit::event::ToEvent>(&self, event: E) {
        thread_local! {
            static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            let written = sval_json::stream_to_io_write(&mut *line, Line(&event.to_event()));
            line.push(b'\n');
            written.expect("a buffer takes everything");
            let mut sink = self.0;
            sink.write_all(line).expect("the sink takes everything");
        });
    }

    fn blocking_flush(&self, _: std::time::Duration) -> bool {
        true
    }
}

struct Line<'a, P>(&'a Event<'a, P>);

impl<P: Props> sval::Value for Line<'_, P> {
    fn stream<'sval, S: sval::Stream<'sval> + ?Sized>(&'sval self, stream: &mut S) -> sval::Result {
        let Line(event) = self;
        stream.record_begin(None, None, None, None)?;
        if let Some(extent) = event.extent() {
            let label = sval::Label::new("ts");
            stream.record_value_begin(None, &label)?;
            sval::stream_display(&mut *stream, extent.as_point())?;
            stream.record_value_end(None, &label)?;
        }
        let label = sval::Label::new("mdl");
        stream.record_value_begin(None, &label)?;
        sval::stream_display(&mut *stream, event.mdl())?;
        stream.record_value_end(None, &label)?;
        let label = sval::Label::new("msg");
        stream.record_value_begin(None, &label)?;
        sval::stream_display(&mut *stream, event.msg())?;
        stream.record_value_end(None, &label)?;

        let mut result = Ok(());
        let _ = event.props().dedup().for_each(|key, value| {
            result = property(stream, key.get(), &value);
            match result {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        result?;
        stream.record_end(None, None, None)
    }
}

fn property<'sval, S: sval::Stream<'sval> + ?Sized>(
    stream: &mut S,
    key: &str,
    value: &emit::Value,
) -> sval::Result {
    let label = sval::Label::new_computed(key);
    stream.record_value_begin(None, &label)?;
    stream.value_computed(value)?;
    stream.record_value_end(None, &label)
}
