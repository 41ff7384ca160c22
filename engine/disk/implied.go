package disk

import (
	"slices"

	"github.com/cairndb/cairn"
)

// foundBy are the tags by which an event is found, each once: those that it
// carries, and the one that its metadata implies. The index has them all, and
// followers and conditions are asked about them all; stored and read are only
// those it carries.
func foundBy(tags []string, metadata []byte) []string {
	implied := cairn.ImpliedTag(metadata)
	if implied == "" || slices.Contains(tags, implied) {
		return tags
	}
	return append(slices.Clip(tags), implied)
}
