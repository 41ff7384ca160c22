package basket

import (
	"context"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A Store is where baskets are kept. [SQL] and [Redis] make one. Its methods may be
// called concurrently.
type Store interface {
	// Lines lists what is in a basket, by name and then SKU.
	Lines(ctx context.Context, session string) ([]Line, error)

	// Put writes a line in place of the one with its SKU, or adds it. The line
	// that would be one too many is refused with a [*rest.Problem]; two that are
	// put at the same moment may make a basket that is one over.
	Put(ctx context.Context, session string, l Line) error

	// Remove takes a line out, or with no SKU all of them. What is not there is
	// no error.
	Remove(ctx context.Context, session, sku string) error
}

// full is the refusal of one line too many.
func full() error {
	p := rest.Invalid("lines", "are %d already, and more do not fit into a basket", MaxLines)
	p.Limit = MaxLines
	return p
}
