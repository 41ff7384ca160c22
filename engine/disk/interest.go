package disk

import (
	"github.com/cairndb/cairn"
)

// An aspect is what of an event a follower may be interested in.
type aspect uint8

const (
	anything aspect = iota
	ofStream
	ofTag
	ofPrefix
	ofType
	ofCategory
	ofFirst
	distance // how far the log has come, whatever was written
	aspects
)

// An interest is one reason to wake a follower.
type interest struct {
	aspect aspect
	name   string
}

// interests are such that an event which the query selects meets one of them.
// One criterion of each filter is enough, the one that the fewest events meet;
// who is woken is asked about the others.
func interests(q cairn.Query) (all []interest) {
	if q == nil {
		return []interest{{aspect: anything}}
	}
	add := func(a aspect, names ...string) {
		for _, name := range names {
			all = append(all, interest{a, name})
		}
	}
	for i := range q {
		switch f := &q[i]; {
		case f.Streams != nil:
			add(ofStream, f.Streams...)
		case len(f.Tags) > 0:
			add(ofTag, f.Tags[0])
		case f.Prefixes != nil:
			add(ofPrefix, f.Prefixes...)
		case f.Types != nil:
			add(ofType, f.Types...)
		case f.Categories != nil:
			add(ofCategory, f.Categories...)
		case f.First:
			add(ofFirst, "")
		default:
			add(anything, "")
		}
	}
	return all
}
