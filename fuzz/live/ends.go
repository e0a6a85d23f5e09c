package live

import (
	"context"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// endPatience is how many of the patience of visits the second look at how a client ends has.
const endPatience = 3

// endings puts the client through the suite's cases of how it ends and waits, once in a run and beside the visits, and
// twice where they fail. A run of a number of acts has none, for it is the same each time.
func (c *clientHunt) endings(ctx context.Context) {
	if c.o.Runs > 0 {
		return
	}
	for _, k := range suite.ClientEndings() {
		begin := time.Now()
		if f := c.ending(ctx, 0, &k, c.visitor.Patience()); !f.Bad() || f.Verdict == report.Error || f.Requirement != "" {
			continue // another rule is the visits' business
		}
		f := c.ending(ctx, slackOf(endPatience*c.visitor.Patience()), &k, endPatience*c.visitor.Patience())
		if ctx.Err() != nil {
			return
		}
		if f != nil && (!f.Bad() || f.Verdict == report.Error || f.Requirement != "") {
			continue
		}
		c.mu.Lock()
		key := "case " + k.ID
		switch {
		case c.o.enough(c.sums.Findings):
		case f == nil:
			c.untried(&Finding{Key: key, Actual: k.Title + ": not so, once"}, -1, nil)
		default:
			level := spec.Must
			if f.Verdict == report.Warn {
				level = spec.Should
			}
			c.keep(&Finding{
				Key: key, Level: level, Requirement: k.Requirements[0], Actual: f.Actual, Index: -1, Hits: 2, Tries: 2,
				AfterMS: float64(begin.Sub(c.begin).Microseconds()) / 1000,
			})
		}
		c.mu.Unlock()
	}
}

// ending runs a case. It is nil when there was no time for that.
func (c *clientHunt) ending(ctx context.Context, slack time.Duration, k *suite.Case, patience time.Duration) *suite.Finding {
	bounded, cancel := c.o.bounded(ctx, c.begin, slack)
	defer cancel()
	f := c.visitor.Case(bounded, k, patience)
	if bounded.Err() != nil {
		return nil
	}
	return f
}
