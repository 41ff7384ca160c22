package sqlinbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// given reports whether the database gave a transaction up for the sake of
// others, so that it may well succeed when done again. Drivers say so in their
// own ways; naming their types here would link all of them.
func (d Dialect) given(err error) bool {
	switch d {
	case PostgreSQL:
		// serialization_failure and deadlock_detected
		var state interface{ SQLState() string }
		return errors.As(err, &state) && (state.SQLState() == "40001" || state.SQLState() == "40P01")
	case MySQL:
		// ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, and MariaDB's ER_CHECKREAD
		return holds(err, "Error 1213", "Error 1205", "Error 1020")
	}
	const busy, locked = 5, 6
	var code interface{ Code() int }
	if errors.As(err, &code) {
		return code.Code()&0xff == busy || code.Code()&0xff == locked
	}
	return holds(err, "database is locked", "database table is locked")
}

func holds(err error, texts ...string) bool {
	for _, s := range texts {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

// The pauses between attempts double, from the first to the longest.
const (
	firstPause = 5 * time.Millisecond
	mostPause  = time.Second
)

// again does something until it ends otherwise than given up by the database.
func (in *Inbox) again(ctx context.Context, do func() error) error {
	for attempt, most := 1, firstPause; ; attempt, most = attempt+1, min(2*most, mostPause) {
		err := do()
		if err == nil || attempt >= in.o.Attempts || !in.given(err) {
			return err
		}
		pause := time.NewTimer(rand.N(most))
		select {
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(context.Cause(ctx), err)
		case <-pause.C:
		}
	}
}

// errSwept means that a mark was forgotten right after it was in the way.
var errSwept = errors.New("it was swept just now")

func (in *Inbox) given(err error) bool {
	return errors.Is(err, errSwept) || in.dialect.given(err) || in.o.Retry != nil && in.o.Retry(err)
}
