package wire

import (
	"hash/maphash"

	"github.com/cairndb/cairn"
)

// Names makes strings of bytes and remembers the latest, because the names of
// streams and types repeat. The zero value is ready to use, by one goroutine at a
// time.
type Names struct {
	latest [128]string
	made   int // structures of the message at hand

	filters int // in the queries of its conditions
}

// mostStructures is how many writes, events and conditions there may be in a
// message: more than in the largest batch, and few enough that a message of
// nothing but empty ones does no harm.
const mostStructures = 1 << 18

// count counts a structure that the parser has come to.
func (n *Names) count(p *parser) {
	if n.made++; n.made > mostStructures {
		p.fail("number", errRange)
	}
}

// mostFilters is the same for filters: as many as in the largest batch.
const mostFilters = cairn.MaxConditions * cairn.MaxFilters

// countFilter counts a filter that the parser has come to.
func (n *Names) countFilter(p *parser) {
	if n.filters++; n.filters > mostFilters {
		p.fail("number", errRange)
	}
}

var seed = maphash.MakeSeed()

func (n *Names) of(b []byte) string {
	slot := &n.latest[maphash.Bytes(seed, b)%uint64(len(n.latest))]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}
