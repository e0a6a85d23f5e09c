package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
	"github.com/oizys-protocol/oizys/impl/wire"
)

type options struct {
	kinds      []string // of cells
	sizes      []int
	contenders []contender.Contender
	rounds     int
	duration   time.Duration // of the measured part of one cell
	count      int           // messages of one cell; 0 is as many as take duration
	idle       int           // sessions; 0 leaves idle memory out
	sendBuffer int           // bytes; 0 is the system's default
	format     string
	cpuProfile string
}

const quickDuration = 30 * time.Millisecond

func parseOptions(args []string, usage io.Writer) (options, error) {
	var opts options
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.SetOutput(usage)
	sizes := set.String("sizes", "16,1KiB,64KiB,1MiB,16MiB-1", "contents to measure, with B, KiB or MiB, and -1 for a byte less")
	kinds := set.String("kinds", strings.Join(allKinds(), ","), "what to measure")
	names := set.String("contenders", strings.Join(allNames(), ","), "what to compare")
	set.IntVar(&opts.rounds, "rounds", 5, "how often everything is measured; the median counts")
	set.DurationVar(&opts.duration, "duration", 250*time.Millisecond, "how long each cell of the table is measured in a round")
	set.IntVar(&opts.count, "count", 0, "messages of each cell, instead of -duration")
	set.IntVar(&opts.idle, "idle", 1000, "idle sessions whose memory is measured; 0: not measured")
	set.IntVar(&opts.sendBuffer, "sendbuffer", 0, "send buffer of every contender's sockets in `bytes`; 0: as each has it by default, and the session's for raw")
	set.StringVar(&opts.format, "format", "text", "text, md or json")
	set.StringVar(&opts.cpuProfile, "cpuprofile", "", "write CPU profiles to `FILE` (sending process) and FILE.receiver")
	quick := set.Bool("quick", false, "a short run, to see that all works: two rounds of 30 ms, 100 idle sessions")
	if err := set.Parse(args); err != nil {
		return opts, err
	}
	if set.NArg() > 0 {
		return opts, fmt.Errorf("unknown argument %q", set.Arg(0))
	}
	if *quick {
		opts.rounds, opts.duration, opts.idle = 2, quickDuration, 100
	}
	var err error
	if opts.sizes, err = parseSizes(*sizes); err != nil {
		return opts, err
	}
	if opts.kinds, err = parseKinds(*kinds); err != nil {
		return opts, err
	}
	if opts.contenders, err = parseContenders(*names); err != nil {
		return opts, err
	}
	return opts, opts.check()
}

func (o options) check() error {
	switch {
	case o.rounds < 1:
		return errors.New("-rounds must be at least 1")
	case o.count < 0 || o.idle < 0 || o.sendBuffer < 0:
		return errors.New("-count, -idle and -sendbuffer must not be negative")
	case o.count == 0 && o.duration <= 0:
		return errors.New("-duration must be above 0")
	case !slices.Contains(formats(), o.format):
		return fmt.Errorf("unknown format %q: there are %s", o.format, strings.Join(formats(), ", "))
	}
	return nil
}

func allKinds() []string { return []string{oneWay, roundTrip} }

func parseKinds(list string) ([]string, error) {
	var found []string
	for kind := range strings.SplitSeq(list, ",") {
		if !slices.Contains(allKinds(), kind) || slices.Contains(found, kind) {
			return nil, fmt.Errorf("-kinds %s: it takes each of %s at most once", list, strings.Join(allKinds(), ", "))
		}
		found = append(found, kind)
	}
	return found, nil
}

func allNames() []string {
	var names []string
	for _, c := range contender.All() {
		names = append(names, c.Name)
	}
	return names
}

func parseContenders(list string) ([]contender.Contender, error) {
	var found []contender.Contender
	for name := range strings.SplitSeq(list, ",") {
		c, err := contender.Named(name)
		if err != nil {
			return nil, fmt.Errorf("%w; there are %s", err, strings.Join(allNames(), ", "))
		}
		if slices.ContainsFunc(found, func(f contender.Contender) bool { return f.Name == name }) {
			return nil, fmt.Errorf("contender %q is there twice", name)
		}
		found = append(found, c)
	}
	return found, nil
}

func parseSizes(list string) ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(list, ",") {
		size, err := parseSize(text)
		if err != nil {
			return nil, err
		}
		if err := wire.CheckLen(size); err != nil {
			return nil, fmt.Errorf("size %q: %w", text, err)
		}
		if slices.Contains(sizes, size) {
			return nil, fmt.Errorf("size %q is there twice", text)
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}

func parseSize(text string) (int, error) {
	rest, less := strings.CutSuffix(text, "-1")
	unit := 1
	for _, u := range []struct {
		name string
		size int
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"B", 1}} {
		if number, ok := strings.CutSuffix(rest, u.name); ok {
			rest, unit = number, u.size
			break
		}
	}
	n, err := strconv.ParseUint(rest, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is no size: write 16, 1KiB or 16MiB-1", text)
	}
	size := int(n) * unit
	if less {
		size--
	}
	return size, nil
}

// sizeName writes a size as people do.
func sizeName(n int) string {
	switch {
	case n == wire.MaxContentLen:
		return "16 MiB−1"
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
