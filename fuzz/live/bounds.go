package live

import (
	"context"
	"time"
)

// What a run has found when its time is over may still be tried again, made small and looked at, but not for ever: so long
// behind the end.
const (
	shrinkSlack = 5 * time.Second  // making small
	settleSlack = 10 * time.Second // trying again and replaying, or four of the deadlines that this takes if that is longer
	growthSlack = time.Minute      // the long look at memory that two quick looks saw grow
)

// Untried is a failure that was seen once, and that there was no time to try again: nobody knows whether it is one.
type Untried struct {
	Key    string `json:"key"`
	Actual string `json:"actual"`
	// Acts is what was played when it was seen, as text; Replay a command that tries it. Both are empty for what no act of
	// its own has shown.
	Acts   string `json:"acts,omitempty"`
	Replay string `json:"replay,omitempty"`
}

// untried notes a failure that there was no time to try again.
func (s *Summary) untried(o *Options, key, actual string, index int64, a *Act) {
	u := Untried{Key: key, Actual: actual}
	if a != nil {
		u.Acts = a.String()
	}
	if index >= 0 {
		u.Replay = o.replayCommand(&Finding{Index: index}, "")
	}
	s.Untried = append(s.Untried, u)
	o.Progress.Note("seen once, and no time is left to try it again: %s: %s", key, actual)
}

// bounded returns a context that ends some time behind the end of a run that began then, if the run has one.
func (o *Options) bounded(ctx context.Context, begin time.Time, slack time.Duration) (context.Context, context.CancelFunc) {
	if o.Duration == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, begin.Add(o.Duration+slack))
}

// slackOf is how long what was found may be tried again behind a run's end, where one try may take so long.
func slackOf(confirm time.Duration) time.Duration { return max(settleSlack, 4*confirm) }

// within does something that must be over some time behind the run's end, and reports whether it had to be given up for
// want of time; the error is then nil. It leaves no peer running: one that is bound to the time would end with it.
func (h *hunter) within(ctx context.Context, slack time.Duration, do func(context.Context) error) (late bool, err error) {
	bounded, cancel := h.o.bounded(ctx, h.begin, slack)
	defer cancel()
	err = do(bounded)
	h.stop()
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return true, nil
	}
	return false, err
}
