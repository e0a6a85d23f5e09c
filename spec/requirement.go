package spec

import "sync"

// Level says how strongly a requirement binds.
type Level string

const (
	// Must marks a requirement whose breach makes an implementation non-conforming.
	Must Level = "MUST"
	// Should marks a requirement whose breach is a warning, and a failure only under strict judging.
	Should Level = "SHOULD"
)

// Role is what an implementation under test is.
type Role string

const (
	// Server listens on a Unix socket and echoes each message that it receives.
	Server Role = "server"
	// Client connects, sends one message, prints the reply and ends.
	Client Role = "client"
	// Driver is a program around a library, whose session API is judged.
	Driver Role = "driver"
)

// Roles returns every role, in the order of this project's documents.
func Roles() []Role { return []Role{Server, Client, Driver} }

// Requirement is one rule that an implementation can keep or break.
type Requirement struct {
	// ID is stable and unique: an area and a name, such as "hdr/reserved-nonzero". The IDs of vectors and cases that
	// show the requirement begin with it.
	ID string
	// Level is Must or Should.
	Level Level
	// Statement is the rule, one sentence, in this project's own words.
	Statement string
	// Source says where the rule comes from: a section of the liboizys text, or what liboizys 1.0.0 was seen to do.
	Source string
	// Roles are the roles that the rule binds; never empty.
	Roles []Role
}

// Binds reports whether the requirement binds role.
func (r Requirement) Binds(role Role) bool {
	for _, have := range r.Roles {
		if have == role {
			return true
		}
	}
	return false
}

// Requirements returns the whole catalogue, grouped by area. The slice is the caller's own.
func Requirements() []Requirement {
	var all []Requirement
	for _, area := range [][]Requirement{headerRules(), messageRules(), streamRules(), closeRules(), sessionRules(), serverRules(), clientRules()} {
		all = append(all, area...)
	}
	return all
}

// Find returns the requirement with the given ID. What it refers to is shared by all callers, and none may change it.
func Find(id string) (Requirement, bool) {
	r, ok := byID()[id]
	return r, ok
}

var byID = sync.OnceValue(func() map[string]Requirement {
	all := map[string]Requirement{}
	for _, r := range Requirements() {
		all[r.ID] = r
	}
	return all
})
