package suite

import (
	"context"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// invalid has a session end in an error, behind whole messages and with bait behind it, where there are any, and wants it
// closed: one of many sessions in which the same error is met again and again. That a reserved byte is ignored is noted,
// once, and ends nothing.
func invalid(before, wire, bait []byte) action {
	sent := join(before, wire)
	out := model.Judge(sent, false)
	return func(ctx context.Context, e *Env) *Finding {
		return e.session(ctx, func(c *transport.Conn) *Finding {
			if f := e.answered(ctx, c, before); f != nil {
				return f
			}
			_ = c.Send(join(wire, bait)) // the server may close first
			if out.End == model.Reserved && e.noted() != nil {
				leave(ctx, c)
				return nil
			}
			f := exchange{conn: c, sent: sent, tail: bait, out: out}.mustClose(ctx)
			switch {
			case f.Verdict == report.Pass:
				return nil
			case f.Verdict == report.Warn:
				e.note(f, c)
				leave(ctx, c)
				return nil
			case f.Requirement == "" && out.End == model.Empty:
				f.Requirement = "msg/empty"
			}
			return f
		})
	}
}

// note keeps the first warning that many sessions gave.
func (e *Env) note(f *Finding, c *transport.Conn) {
	e.mu.Lock()
	first := e.warning == nil
	if first {
		e.warning = f
	}
	e.mu.Unlock()
	if first {
		e.also([]report.Transcript{c.Transcript()})
	}
}

func (e *Env) noted() *Finding {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.warning
}

// noting makes a case that found nothing warn of what its many sessions noted.
func noting(run action) action {
	return func(ctx context.Context, e *Env) *Finding {
		f := run(ctx, e)
		warning := e.noted()
		if warning == nil || f != nil && f.Verdict != report.Pass && f.Verdict != report.Info {
			return f
		}
		warned := *warning
		if f != nil {
			warned.Measured = f.Measured
		}
		return &warned
	}
}
