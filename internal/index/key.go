package index

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// The first bytes of the keys that are not those of blocks.
const (
	recordKey  = 'r'
	idempotent = 'k'
	markKey    = 'm'
	counterKey = 'n'
	metaKey    = '!'
)

const (
	checkpointKey = string(metaKey) + "checkpoint"
	identityKey   = string(metaKey) + "identity"
)

// Inside a name 0x00 is followed by escaped, at its end by terminal. successor
// is what follows in no key: it bounds a term's keys from above.
const (
	escaped   = 0xff
	terminal  = 0x01
	successor = 0x02
)

const numberSize = 8 // bytes of the block number at the end of a key

// appendTerm appends the prefix that all blocks of the term share.
func appendTerm(key []byte, t Term) []byte {
	key = append(key, byte(t.Kind))
	key = appendEscaped(key, t.Name)
	return append(key, 0, terminal)
}

func appendEscaped(key []byte, name string) []byte {
	for {
		i := strings.IndexByte(name, 0)
		if i < 0 {
			return append(key, name...)
		}
		key = append(append(key, name[:i]...), 0, escaped)
		name = name[i+1:]
	}
}

// appendNumber appends a block's number, the complement of it, so that the
// newest block comes first.
func appendNumber(key []byte, number uint64) []byte {
	return binary.BigEndian.AppendUint64(key, ^number)
}

// splitBlock returns how many bytes of a key are its term's prefix, if it is
// the key of a block. It does not look inside the name: the terminal is where
// it must be, and nowhere else.
func splitBlock(key []byte) (prefix int, ok bool) {
	n := len(key) - numberSize
	if n < 3 || !Kind(key[0]).known() || key[n-2] != 0 || key[n-1] != terminal {
		return 0, false
	}
	return n, true
}

// blockNumber returns the number of the block that has the key.
func blockNumber(key []byte) uint64 {
	return ^binary.BigEndian.Uint64(key[len(key)-numberSize:])
}

// termName returns the name in a term's prefix.
func termName(prefix []byte) string {
	name := prefix[1 : len(prefix)-2]
	if bytes.IndexByte(name, 0) < 0 {
		return string(name)
	}
	return string(bytes.ReplaceAll(name, []byte{0, escaped}, []byte{0}))
}
