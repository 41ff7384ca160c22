package index

import (
	"github.com/cairndb/cairn"
)

// A Place says where an event lies: its position in the log, and the log's own
// address for it. Both rise together; addresses are less than 1<<63.
type Place struct {
	Position cairn.Position
	Address  uint64
}

// A Kind is what a term names.
type Kind byte

// The kinds of terms.
const (
	Stream   Kind = 's'
	Category Kind = 'c'
	Type     Kind = 't'
	Tag      Kind = 'g'
	First    Kind = 'f' // first events of streams: of all of them under the empty name, and see FirstIn
)

// FirstIn names the first events of the streams of a category.
func FirstIn(category string) string { return "-" + category }

func (k Kind) known() bool {
	return k == Stream || k == Category || k == Type || k == Tag || k == First
}

// blockBits is how many bits of a revision or a position number the entries of
// one block.
func (k Kind) blockBits() uint {
	if k == Stream {
		return 7
	}
	return 12
}

// A Term is something that events have in common: it has places.
type Term struct {
	Kind Kind
	Name string
}

// A Checkpoint says how much of the log is indexed.
type Checkpoint struct {
	Position cairn.Position // every event up to here is indexed
	Address  uint64         // where the log goes on
	Streams  uint64         // how many streams have events
}

// A Count is how many events and streams a category or a type has.
type Count struct {
	Name            string
	Events, Streams uint64
}
