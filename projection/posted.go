package projection

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A Posting is a request made through the log by [Post], and what is known of it.
type Posting struct {
	ID cairn.ID
	Request
	Taken time.Time // when a program took it, by the clock of the store; zero if none has
	Taker string    // which

	take cairn.ID // of the event by which it was taken
}

// A PostingState is how far a [Posting] is.
type PostingState string

// What can become of a request.
const (
	PostWaiting PostingState = "waiting" // nobody has taken it yet
	PostUnheard PostingState = "unheard" // nobody has taken it in time, and nobody does any more
	PostTaken   PostingState = "taken"   // a program is about it
	PostUnknown PostingState = "unknown" // the program that took it has not answered: it may have been done or not
	PostDone    PostingState = "done"
	PostRefused PostingState = "refused" // or it has failed; Answer says why
)

// State is how far the request is at a moment, by the clock of the store. Nothing
// becomes of one that is unheard, done or refused any more.
func (p *Posting) State(now time.Time) PostingState {
	switch {
	case p.Answer != nil && p.Answer.Error != "":
		return PostRefused
	case p.Answer != nil:
		return PostDone
	case p.late(), p.Taken.IsZero() && now.Sub(p.Asked) > takenWithin:
		return PostUnheard
	case p.Taken.IsZero():
		return PostWaiting
	case now.Sub(p.Taken) > answerWithin:
		return PostUnknown
	}
	return PostTaken
}

// late reports whether it was taken when that was no longer allowed.
func (p *Posting) late() bool { return !p.Taken.IsZero() && p.Taken.Sub(p.Asked) > takenWithin }

// Posted are the latest requests that were made of the programs that run a
// projection through the log, newest first: some dozens at most. There may be none.
func Posted(ctx context.Context, store cairn.StreamReader, name string) ([]Posting, error) {
	if err := checkName("name", name); err != nil {
		return nil, err
	}
	all, err := postings(ctx, store, PostStream(name))
	slices.Reverse(all)
	return all, err
}

// postings are the requests of a stream in the order in which they were made.
func postings(ctx context.Context, store cairn.StreamReader, stream string) (all []Posting, err error) {
	var events []cairn.Recorded
	for e, err := range store.ReadStream(ctx, stream, cairn.ReadOptions{Backward: true, Limit: keepPosts}) {
		if errors.Is(err, cairn.ErrStreamDeleted) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	for _, e := range slices.Backward(events) {
		all = noted(all, &e)
	}
	return all, nil
}

// noted adds an event to what is known. Of two programs that take a request the
// first has it, and what it answers first counts. What was written by somebody else
// means nothing.
func noted(all []Posting, e *cairn.Recorded) []Posting {
	switch e.Type {
	case typeRequest:
		if q, ok := read[Request](e); ok {
			q.Asked, q.Answer = e.Time, nil
			all = append(all, Posting{ID: e.ID, Request: q})
		}
	case typeTaken:
		t, ok := read[takenData](e)
		if p := posting(all, t.Request); ok && p != nil && p.Taken.IsZero() {
			p.Taken, p.Taker, p.take = e.Time, t.By, e.ID
		}
	case typeAnswer:
		a, ok := read[answerData](e)
		if p := posting(all, a.Request); ok && p != nil && !p.Taken.IsZero() && p.Answer == nil {
			p.Answer = &Answer{At: e.Time, Text: a.Text, Error: a.Error}
		}
	}
	return all
}

func posting(all []Posting, id cairn.ID) *Posting {
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}
