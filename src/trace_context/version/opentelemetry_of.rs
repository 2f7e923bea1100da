/// The application's own OpenTelemetry version, for [`StampLayer::with_opentelemetry`](crate::StampLayer::with_opentelemetry) and
/// similar methods.
///
/// Its arguments are the paths of the application's `opentelemetry` and `tracing-opentelemetry`. The second argument has two
/// forms, because a span gets its ids at another time since `tracing-opentelemetry` 0.32:
///
/// | `tracing-opentelemetry` | `opentelemetry` | form |
/// |---|---|---|
/// | 0.32.1 and later | 0.31 and later | `opentelemetry_of!(opentelemetry, tracing_opentelemetry)` |
/// | 0.32.0 | 0.31 | none: `cargo update -p tracing-opentelemetry` brings 0.32.1 |
/// | 0.28 to 0.31 | 0.27 to 0.30 | `opentelemetry_of!(opentelemetry, tracing_opentelemetry::OtelData)` |
///
/// An application on the version that this crate re-exports as [`tracing_stamp::opentelemetry`](crate::opentelemetry) does not
/// need this macro. The call does not compile if the two crates do not belong together, or if the form is wrong.
///
/// ```
/// // Stand-ins for the application's own dependencies.
/// use tracing_stamp::{opentelemetry, opentelemetry_of, tracing_opentelemetry};
/// use tracing_subscriber::prelude::*;
///
/// let stamp = tracing_stamp::layer().with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry));
/// let subscriber = tracing_subscriber::registry().with(stamp);
/// tracing::subscriber::with_default(subscriber, || tracing::info!("ready"));
/// ```
///
/// # What differs before 0.32
///
/// Those versions give a span its ids when it is created, start it when it closes, and never make its context current:
///
/// - A line has the ids of the current or named `tracing` span. It has those of `Context::current()` only outside of any span.
/// - The sampler runs when the first child is created or when the span closes. Until then it is unknown whether the trace is
///   sampled. Lines have no `trace_flags`, and [`with_unsampled_max_level`](crate::StampLayer::with_unsampled_max_level) keeps
///   them.
/// - `set_parent` takes effect at once and at any time. Lines before it carry the trace id that the span had until then, so call
///   it before the first line.
/// - The layer runs samplers and id generators while it holds a lock on the span. A sampler that logs within a span hangs, as it
///   does under `tracing_subscriber::fmt`.
#[macro_export]
macro_rules! opentelemetry_of {
    (@split $otel:tt [$($tracing:tt)*] OtelData $(,)?) => {{
        struct Version;
        $crate::opentelemetry_of!(@in_extensions Version, $otel [$($tracing)* OtelData]);
        Version
    }};
    (@split $otel:tt [$($tracing:tt)+] $(,)?) => {{
        struct Version;
        $crate::opentelemetry_of!(@started Version, $otel [$($tracing)+]);
        Version
    }};
    (@split $otel:tt [$($tracing:tt)*] $next:tt $($rest:tt)*) => {
        $crate::opentelemetry_of!(@split $otel [$($tracing)* $next] $($rest)*)
    };

    // 0.32.1 and later.
    (@started $version:ident, [$($otel:tt)+] [$($tracing:tt)+]) => {
        $crate::opentelemetry_of!(@current $($otel)+);

        impl $crate::version::OpenTelemetry for $version {
            const SPAN_IDS: $crate::version::SpanIds = $crate::version::SpanIds::WhenStarted;

            $crate::opentelemetry_of!(@methods $($otel)+);

            #[inline]
            fn of_span(
                &self,
                request: &$crate::version::SpanRequest<'_>,
            ) -> ::std::option::Option<$crate::TraceContext> {
                use $($otel)+::trace::TraceContextExt as _;
                let context: $($otel)+::Context =
                    $crate::version::support::get_context($($tracing)+::get_otel_context, request)?;
                ids(context.span().span_context())
            }
        }
    };

    // 0.28 to 0.31.
    (@in_extensions $version:ident, [$($otel:tt)+] [$($data:tt)+]) => {
        $crate::opentelemetry_of!(@current $($otel)+);

        impl $crate::version::OpenTelemetry for $version {
            const SPAN_IDS: $crate::version::SpanIds = $crate::version::SpanIds::InExtensions;

            $crate::opentelemetry_of!(@methods $($otel)+);

            fn in_extensions(
                &self,
                extensions: &$crate::version::support::Extensions<'_>,
            ) -> ::std::option::Option<$crate::version::ExtensionIds> {
                use $($otel)+::trace::{SamplingDecision, TraceContextExt as _};
                let data = extensions.get::<$($data)+>()?;
                let parent_context: &$($otel)+::Context = &data.parent_cx;
                let has_parent = parent_context.has_active_span();
                let parent = parent_context.span();
                let parent = parent.span_context();
                let trace_id = if has_parent { parent.trace_id() } else { data.builder.trace_id? };
                let span_id = data.builder.span_id?;
                let inherited = if has_parent { parent.trace_flags().to_u8() } else { 0 };
                let flags = match &data.builder.sampling_result {
                    ::std::option::Option::Some(result) => ::std::option::Option::Some(match result.decision {
                        SamplingDecision::RecordAndSample => inherited | 1,
                        SamplingDecision::RecordOnly => inherited & !1,
                        SamplingDecision::Drop => 0,
                    }),
                    ::std::option::Option::None => ::std::option::Option::None,
                };
                let parent_span_id = if has_parent {
                    ::std::option::Option::Some(parent.span_id().to_bytes())
                } else {
                    ::std::option::Option::None
                };
                let context = $crate::TraceContext::from_bytes(trace_id.to_bytes(), span_id.to_bytes(), flags)?;
                ::std::option::Option::Some($crate::version::ExtensionIds { context, parent_span_id })
            }
        }
    };

    // Functions on the current context.
    (@current $($otel:tt)+) => {
        ::std::thread_local! {
            static REACHABLE: $crate::version::support::Reachable =
                $crate::version::support::Reachable::learn(|| $($otel)+::Context::map_current(|_| ()));
        }

        #[inline]
        pub(crate) fn is_reachable() -> bool {
            REACHABLE.try_with($crate::version::support::Reachable::get).unwrap_or(false)
        }

        #[inline]
        pub(crate) fn with_current<T>(f: impl ::std::ops::FnOnce(&$($otel)+::Context) -> T) -> ::std::option::Option<T> {
            if !is_reachable() {
                return ::std::option::Option::None;
            }
            $crate::version::support::guarded(|| $($otel)+::Context::map_current(f))
        }

        #[inline]
        fn ids(context: &$($otel)+::trace::SpanContext) -> ::std::option::Option<$crate::TraceContext> {
            $crate::TraceContext::from_bytes(
                context.trace_id().to_bytes(),
                context.span_id().to_bytes(),
                ::std::option::Option::Some(context.trace_flags().to_u8()),
            )
        }

        #[derive(::std::fmt::Debug)]
        struct Held($($otel)+::Context);

        impl $crate::version::Watch for Held {
            fn has_ended(&self) -> bool {
                use $($otel)+::trace::TraceContextExt as _;
                !self.0.span().is_recording()
            }
        }

        impl $crate::version::Captured for Held {
            fn has_active_span(&self) -> bool {
                use $($otel)+::trace::TraceContextExt as _;
                self.0.has_active_span()
            }

            fn attach(&self) -> ::std::option::Option<::std::boxed::Box<dyn ::std::any::Any>> {
                if !is_reachable() {
                    return ::std::option::Option::None;
                }
                let context = self.0.clone();
                let guard = $crate::version::support::guarded(|| context.attach())?;
                ::std::option::Option::Some(::std::boxed::Box::new(guard))
            }
        }
    };

    // The methods that all versions have in common.
    (@methods $($otel:tt)+) => {
        #[inline]
        fn current(&self) -> ::std::option::Option<$crate::version::Current> {
            use $($otel)+::trace::TraceContextExt as _;
            with_current(|context| {
                let span = context.span();
                let context = span.span_context();
                $crate::version::Current { context: ids(context), is_remote: context.is_remote() }
            })
        }

        fn watch_current(&self) -> ::std::option::Option<::std::boxed::Box<dyn $crate::version::Watch>> {
            use $($otel)+::trace::TraceContextExt as _;
            let context = with_current($($otel)+::Context::clone)?;
            let is_recording = context.span().is_recording();
            if is_recording {
                ::std::option::Option::Some(::std::boxed::Box::new(Held(context)))
            } else {
                ::std::option::Option::None
            }
        }

        fn baggage(
            &self,
            keys: &[::std::string::String],
            visit: &mut dyn ::std::ops::FnMut(&::std::primitive::str, &::std::primitive::str),
        ) {
            use $($otel)+::baggage::BaggageExt as _;
            // Out of reach only while the thread's locals are destroyed: then it has no baggage.
            let _ = with_current(|context| {
                let baggage = context.baggage();
                for key in keys {
                    if let ::std::option::Option::Some(value) = baggage.get(key) {
                        visit(key, &value.as_str());
                    }
                }
            });
        }

        fn capture(&self) -> ::std::option::Option<::std::boxed::Box<dyn $crate::version::Captured>> {
            let context = with_current($($otel)+::Context::clone)?;
            ::std::option::Option::Some(::std::boxed::Box::new(Held(context)))
        }
    };

    // The forms that callers write.
    (:: $($otel:ident)::+ , $($tracing:tt)+) => {
        $crate::opentelemetry_of!(@split [:: $($otel)::+] [] $($tracing)+)
    };
    ($($otel:ident)::+ , $($tracing:tt)+) => {
        $crate::opentelemetry_of!(@split [$($otel)::+] [] $($tracing)+)
    };
}
