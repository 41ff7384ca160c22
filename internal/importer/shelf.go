package importer

import (
	"errors"

	"github.com/cairndb/cairn"
)

// ErrTooMany is the error of an import that met more streams and events than it
// may remember. What was stored up to then stays, so the rest can follow as
// another import.
var ErrTooMany = errors.New("more streams and events than one import may remember; import in parts")

// A shelf is where streams and events are kept that were met.
type shelf interface {
	standing(stream string) (at standing, met bool, err error)
	put(stream string, at standing) error
	forget(stream string) error

	hold(who identity) error
	holds(who identity) (bool, error)

	// flush makes what was put and held show.
	flush() error
	close() error
}

// A standing is where a stream stands.
type standing struct {
	last   cairn.Revision
	closed bool // for good
}

// an identity is what an event is known by.
type identity struct {
	stream string
	id     cairn.ID
}

// open is the shelf that the options ask for.
func (o *Options) open() (shelf, error) {
	if o.Memory > 0 {
		return newMemory(o.Memory), nil
	}
	return newScratch()
}
