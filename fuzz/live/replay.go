package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// Replay is what is played again: acts, one after the other on one fresh peer.
type Replay struct {
	Name string // where they come from
	Acts []Act
}

// Replayed is what came of a replay.
type Replayed struct {
	Name  string   `json:"name"`
	Fails bool     `json:"fails"`
	Keys  []string `json:"keys,omitempty"` // the kinds of what failed
}

// String says in a sentence what came of it.
func (r *Replayed) String() string {
	if !r.Fails {
		return r.Name + ": does not fail"
	}
	return fmt.Sprintf("%s: fails: %s", r.Name, strings.Join(r.Keys, "; "))
}

// cameOf notes what came of a replay.
func (s *Summary) cameOf(name string, findings []*Finding) {
	r := Replayed{Name: name, Fails: len(findings) > 0}
	for _, f := range findings {
		r.Keys = append(r.Keys, f.Key)
	}
	s.Replays = append(s.Replays, r)
}

// replay plays what was asked for on fresh peers, some times, and reports what that shows.
func (h *hunter) replay(ctx context.Context) error {
	for i := range h.o.Replays {
		if slices.ContainsFunc(h.o.Replays[i].Acts, func(a Act) bool { return a.Mode == Visit }) {
			return fmt.Errorf("%w: %q is for clients: add --role client", ErrUsage, Visit)
		}
	}
	for i := range h.o.Replays {
		r := &h.o.Replays[i]
		h.known = map[string]*Finding{}
		before := len(h.sums.Findings)
		for lanes := range h.replayLanes(r) {
			if err := h.replayIn(ctx, r, lanes); err != nil {
				return err
			}
			if len(h.sums.Findings) > before {
				break
			}
		}
		h.sums.cameOf(r.Name, h.sums.Findings[before:])
	}
	return nil
}

func (h *hunter) replayIn(ctx context.Context, r *Replay, lanes int) error {
	m := manner{patience: h.confirm, record: true, spin: true, lanes: lanes}
	seen, err := h.trial(ctx, r.Acts, m)
	if err != nil {
		return err
	}
	for i := range r.Acts {
		h.done.Scenarios += uint64(len(r.Acts[i].List))
	}
	h.done.Acts += uint64(len(r.Acts))
	h.done.Sessions = h.done.Scenarios
	h.status()
	for _, o := range seen {
		if h.known[o.key] != nil {
			continue
		}
		f := &Finding{Key: o.key, Level: o.level, Requirement: o.requirement, Actual: o.actual, Index: -1, deadline: o.deadline, acts: r.Acts, Beside: lanes > 1}
		h.known[f.Key] = f
		m.only = o.key
		if err := h.replayed(ctx, f, m, &o); err != nil {
			return err
		}
		if f.Hits == 0 {
			h.sums.unconfirmed(&h.o, o.key, o.actual)
			continue
		}
		if err := h.cite(ctx, f, m); err != nil {
			return err
		}
		f.Actual, f.Sessions, f.PeerOutput, f.PeerExit = o.actual, o.sessions, o.printed, o.exit
		f.Acts = FormatActs(f.acts)
		h.order = append(h.order, f)
		h.sums.Findings = append(h.sums.Findings, f)
		h.o.Progress.Found(f)
	}
	return nil
}

// replayLanes yields how many lanes to replay in: one and, for acts that may need each other, several.
func (h *hunter) replayLanes(r *Replay) func(func(int) bool) {
	return func(yield func(int) bool) {
		if yield(1) && len(r.Acts) > 1 && len(h.lanes) > 1 {
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
	if o.Restart == runner.RestartAlways {
		words = append(words, "--restart", string(o.Restart))
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
	switch a := &f.acts[0]; {
	case a.Mode == One:
		return &a.List[0]
	case a.Mode == Visit && len(a.List[1].Frames) > 0:
		return &a.List[1]
	default:
		return nil
	}
}
