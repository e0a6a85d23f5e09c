package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// object is a JSON object whose members have been checked by name: encoding/json by itself would accept other letter
// cases, members given twice and members left out.
type object struct {
	spot    spot
	members map[string]json.RawMessage
}

// shape names the members that an object has.
type shape struct{ required, optional []string }

func (s shape) names() []string { return append(slices.Clone(s.required), s.optional...) }

func parseObject(at spot, raw json.RawMessage, want shape) (object, error) {
	o := object{at, map[string]json.RawMessage{}}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return o, at.errorf("write an object in braces", "not a JSON object")
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return o, at.errorf("correct the JSON", "%v", err)
		}
		name, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return o, at.errorf("correct the JSON", "%v", err)
		}
		switch _, twice := o.members[name]; {
		case !slices.Contains(want.names(), name):
			return o, at.errorf("use only "+strings.Join(want.names(), ", "), "unknown member %q", name)
		case twice:
			return o, at.errorf("leave one of the two out", "member %q is given twice", name)
		case string(value) == "null":
			return o, at.errorf("give it a value, or leave it out if it is optional", "member %q is null", name)
		}
		o.members[name] = value
	}
	for _, name := range want.required {
		if _, ok := o.members[name]; !ok {
			return o, at.errorf("add it", "member %q is missing", name)
		}
	}
	return o, nil
}

// get decodes the member into the value that p points to, and leaves that value alone when the member is absent.
func (o object) get(name string, p any) error {
	raw, ok := o.members[name]
	if !ok {
		return nil
	}
	err := json.Unmarshal(raw, p)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return o.spot.at("%s", name).errorf("give it the type that schema.json names", "a JSON %s does not fit here", wrong.Value)
	}
	if err != nil {
		return o.spot.at("%s", name).errorf("correct the JSON", "%v", err)
	}
	return nil
}

// all runs the steps in order up to the first error.
func all(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// into returns a step that decodes the member.
func (o object) into(name string, p any) func() error {
	return func() error { return o.get(name, p) }
}
