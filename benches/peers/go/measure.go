package main

import (
	"fmt"
	"runtime"
	"time"
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
	start := time.Now()
	for range n {
		operation()
	}
	elapsed := time.Since(start)
	return sample{
		ns:          float64(elapsed.Nanoseconds()) / float64(n),
		allocations: float64(allocations()-before) / float64(n),
	}
}

// allocations returns the number of the process's allocations so far.
func allocations() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}
