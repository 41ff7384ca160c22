package sqltarget

import (
	"errors"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// A refusedError is a state of the database in which something cannot be done
// until somebody has changed it.
type refusedError struct{ problem string }

func (e *refusedError) Error() string { return "sqltarget: " + e.problem }

func isRefused(err error) bool {
	_, ok := errors.AsType[*refusedError](err)
	return ok
}

func taken(table string) error {
	return &refusedError{fmt.Sprintf("the name %s is to become the view by which readers see the read model, and is taken by a table: rename that, or name the projection's table otherwise", table)}
}

func inUse(table string, of projection.Names) error {
	return &refusedError{fmt.Sprintf("the tables of build %d are still in use: readers see %s through the view %s", of.Build, of.Name(table), table)}
}
