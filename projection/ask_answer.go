package projection

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// An asked is a request as it stands in the ledger.
type asked struct {
	Entry
	Request
}

// forgotten is how old requests are when they are removed: those who asked are
// long gone.
const forgotten = 24 * time.Hour

// openAsks are the requests that nobody has answered yet. What is old is removed.
func openAsks(ctx context.Context, l Ledger, at place) (open []asked, err error) {
	entries, err := l.Entries(ctx, at.asks())
	for _, e := range entries {
		a := asked{Entry: e}
		if json.Unmarshal([]byte(e.Value), &a.Request) != nil || time.Since(a.Asked) > forgotten {
			err = errors.Join(err, unlessMoved(l.Apply(ctx, Change{Expect: []Entry{e}, Put: []Entry{{Key: e.Key}}})))
		} else if a.Answer == nil {
			open = append(open, a)
		}
	}
	return open, err
}

func unlessMoved(err error) error {
	if errors.Is(err, ErrMoved) {
		return nil
	}
	return err
}

// answered is the change that answers a request, and fails if somebody else has.
func (a asked) answered(text string, failed error) Change {
	return Change{Expect: []Entry{a.Entry}, Put: []Entry{{a.Entry.Key, a.with(text, failed)}}}
}

func (a asked) with(did string, failed error) string {
	q := a.Request
	q.Answer = &Answer{At: time.Now().UTC(), Text: did}
	if failed != nil {
		q.Answer.Text, q.Answer.Error = "", brief(failed)
	}
	return encode(q)
}

// reply answers a request, unless somebody else has or nobody waits any more.
func (a asked) reply(ctx context.Context, l Ledger, text string, failed error) error {
	return unlessMoved(l.Apply(ctx, a.answered(text, failed)))
}
