package faulty

import "os"

func leakFaults() []Fault {
	return []Fault{
		{
			Name: "leak-descriptor", Class: Leak,
			Description: "Each session opens a file that is never closed: a log, timer or epoll descriptor forgotten in C; close what a session opened when it ends.",
			Breaks:      []string{"srv/releases"},
			mutate: eachSession(func(s *session) {
				if f, err := os.Open(os.DevNull); err == nil {
					s.server.keep(f)
				}
			}),
		},
	}
}
