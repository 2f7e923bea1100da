// Peers measures the cost of one JSON log line with loggers of Go. The Rust program in the folder above builds it, starts it
// and reads its output.
//
//	peers run <contender> <n>   the nanoseconds and the allocations of one event, after a warm-up
//	peers show <contender>      the line of one event
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
)

// A contender returns the operation that logs the event. Its logger already has the context of a request: the fields of both spans and, except
// for phuslu-log-otel, constant ids. None of these loggers reads ids by itself.
type contender func(io.Writer) func()

var contenders = map[string]contender{
	"phuslu-log":      phusluLog,
	"phuslu-log-otel": phusluLogOtel,
	"zerolog":         zeroLog,
	"zap":             zapLog,
}

const (
	requestID  = "01J8ZK6V3Q"
	tenant     = "acme"
	table      = "orders"
	traceID    = "4bf92f3577b34da6a3ce929d0e0e4736"
	spanID     = "00f067aa0ba902b7"
	traceFlags = "01"

	message = "handled request"
	method  = "GET"
	path    = "/api/v1/orders/42"
	status  = uint64(200)
	latency = 12.75
	cached  = false
	user    = "alice \"quoted\" \n"
)

func main() {
	if err := dispatch(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func dispatch(args []string) error {
	if len(args) < 2 || contenders[args[1]] == nil {
		return fmt.Errorf("cannot read %q", args)
	}
	contender := contenders[args[1]]
	switch {
	case args[0] == "run" && len(args) == 3:
		n, err := strconv.Atoi(args[2])
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a count", args[2])
		}
		fmt.Println(measure(contender(discard{}), n))
	case args[0] == "show" && len(args) == 2:
		contender(os.Stdout)()
	default:
		return fmt.Errorf("cannot read %q", args)
	}
	return nil
}
