package selftest

import (
	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/spec"
)

// excuse says why cases that find no defect are kept.
type excuse struct {
	role  spec.Role
	cases string // a pattern
	why   string
}

// Excuse returns why a case of a role that finds no defect is kept, or nothing.
func Excuse(role spec.Role, id string) string {
	for _, e := range excuses() {
		if e.role == role && pattern.Matches(id, e.cases) {
			return e.why
		}
	}
	return ""
}

func excuses() []excuse { return nil }
