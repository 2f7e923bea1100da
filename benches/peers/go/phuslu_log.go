package main

import (
	"io"

	"github.com/phuslu/log"
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
