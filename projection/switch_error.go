package projection

import (
	"fmt"

	"github.com/cairndb/cairn"
)

// A BehindError reports a build that readers cannot be switched to, because they
// would see less than they have seen.
type BehindError struct {
	Projection string
	Build      int
	Phase      Phase
	Position   cairn.Position // everything up to here is shown by the build
	Seen       cairn.Position // this may have been seen in the other one
}

// Error says how far behind the build is and what can be done.
func (e *BehindError) Error() string {
	if e.Phase == Building {
		return fmt.Sprintf("projection %q: build %d is still being loaded, and is at position %d; wait until it is level", e.Projection, e.Build, e.Position)
	}
	return fmt.Sprintf("projection %q: build %d is at position %d, and readers may have seen position %d; let a program that has its version's code run (Deploy, or Run), and try again",
		e.Projection, e.Build, e.Position, e.Seen)
}

// Is reports whether the target is ErrBehind.
func (e *BehindError) Is(target error) bool { return target == ErrBehind }
