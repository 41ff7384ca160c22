package group

import (
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
)

// prefix begins the names of the streams of groups.
const prefix = "$group-"

// The types of the events of a group's streams.
const (
	typeDefined  = "$group-defined"
	typeDeleted  = "$group-deleted"
	typeBeat     = "$group-beat"     // a member is there, or leaves
	typeClaimed  = "$group-claimed"  // a partition has a new owner
	typeProgress = "$group-progress" // its owner has come further
	typeReleased = "$group-released" // its owner has let it go
	typeParked   = "$group-parked"   // an event was parked
	typeSkipped  = "$group-skipped"  // one was settled unhandled
	typeReplay   = "$group-replay"   // somebody asks for what is parked to be tried again
	typeEdited   = "$group-edited"   // somebody has put another event in a parked one's place
	typeDropped  = "$group-dropped"  // somebody has given up what is parked
	typeResolved = "$group-resolved" // a parked event was handled
	typeFailed   = "$group-failed"   // and here it failed again
)

// names are those of a group's streams. Two groups never share one: no suffix
// ends in another one.
type names string

func (g names) definition() string { return prefix + string(g) + "-definition" }
func (g names) members() string    { return prefix + string(g) + "-members" }

func (g names) progress(n int) string { return prefix + string(g) + "-progress-" + strconv.Itoa(n) }
func (g names) parked(n int) string   { return prefix + string(g) + "-parked-" + strconv.Itoa(n) }

// tag marks the events that every member must hear of.
func (g names) tag() string { return prefix + string(g) }

// partition is the number at the end of a stream's name.
func (g names) partition(stream string) (int, bool) {
	i := strings.LastIndexByte(stream, '-')
	n, err := strconv.Atoi(stream[i+1:])
	return n, err == nil && n >= 0
}

// partitionOf is the partition of a key: its FNV-1a hash. It is part of the
// format, as members of different versions must agree.
func partitionOf(key string, partitions int) int {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	return int(h % uint64(partitions))
}

// system makes an event of the group.
func system(kind string, data []byte, tags ...string) cairn.Event {
	return cairn.Event{ID: cairn.NewID(), Type: kind, Data: data, Tags: tags}
}
