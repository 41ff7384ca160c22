package projection

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cairndb/cairn"
)

// An attendant does what is asked of a program through the log, for as long as it
// runs: one thing after the other, and nothing that was asked before it began.
type attendant struct {
	store  attended
	name   string
	stream string
	owner  string // who takes requests, for people
	logger *slog.Logger

	// able says how a request is carried out here, or nil if it is for others.
	able func(ctx context.Context, q Request) (*duty, error)
}

// An attended store is one through which requests come and answers go.
type attended interface {
	cairn.Appender
	cairn.StreamReader
	cairn.Inspector
}

// A duty is a request that a program can carry out.
type duty struct {
	act  func(ctx context.Context) (did string, err error)
	last bool // others can do it better: they are left a moment to take it
}

const (
	attendAgain = 2 * time.Second // after the store has failed
	courtesy    = time.Second
	claimAgain  = 50 * time.Millisecond
)

// attending follows what is asked through the log until ctx ends. What fails is no
// reason to stop. Who does not report is not asked, as nobody would know.
func attending(log Log, name string, o *Options, able func(ctx context.Context, q Request) (*duty, error)) func(ctx context.Context) error {
	store, ok := attendable(log, o)
	if !ok {
		return func(context.Context) error { return nil }
	}
	a := &attendant{store: store, name: name, stream: PostStream(name), owner: o.Owner, logger: o.Logger, able: able}
	return a.attend
}

func attendable(log Log, o *Options) (store attended, ok bool) {
	store, ok = log.(attended)
	return store, ok && o.Report >= 0 && !o.IgnorePosted
}

func (a *attendant) attend(ctx context.Context) error {
	next, known := cairn.Revision(0), false
	for pause := time.Duration(0); rest(ctx, pause); pause = attendAgain {
		if !known {
			info, err := a.store.StreamInfo(ctx, a.stream)
			if err != nil {
				continue
			}
			next, known = info.Last+1, true
		}
		next = a.follow(ctx, next)
	}
	return nil
}

// follow does what is asked from a revision on, until the store fails. It returns
// the next one.
func (a *attendant) follow(ctx context.Context, next cairn.Revision) cairn.Revision {
	for e, err := range a.store.ReadStream(ctx, a.stream, cairn.ReadOptions{From: next, Follow: true}) {
		if err != nil {
			return next
		}
		next = e.Revision + 1
		if q, ok := read[Request](&e); ok && e.Type == typeRequest {
			a.answer(ctx, e.ID, q)
		}
	}
	return next
}

// answer carries a request out, if it is for this program and no other has taken
// it, and says what became of it.
func (a *attendant) answer(ctx context.Context, id cairn.ID, q Request) {
	d, err := a.able(ctx, q)
	if d == nil && err == nil || d != nil && d.last && !rest(ctx, courtesy) {
		return
	}
	if err != nil {
		a.logger.Warn("what was asked of a projection could not be looked at", "projection", a.name, "error", err)
		return // the database is down: somebody else may reach it
	}
	if !a.claim(ctx, id) {
		return
	}
	a.logger.Info("a request was taken", "projection", a.name, "what", q.What, "by", q.By)
	within, cancel := context.WithTimeoutCause(ctx, actWithin, errActLate)
	did, err := d.act(within)
	cancel()
	a.say(ctx, id, did, err)
}

var errActLate = errors.New("it could not be done within 30 s")

// claim takes a request for this program. It is no use to take what is too late, or
// what may have been taken without its being known: nothing is done twice.
func (a *attendant) claim(ctx context.Context, id cairn.ID) bool {
	ctx, cancel := context.WithTimeout(ctx, takenWithin)
	defer cancel()
	e := cairn.Event{ID: cairn.NewID(), Type: typeTaken, Data: []byte(encode(takenData{id, a.owner}))}
	for pause := time.Duration(0); rest(ctx, pause); pause = claimAgain {
		info, err := a.store.StreamInfo(ctx, a.stream) // before what is read
		if err != nil {
			continue
		}
		all, err := postings(ctx, a.store, a.stream)
		if err != nil {
			continue
		}
		p := posting(all, id)
		if p == nil || !p.Taken.IsZero() {
			return p != nil && p.take == e.ID && !p.late()
		}
		_, _ = a.store.Append(ctx, a.stream, info.Last, e) // who has it is read from the stream
	}
	return false
}

// say answers a request, also when the program is being ended.
func (a *attendant) say(ctx context.Context, id cairn.ID, did string, failed error) {
	data := answerData{Request: id, Text: did}
	if failed != nil {
		data.Text, data.Error = "", brief(failed)
	}
	e := cairn.Event{ID: cairn.NewID(), Type: typeAnswer, Data: []byte(encode(data))}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for pause := time.Duration(0); rest(ctx, pause); pause = claimAgain {
		if _, err := a.store.Append(ctx, a.stream, cairn.Any, e); err == nil {
			return
		}
	}
	a.logger.Warn("what became of a request could not be written", "projection", a.name)
}
