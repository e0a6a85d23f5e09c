package main

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
)

// report is the result of a whole run, and the JSON that is written.
type report struct {
	System     system        `json:"system"`
	Rounds     int           `json:"rounds"`
	Duration   time.Duration `json:"duration_ns"`
	Count      int           `json:"count,omitempty"`
	SendBuffer int           `json:"send_buffer,omitempty"`
	Contenders []entrant     `json:"contenders"`
	Cells      []*cell       `json:"cells"`
	Idle       []idle        `json:"idle,omitempty"`
	Aims       []aim         `json:"aims"`
}

// system is what the numbers depend on, as far as it can be told.
type system struct {
	Go         string `json:"go"`
	Platform   string `json:"platform"`
	CPUs       int    `json:"cpus"`
	LoadBefore string `json:"load_before,omitempty"`
	LoadAfter  string `json:"load_after,omitempty"`
}

type entrant struct {
	Name string `json:"name"`
	What string `json:"what"`
}

// cell is one contender at one size: its samples, a round each, and what follows from them.
type cell struct {
	Kind      string   `json:"kind"`
	Size      int      `json:"size"`
	Contender string   `json:"contender"`
	Note      string   `json:"note,omitempty"`
	Samples   []sample `json:"samples"`

	// Medians over the samples. Messages a second; in a round trip each message goes both ways.
	PerSecond float64 `json:"per_second"`
	// Spread is what lies between the slowest and the fastest round, as a part of PerSecond.
	Spread float64 `json:"spread"`
	// CPU is the processor time of both processes for a message, in microseconds.
	CPU float64 `json:"cpu_us"`
	// Allocations per message.
	SendAllocs    float64 `json:"send_allocs"`
	ReceiveAllocs float64 `json:"receive_allocs"`
	// ToRaw and ToNaive are the medians of PerSecond divided by theirs in the same round; 0 when they were not measured.
	ToRaw   float64 `json:"to_raw,omitempty"`
	ToNaive float64 `json:"to_naive,omitempty"`
}

// bytesPerSecond counts contents only.
func (c *cell) bytesPerSecond() float64 { return c.PerSecond * float64(c.Size) }

// microseconds returns how long one message, or round trip, takes.
func (c *cell) microseconds() float64 { return 1e6 / c.PerSecond }

func newReport(opts options) *report {
	r := &report{
		System: system{
			Go:         runtime.Version(),
			Platform:   runtime.GOOS + "/" + runtime.GOARCH,
			CPUs:       runtime.NumCPU(),
			LoadBefore: loadAverage(),
		},
		Rounds:     opts.rounds,
		Duration:   opts.duration,
		Count:      opts.count,
		SendBuffer: opts.sendBuffer,
	}
	for _, c := range opts.contenders {
		r.Contenders = append(r.Contenders, entrant{c.Name, c.What})
	}
	return r
}

// loadAverage returns how many processes wanted to run in the last minute, on average; "" where that cannot be read.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

func (r *report) cell(kind string, size int, name string) *cell {
	for _, c := range r.Cells {
		if c.Kind == kind && c.Size == size && c.Contender == name {
			return c
		}
	}
	return nil
}

// add adds the sample of the next round.
func (r *report) add(kind string, size int, by contender.Contender, s sample) {
	c := r.cell(kind, size, by.Name)
	if c == nil {
		c = &cell{Kind: kind, Size: size, Contender: by.Name}
		if by.Note != nil {
			c.Note = by.Note(size)
		}
		r.Cells = append(r.Cells, c)
	}
	c.Samples = append(c.Samples, s)
}

// finish works out what follows from the samples.
func (r *report) finish() {
	r.System.LoadAfter = loadAverage()
	for _, c := range r.Cells {
		rates := c.each(sample.perSecond)
		c.PerSecond = median(rates)
		c.Spread = (slices.Max(rates) - slices.Min(rates)) / c.PerSecond
		c.CPU = median(c.each(sample.cpu))
		c.SendAllocs = median(c.each(sample.sendAllocs))
		c.ReceiveAllocs = median(c.each(sample.receiveAllocs))
		c.ToRaw = c.ratioTo(r.cell(c.Kind, c.Size, contender.Raw))
		c.ToNaive = c.ratioTo(r.cell(c.Kind, c.Size, contender.Naive))
	}
	r.Aims = aims(r)
}

func (c *cell) each(value func(sample) float64) []float64 {
	values := make([]float64, 0, len(c.Samples))
	for _, s := range c.Samples {
		values = append(values, value(s))
	}
	return values
}

// ratioTo compares round by round: what slowed down one round slowed down both.
func (c *cell) ratioTo(other *cell) float64 {
	if other == nil {
		return 0
	}
	ratios := c.each(sample.perSecond)
	for i, s := range other.Samples {
		ratios[i] /= s.perSecond()
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
