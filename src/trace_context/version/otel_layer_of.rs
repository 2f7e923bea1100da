/// [`otel_layer`](crate::otel_layer) for the application's own OpenTelemetry version.
///
/// `otel_layer_of!(opentelemetry, tracing_opentelemetry, tracer, configure)` returns the layer of that version, over `tracer`.
/// The layer reports each span's ids to stamping layers. `configure` takes the layer and returns it with its settings. This is
/// for `tracing-opentelemetry` 0.32.1 and later. With earlier versions a span's ids can always be read, so nothing needs to
/// report them.
///
/// ```
/// use opentelemetry_sdk::trace::SdkTracerProvider;
/// use tracing_stamp::{opentelemetry, opentelemetry::trace::TracerProvider as _, tracing_opentelemetry};
/// use tracing_stamp::{opentelemetry_of, otel_layer_of};
/// use tracing_subscriber::prelude::*;
///
/// let tracer = SdkTracerProvider::builder().build().tracer("orders");
/// let otel = otel_layer_of!(opentelemetry, tracing_opentelemetry, tracer, |layer| layer.with_threads(false));
/// let stamp = tracing_stamp::layer().with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry));
/// let subscriber = tracing_subscriber::registry().with(otel).with(stamp);
/// tracing::subscriber::with_default(subscriber, || tracing::info!("ready"));
/// ```
#[macro_export]
macro_rules! otel_layer_of {
    // A tracer that reports the ids of the spans that it starts, and its spans, which report their status.
    (@tracer $(#[$attribute:meta])* $visibility:vis struct $name:ident, $(#[$of_span:meta])* $span:ident, [$($otel:tt)+]) => {
        $(#[$attribute])*
        #[derive(::std::clone::Clone, ::std::fmt::Debug)]
        $visibility struct $name<T> {
            tracer: T,
            /// Lives as long as the tracer.
            _in_use: $crate::version::support::InUse,
        }

        impl<T: $($otel)+::trace::Tracer> $name<T> {
            pub(crate) fn new(tracer: T, in_use: $crate::version::support::InUse) -> Self {
                Self { tracer, _in_use: in_use }
            }
        }

        impl<T: $($otel)+::trace::Tracer> $($otel)+::trace::Tracer for $name<T> {
            type Span = $span<T::Span>;

            /// OpenTelemetry's layer calls this once for each span that it sees. The builder stays with the span until it
            /// starts, and carries the ticket as its first link.
            fn span_builder<N>(&self, name: N) -> $($otel)+::trace::SpanBuilder
            where
                N: ::std::convert::Into<::std::borrow::Cow<'static, ::std::primitive::str>>,
            {
                use $($otel)+::trace::{Link, SpanContext, SpanId, TraceId};
                let mut builder = self.tracer.span_builder(name);
                if let ::std::option::Option::Some(ticket) = $crate::version::support::ticket() {
                    // A link that OpenTelemetry itself would not make: it leads to no span.
                    let nowhere = SpanContext::new(
                        TraceId::from_bytes(ticket),
                        SpanId::INVALID,
                        ::std::default::Default::default(),
                        false,
                        ::std::default::Default::default(),
                    );
                    let links = builder.links.get_or_insert_with(|| ::std::vec::Vec::with_capacity(1));
                    links.insert(0, Link::with_context(nowhere));
                }
                builder
            }

            fn build_with_context(
                &self,
                mut builder: $($otel)+::trace::SpanBuilder,
                parent: &$($otel)+::Context,
            ) -> $span<T::Span> {
                use $($otel)+::trace::{Span as _, SpanContext, SpanId, TraceContextExt as _};
                let ids = |context: &SpanContext| {
                    $crate::TraceContext::from_bytes(
                        context.trace_id().to_bytes(),
                        context.span_id().to_bytes(),
                        ::std::option::Option::Some(context.trace_flags().to_u8()),
                    )
                };
                let ticket = builder.links.as_ref().and_then(|links| {
                    let first = &links.first()?.span_context;
                    let ticket = first.trace_id().to_bytes();
                    let is_ticket = first.span_id() == SpanId::INVALID && $crate::version::support::is_ticket(&ticket);
                    is_ticket.then(|| ticket)
                });
                if ticket.is_some() {
                    builder.links = builder.links.take().and_then(|mut links| {
                        links.remove(0);
                        (!links.is_empty()).then(|| links)
                    });
                }
                let starting = ticket.and_then($crate::version::support::Starting::of);
                let span = self.tracer.build_with_context(builder, parent);
                if let ::std::option::Option::Some(starting) = &starting {
                    starting.report(ids(span.span_context()), ids(parent.span().span_context()));
                }
                $span { span, reporting: starting }
            }
        }

        $(#[$of_span])*
        #[derive(::std::fmt::Debug)]
        $visibility struct $span<T> {
            span: T,
            /// `None` if no layer sees the span.
            reporting: ::std::option::Option<$crate::version::support::Starting>,
        }

        impl<T: $($otel)+::trace::Span> $($otel)+::trace::Span for $span<T> {
            fn add_event_with_timestamp<N>(
                &mut self,
                name: N,
                timestamp: ::std::time::SystemTime,
                attributes: ::std::vec::Vec<$($otel)+::KeyValue>,
            ) where
                N: ::std::convert::Into<::std::borrow::Cow<'static, ::std::primitive::str>>,
            {
                self.span.add_event_with_timestamp(name, timestamp, attributes);
            }

            fn span_context(&self) -> &$($otel)+::trace::SpanContext {
                self.span.span_context()
            }

            fn is_recording(&self) -> ::std::primitive::bool {
                self.span.is_recording()
            }

            fn set_attribute(&mut self, attribute: $($otel)+::KeyValue) {
                self.span.set_attribute(attribute);
            }

            fn set_attributes(&mut self, attributes: impl ::std::iter::IntoIterator<Item = $($otel)+::KeyValue>) {
                self.span.set_attributes(attributes);
            }

            fn set_status(&mut self, status: $($otel)+::trace::Status) {
                use $($otel)+::trace::Status;
                if let (::std::option::Option::Some(reporting), Status::Ok | Status::Error { .. }) = (&self.reporting, &status) {
                    reporting.note_status(::std::matches!(status, Status::Error { .. }));
                }
                self.span.set_status(status);
            }

            fn update_name<N>(&mut self, name: N)
            where
                N: ::std::convert::Into<::std::borrow::Cow<'static, ::std::primitive::str>>,
            {
                self.span.update_name(name);
            }

            fn add_link(
                &mut self,
                context: $($otel)+::trace::SpanContext,
                attributes: ::std::vec::Vec<$($otel)+::KeyValue>,
            ) {
                self.span.add_link(context, attributes);
            }

            fn end(&mut self) {
                self.span.end();
            }

            fn end_with_timestamp(&mut self, timestamp: ::std::time::SystemTime) {
                self.span.end_with_timestamp(timestamp);
            }
        }
    };

    (@in [$($otel:tt)+] [$($tracing:tt)+] $tracer:expr, $configure:expr) => {{
        $crate::otel_layer_of!(@tracer struct Reporting, ReportingSpan, [$($otel)+]);

        fn configured<S, T, L>(
            tracer: T,
            in_use: $crate::version::support::InUse,
            configure: impl ::std::ops::FnOnce($($tracing)+::OpenTelemetryLayer<S, Reporting<T>>) -> L,
        ) -> L
        where
            S: $crate::version::support::Subscriber + for<'span> $crate::version::support::LookupSpan<'span>,
            T: $($otel)+::trace::Tracer + 'static,
            T::Span: ::std::marker::Send + ::std::marker::Sync,
        {
            configure($($tracing)+::layer().with_tracer(Reporting::new(tracer, in_use)))
        }

        $crate::bracket(|in_use| configured($tracer, in_use, $configure))
    }};

    (:: $($otel:ident)::+ , :: $($tracing:ident)::+ , $tracer:expr, $configure:expr $(,)?) => {
        $crate::otel_layer_of!(@in [:: $($otel)::+] [:: $($tracing)::+] $tracer, $configure)
    };
    (:: $($otel:ident)::+ , $($tracing:ident)::+ , $tracer:expr, $configure:expr $(,)?) => {
        $crate::otel_layer_of!(@in [:: $($otel)::+] [$($tracing)::+] $tracer, $configure)
    };
    ($($otel:ident)::+ , :: $($tracing:ident)::+ , $tracer:expr, $configure:expr $(,)?) => {
        $crate::otel_layer_of!(@in [$($otel)::+] [:: $($tracing)::+] $tracer, $configure)
    };
    ($($otel:ident)::+ , $($tracing:ident)::+ , $tracer:expr, $configure:expr $(,)?) => {
        $crate::otel_layer_of!(@in [$($otel)::+] [$($tracing)::+] $tracer, $configure)
    };
}
