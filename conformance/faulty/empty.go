package faulty

func emptyFaults() []Fault {
	return []Fault{
		{
			Name: "empty-echoed", Class: Empty,
			Description: "A header that announces no content is a message like any other and is echoed: no check at all, in any language; refuse a length of 0.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate:      func(do *hooks) { do.size = func(*session, int) error { return nil } },
		},
	}
}
