package config

import "testing"

func TestNamedLine(t *testing.T) {
	for message, want := range map[string]string{
		"not valid: line 12: no list":            "12",
		"line 3: a key in line 2: twice":         "3",
		"in line x, and then line 4: no mapping": "4",
		"line 5 is wrong":                        "",
		"a line : without a number":              "",
		"":                                       "",
	} {
		number, there := namedLine(message)
		if number != want || there != (want != "") {
			t.Errorf("%q names line %q, %t; want %q", message, number, there, want)
		}
	}
}
