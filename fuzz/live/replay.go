package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// replay plays the acts that were asked for on fresh peers, some times, and reports what they show.
func (h *hunter) replay(ctx context.Context) error {
	for i := range h.o.Acts {
		if h.o.Acts[i].Mode == Visit {
			return fmt.Errorf("%w: %q is for clients: add --role client", ErrUsage, Visit)
		}
	}
	first := &suspect{index: -1, at: time.Now()}
	m := manner{patience: h.confirm, record: true, spin: true}
	for lanes := range h.replayLanes() {
		m.lanes = lanes
		seen, err := h.trial(ctx, h.o.Acts, m)
		if err != nil {
			return err
		}
		for i := range h.o.Acts {
			h.done.Scenarios += uint64(len(h.o.Acts[i].List))
		}
		h.done.Acts += uint64(len(h.o.Acts))
		h.done.Sessions = h.done.Scenarios
		h.status()
		for _, o := range seen {
			if h.known[o.key] != nil {
				continue
			}
			f := &Finding{Key: o.key, Level: o.level, Requirement: o.requirement, Actual: o.actual, Index: first.index, deadline: o.deadline, acts: h.o.Acts, Beside: lanes > 1}
			h.known[f.Key] = f
			h.order = append(h.order, f)
			m.only = o.key
			if err := h.replayed(ctx, f, m, &o); err != nil {
				return err
			}
			m.only = ""
			f.Actual, f.Sessions, f.PeerOutput, f.PeerExit = o.actual, o.sessions, o.printed, o.exit
			f.Acts = FormatActs(f.acts)
			h.sums.Findings = append(h.sums.Findings, f)
			h.o.Progress.Found(f)
		}
		if len(h.order) > 0 {
			return nil
		}
	}
	return nil
}

// replayLanes yields how many lanes to replay in: one and, for acts that may need each other, several.
func (h *hunter) replayLanes() func(func(int) bool) {
	return func(yield func(int) bool) {
		if yield(1) && len(h.o.Acts) > 1 && len(h.lanes) > 1 {
			yield(len(h.lanes))
		}
	}
}

// ActAt returns the plan's act with an index, for a replay: that of a run with this seed, longest content and a peer that
// serves several sessions at once.
func ActAt(role spec.Role, seed, index uint64, maxLength int) Act {
	if role == spec.Client {
		return visitAt(seed, index, maxLength)
	}
	var a Act
	newPlan(seed, maxLength, true).fill(index, &a)
	return a.clone()
}

// replayCommand returns the command that shows a finding again.
func (o *Options) replayCommand(f *Finding, saved string) string {
	words := append(slices.Clone(o.Program), "fuzz")
	if len(o.Program) == 0 {
		words = []string{"oizys", "fuzz"}
	}
	if o.Role != "server" {
		words = append(words, "--role", string(o.Role))
	}
	switch {
	case saved != "":
		words = append(words, "--replay", saved)
	case f.Index >= 0:
		if o.Seed != 0 {
			words = append(words, "--seed", fmt.Sprint(o.Seed))
		}
		if o.MaxLength != 0 {
			words = append(words, "--max-length", fmt.Sprint(o.MaxLength))
		}
		words = append(words, "--replay", fmt.Sprint(f.Index))
	default:
		return ""
	}
	if o.Timeout != 0 {
		words = append(words, "--timeout", o.Timeout.String())
	}
	if o.Strict {
		words = append(words, "--strict")
	}
	if !o.Embedded {
		words = append(append(words, "--"), o.Command...)
	}
	return runner.CommandLine(words)
}

// vectorOf returns the scenario that a finding's vector is made of: the only one, or nil.
func (f *Finding) vectorOf() *scenario.Scenario {
	if len(f.acts) != 1 {
		return nil
	}
	switch a := &f.acts[0]; a.Mode {
	case One:
		return &a.List[0]
	case Visit:
		return &a.List[1]
	default:
		return nil
	}
}
