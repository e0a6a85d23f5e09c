package faulty

func closeFaults() []Fault {
	return []Fault{
		{
			Name: "error-not-closed", Class: Close,
			Description: "After an invalid header the session is dead but its connection stays open: break out of the loop without close() in C, a swallowed exception in Python; close on every way out.",
			Breaks:      []string{"close/on-error", "msg/empty", "hdr/reserved-nonzero"},
			mutate: func(do *hooks) {
				do.fail = func(s *session, err error) bool {
					if isInvalid(err) {
						s.drain()
					}
					return false
				}
			},
		},
	}
}
