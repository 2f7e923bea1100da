package main

import (
	"io"

	"github.com/rs/zerolog"
)

// zeroLog is set up as the section "Contextual Logging" and "Sub-loggers let you chain loggers with additional context" of its README (1.35.1)
// describe: With().Timestamp() and the fields of the request, at INFO. The default time format has seconds.
func zeroLog(sink io.Writer) func() {
	root := zerolog.New(sink).Level(zerolog.InfoLevel).With().Timestamp().Logger()
	logger := root.With().
		Str("trace_id", traceID).
		Str("span_id", spanID).
		Str("trace_flags", traceFlags).
		Str("request_id", requestID).
		Str("tenant", tenant).
		Str("table", table).
		Logger()
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
