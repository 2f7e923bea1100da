package main

import (
	"context"
	"io"

	"github.com/phuslu/log"
	"go.opentelemetry.io/otel/trace"
)

// phusluLog is set up as the sections "Contextual Fields" and "High Performance" of its README (1.0.121) describe: a Logger at INFO with an
// IOWriter, the default time format, which the README recommends for speed, and the fields of the request as its Context.
func phusluLog(sink io.Writer) func() {
	logger := log.Logger{
		Level:  log.InfoLevel,
		Writer: log.IOWriter{Writer: sink},
		Context: log.NewContext(nil).
			Str("trace_id", traceID).
			Str("span_id", spanID).
			Str("trace_flags", traceFlags).
			Str("request_id", requestID).
			Str("tenant", tenant).
			Str("table", table).
			Value(),
	}
	return func() {
		logger.Info().
			Str("method", method).
			Str("path", path).
			Uint64("status", status).
			Float64("latency_ms", latency).
			Bool("cached", cached).
			Str("user", user).
			Msg(message)
	}
}

// phusluLogOtel is the same logger, but each event reads the ids of the OpenTelemetry span in its context, as tracing-stamp does. The logger
// does not read contexts, so the caller adds the ids, with the method that needs no allocation.
func phusluLogOtel(sink io.Writer) func() {
	logger := log.Logger{
		Level:  log.InfoLevel,
		Writer: log.IOWriter{Writer: sink},
		Context: log.NewContext(nil).
			Str("request_id", requestID).
			Str("tenant", tenant).
			Str("table", table).
			Value(),
	}
	ctx := trace.ContextWithSpanContext(context.Background(), spanContext())
	return func() {
		span := trace.SpanContextFromContext(ctx)
		traceID, spanID := span.TraceID(), span.SpanID()
		logger.Info().
			Hex("trace_id", traceID[:]).
			Hex("span_id", spanID[:]).
			Str("trace_flags", span.TraceFlags().String()).
			Str("method", method).
			Str("path", path).
			Uint64("status", status).
			Float64("latency_ms", latency).
			Bool("cached", cached).
			Str("user", user).
			Msg(message)
	}
}

func spanContext() trace.SpanContext {
	traceOf, err := trace.TraceIDFromHex(traceID)
	if err != nil {
		panic(err)
	}
	spanOf, err := trace.SpanIDFromHex(spanID)
	if err != nil {
		panic(err)
	}
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    traceOf,
		SpanID:     spanOf,
		TraceFlags: trace.FlagsSampled,
	})
}
