package kurrent

import (
	"encoding/binary"

	"github.com/cairndb/cairn"
)

// idOfHalves joins the halves of an ID, which are in the order of its text.
func idOfHalves(most, least int64) (id cairn.ID) {
	binary.BigEndian.PutUint64(id[:8], uint64(most))
	binary.BigEndian.PutUint64(id[8:], uint64(least))
	return id
}

// halves is the inverse of idOfHalves.
func halves(id cairn.ID) (most, least uint64) {
	return binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
}
