package main

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// warmUp is the number of operations before the measured ones, as in `measure.rs`.
const warmUp = 1_000

// sample is the cost of one operation. Its text has the form that `Sample::parse` reads.
type sample struct {
	ns          float64
	allocations float64
}

func (s sample) String() string {
	return fmt.Sprintf("%g %g", s.ns, s.allocations)
}

func measure(operation func(), n int) sample {
	for range warmUp {
		operation()
	}
	before := allocations()
	start := cpuTime()
	for range n {
		operation()
	}
	elapsed := cpuTime() - start
	return sample{
		ns:          float64(elapsed) / float64(n),
		allocations: float64(allocations()-before) / float64(n),
	}
}

// cpuTime returns the CPU time of the process in nanoseconds, including that of the garbage collector's threads.
func cpuTime() int64 {
	var time unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &time); err != nil {
		panic(err)
	}
	return time.Nano()
}

// allocations returns the number of the process's allocations so far.
func allocations() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}
