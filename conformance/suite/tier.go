package suite

import (
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// Tier says how much a run does.
type Tier string

// The tiers, a closed vocabulary.
const (
	// Quick leaves out what takes long: the longest messages, rough treatment, resources and idling.
	Quick Tier = "quick"
	// Default is every case of the catalogue.
	Default Tier = "default"
	// Exhaustive adds, for a server, every short stream, cut in every way, random streams by the ten thousand, a session of
	// over 4 GiB, and sessions by the ten thousand beside one that stays.
	Exhaustive Tier = "exhaustive"
)

// Tiers returns the closed vocabulary. The slice is the caller's own.
func Tiers() []Tier { return []Tier{Quick, Default, Exhaustive} }

// Valid reports whether t is a tier.
func (t Tier) Valid() bool { return slices.Contains(Tiers(), t) }

// Of returns the cases of a role's catalogue that the tier has, and those that it adds.
func (t Tier) Of(role spec.Role, cases []Case) []Case {
	const long = 1 << 20
	switch {
	case t == Quick:
		return slices.DeleteFunc(slices.Clone(cases), func(c Case) bool {
			return c.ID != Gate && (c.Bytes >= long || c.Mode == Alone || c.Mode == Throughout)
		})
	case t == Exhaustive && role == spec.Server:
		return append(slices.Clone(cases), exhaustive()...)
	default:
		return cases
	}
}
