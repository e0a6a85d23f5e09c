package main

import (
	"fmt"
	"math"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
)

// aim is something that the session is to reach.
type aim struct {
	What  string  `json:"what"`
	Want  string  `json:"want"`
	Value float64 `json:"value"`
	Pass  bool    `json:"pass"`
}

// What is aimed at. Sizes between those named here have no aim of their own.
const (
	tinySize      = 16
	tinyToNaive   = 50.0 // Messages a second, up to tinySize.
	middleSize    = 1 << 10
	middleToRaw   = 0.5 // Bytes a second, from middleSize on.
	largeSize     = 64 << 10
	largeToRaw    = 0.8 // Bytes a second, from largeSize on.
	tripToRaw     = 1.3 // The time of a round trip.
	idleBytes     = 16384.0
	noAllocations = 0.005 // What rounds to 0.00 per message is none.
)

// aims returns the aims for which there are numbers.
func aims(r *report) []aim {
	var all []aim
	for _, c := range r.Cells {
		if c.Contender == contender.Session {
			all = append(all, speedAims(c)...)
		}
	}
	for _, c := range r.Cells {
		if c.Contender == contender.Session && c.Kind == oneWay {
			all = append(all, allocationAim("sent", c.Size, c.SendAllocs), allocationAim("received", c.Size, c.ReceiveAllocs))
		}
	}
	for _, i := range r.Idle {
		if i.Contender == contender.Session {
			all = append(all, aim{
				What:  "memory of an idle session, heap and stack",
				Want:  "< 16 KiB",
				Value: i.Go,
				Pass:  i.Go < idleBytes,
			})
		}
	}
	return all
}

func speedAims(c *cell) []aim {
	size := sizeName(c.Size)
	if c.Kind == roundTrip {
		if c.ToRaw == 0 {
			return nil
		}
		times := 1 / c.ToRaw
		return []aim{{size + ": round trip's time to raw's", fmt.Sprintf("≤ %.1f", tripToRaw), times, times <= tripToRaw}}
	}
	var found []aim
	if c.Size <= tinySize && c.ToNaive > 0 {
		found = append(found, atLeast(size+": messages/s to naive's", tinyToNaive, c.ToNaive))
	}
	if least := leastToRaw(c.Size); least > 0 && c.ToRaw > 0 {
		found = append(found, atLeast(size+": bytes/s to raw's", least, c.ToRaw))
	}
	return found
}

func leastToRaw(size int) float64 {
	switch {
	case size >= largeSize:
		return largeToRaw
	case size >= middleSize:
		return middleToRaw
	}
	return 0
}

func atLeast(what string, least, value float64) aim {
	return aim{what, fmt.Sprintf("≥ %g", least), value, value >= least}
}

func allocationAim(how string, size int, value float64) aim {
	return aim{
		What:  fmt.Sprintf("%s: allocations per message %s", sizeName(size), how),
		Want:  "0",
		Value: math.Round(value*1e4) / 1e4,
		Pass:  value < noAllocations,
	}
}
