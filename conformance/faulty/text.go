package faulty

func textFaults() []Fault {
	return []Fault{
		{
			Name: "trailing-nul", Class: Text,
			Description: "Each reply ends in a NUL, which is counted: strlen(s) + 1 in C; send the length that was received.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(func(content []byte) []byte { return append(content, 0) }),
		},
	}
}
