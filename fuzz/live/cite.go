package live

import (
	"context"
	"slices"
)

// cite names the rule that a failure breaks which is there only because of how the bytes were cut or joined. The model says
// the same of a stream in any pieces: so the same bytes are played in one piece or, where messages came in one, each when the
// one before was answered. If all is right then, it was the pieces.
func (h *hunter) cite(ctx context.Context, f *Finding, m manner) error {
	if f.Hits == 0 || f.Hits < f.Tries || len(f.acts) != 1 {
		return nil
	}
	a := &f.acts[0]
	try := func(changed Act, rule string) (bool, error) {
		seen, err := h.trial(ctx, []Act{changed}, m)
		if err != nil || len(seen) > 0 {
			return false, err
		}
		f.Requirement = rule
		return true, nil
	}
	if whole, cut := a.uncut(); cut && (f.Requirement == "stream/order" || f.Requirement == "msg/binary") {
		if cited, err := try(whole, "stream/split"); cited || err != nil {
			return err
		}
	}
	if apart, joined := a.apart(); joined && f.Requirement == "stream/order" {
		_, err := try(apart, "stream/coalesced")
		return err
	}
	return nil
}

// uncut returns the act with each message in one piece, and whether one was cut.
func (a *Act) uncut() (whole Act, cut bool) {
	whole = a.clone()
	for i := range whole.List {
		s := &whole.List[i]
		borders := []int{0}
		for k := range s.Frames {
			borders = append(borders, borders[k]+s.Frames[k].Size())
		}
		n := len(s.Cuts)
		s.Cuts = slices.DeleteFunc(s.Cuts, func(at int) bool { return !slices.Contains(borders, at) })
		cut = cut || len(s.Cuts) < n
	}
	return whole, cut
}

// apart returns the act with every message sent when all before it were answered, and whether any was sent before.
func (a *Act) apart() (apart Act, joined bool) {
	apart = a.clone()
	for i := range apart.List {
		frames := apart.List[i].Frames
		for k := range frames {
			if k > 0 && frames[k-1].Valid() && !frames[k].Await {
				frames[k].Await, joined = true, true
			}
			if !frames[k].Valid() {
				break
			}
		}
	}
	return apart, joined
}
