package vectors

import (
	"slices"
	"strconv"
	"strings"
)

// shape names the members that an object has.
type shape struct{ required, optional []string }

func (s shape) names() []string { return append(slices.Clone(s.required), s.optional...) }

func (s shape) has(name string) bool {
	return slices.Contains(s.required, name) || slices.Contains(s.optional, name)
}

// object reads the members of a JSON object. The first error stays, and everything read after it is a zero value.
type object struct {
	spot spot
	v    value
	err  error
}

// newObject checks the names of the members: none unknown, none twice, none missing.
func newObject(at spot, v value, want shape) *object {
	o := &object{spot: at, v: v}
	if v.kind != '{' {
		return o.fail(at.errorf("write an object in braces", "not a JSON object"))
	}
	for i, name := range v.names {
		if !want.has(name) {
			return o.fail(at.errorf("use only "+strings.Join(want.names(), ", "), "unknown member %q", name))
		}
		if slices.Contains(v.names[:i], name) {
			return o.fail(at.errorf("leave one of the two out", "member %q is given twice", name))
		}
	}
	for _, name := range want.required {
		if !o.has(name) {
			return o.fail(at.errorf("add it", "member %q is missing", name))
		}
	}
	return o
}

func (o *object) fail(err error) *object {
	if o.err == nil {
		o.err = err
	}
	return o
}

func (o *object) has(name string) bool { return slices.Contains(o.v.names, name) }

// member returns the member if it is there and of that kind, and notes the error if it is of another.
func (o *object) member(name string, kind byte) (value, bool) {
	i := slices.Index(o.v.names, name)
	if o.err != nil || i < 0 {
		return value{}, false
	}
	return o.v.items[i], o.expect(o.spot.at(name), o.v.items[i], kind)
}

func (o *object) expect(at spot, v value, kind byte) bool {
	if v.kind == kind || kind == 't' && v.kind == 'f' {
		return true
	}
	words := map[byte]string{'{': "an object", '[': "an array", '"': "a string", '0': "a number", 't': "a boolean", 'f': "a boolean", 'n': "null"}
	o.fail(at.errorf("write "+words[kind], "is %s", words[v.kind]))
	return false
}

func (o *object) string(name string) string {
	if v, ok := o.member(name, '"'); ok {
		return v.string()
	}
	return ""
}

func (o *object) bool(name string) bool {
	v, ok := o.member(name, 't')
	return ok && v.kind == 't'
}

// int returns a whole number; absent is what it returns for a member that is not there.
func (o *object) int(name string, absent int) int {
	if v, ok := o.member(name, '0'); ok {
		return o.number(o.spot.at(name), v)
	}
	return absent
}

func (o *object) number(at spot, v value) int {
	n, err := strconv.Atoi(string(v.text))
	if err != nil || n < 0 {
		o.fail(at.errorf("write a whole number in digits, 0 or more", "%s does not fit here", v.text))
		return 0
	}
	return n
}

func (o *object) array(name string) []value {
	v, _ := o.member(name, '[')
	return v.items
}

func (o *object) strings(name string) []string {
	var list []string
	for i, v := range o.array(name) {
		if o.expect(o.spot.item(name, i), v, '"') {
			list = append(list, v.string())
		}
	}
	return list
}

func (o *object) ints(name string) []int {
	var list []int
	for i, v := range o.array(name) {
		if at := o.spot.item(name, i); o.expect(at, v, '0') {
			list = append(list, o.number(at, v))
		}
	}
	return list
}
