package main

import (
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// zapLog is the fast Logger of the README's "Quick Start" (1.28.0), with the parts of which NewProduction consists: the JSON encoder with
// NewProductionEncoderConfig, at INFO, over a locked writer. Two parts are left out. Sampling would drop most of the lines, and no other
// contender writes the caller.
func zapLog(sink io.Writer) func() {
	core := zapcore.NewCore(
		zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()),
		zapcore.Lock(zapcore.AddSync(sink)),
		zap.NewAtomicLevelAt(zap.InfoLevel),
	)
	logger := zap.New(core, zap.AddStacktrace(zap.ErrorLevel)).With(
		zap.String("trace_id", traceID),
		zap.String("span_id", spanID),
		zap.String("trace_flags", traceFlags),
		zap.String("request_id", requestID),
		zap.String("tenant", tenant),
		zap.String("table", table),
	)
	return func() {
		logger.Info(message,
			zap.String("method", method),
			zap.String("path", path),
			zap.Uint64("status", status),
			zap.Float64("latency_ms", latency),
			zap.Bool("cached", cached),
			zap.String("user", user),
		)
	}
}
