package rpc

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// A session is what one client commits over the streams that it opens one after
// the other. It remembers what was stored and not yet acknowledged as answered,
// so that a client whose connection broke can send again what it got no answer
// for, and gets the answer that was lost.
//
// Only what was stored has to be remembered, and what may have been. A refusal
// has changed nothing, so that the batch may as well be judged again.
type session struct {
	memory  cairn.ID // tells this session from an earlier one of the same ID that was forgotten
	user    string
	attempt uint64
	serving *serving // the stream that is being served, if there is one
	idle    time.Time

	// Of the stream that is being served, without a lock:
	kept  []kept // rising by number
	bytes int    // that they take
}

// kept is an outcome that is remembered.
type kept struct {
	number  uint64
	outcome cairn.Outcome
}

// size is how many bytes it takes. What a batch of many writes has to be told may
// be large.
func (k *kept) size() int { return 128 + 8*len(k.outcome.Revisions) }

// A serving is one stream of a session.
type serving struct {
	superseded chan struct{} // closed when another wants to take over
	left       chan struct{} // closed when it is over
}

const (
	// mostSessions is how many sessions are remembered that nobody is in.
	mostSessions = 256
	// mostKept is how many answers a session remembers that the client could
	// have acknowledged long ago.
	mostKept = 1 << 14
	// mostKeptBytes is how many bytes they may take.
	mostKeptBytes = 64 << 20
	// mostIdleBytes is the same for all sessions together that nobody is in.
	mostIdleBytes = 128 << 20
)

var (
	errStale     = errors.New("rpc: a later stream has taken over the session")
	errNotYours  = errors.New("rpc: the session is another user's")
	errForgetful = errors.New("rpc: the client never acknowledges what it was answered")
	errNoSession = errors.New("rpc: the first request does not open a session")
)

// sessions are those of a service.
type sessions struct {
	life time.Duration
	mu   sync.Mutex
	all  map[cairn.ID]*session
}

func newSessions(life time.Duration) *sessions {
	return &sessions{life: life, all: map[cairn.ID]*session{}}
}

// enter opens or resumes a session. It waits until an earlier stream of the
// session has ended, after asking it to, so that nothing is under way in it. The
// session is the caller's until it leaves.
func (s *sessions) enter(ctx context.Context, o wire.Open, user string) (*session, *serving, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(time.Now())
	n := s.all[o.Session]
	if n == nil {
		n = &session{memory: cairn.NewID(), user: user}
		s.all[o.Session] = n
	}
	if n.user != user {
		return nil, nil, errNotYours
	}
	if o.Attempt <= n.attempt {
		return nil, nil, errStale
	}
	n.attempt = o.Attempt
	if err := s.takeOver(ctx, n, o.Attempt); err != nil {
		return nil, nil, err
	}
	n.serving = &serving{superseded: make(chan struct{}), left: make(chan struct{})}
	return n, n.serving, nil
}

// takeOver waits, without the lock, until nobody serves the session.
func (s *sessions) takeOver(ctx context.Context, n *session, attempt uint64) error {
	for n.serving != nil {
		before := n.serving
		select {
		case <-before.superseded:
		default:
			close(before.superseded)
		}
		s.mu.Unlock()
		select {
		case <-before.left:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if n.attempt != attempt {
			return errStale
		}
	}
	return nil
}

// leave ends the serving of a session. One that is over is forgotten.
func (s *sessions) leave(id cairn.ID, n *session, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(n.serving.left)
	n.serving, n.idle = nil, time.Now()
	if over && s.all[id] == n {
		delete(s.all, id)
	}
}

// forget drops the sessions that nobody was in for long, and if there are very
// many, or they take much, those that nobody was in for longest.
func (s *sessions) forget(now time.Time) {
	type idler struct {
		id    cairn.ID
		since time.Time
	}
	if len(s.all) == 0 {
		return
	}
	var idlers []idler
	for id, n := range s.all {
		if n.serving == nil {
			idlers = append(idlers, idler{id, n.idle})
		}
	}
	slices.SortFunc(idlers, func(a, b idler) int { return cmp.Compare(b.since.UnixNano(), a.since.UnixNano()) })
	bytes := 0
	for i, d := range idlers {
		bytes += s.all[d.id].bytes
		if bytes > mostIdleBytes || i >= mostSessions || now.Sub(d.since) > s.life {
			delete(s.all, d.id)
		}
	}
}

// recall is the outcome of a batch that was committed before.
func (n *session) recall(number uint64) (cairn.Outcome, bool) {
	i, found := slices.BinarySearchFunc(n.kept, number, func(k kept, number uint64) int { return cmp.Compare(k.number, number) })
	if !found {
		return cairn.Outcome{}, false
	}
	return n.kept[i].outcome, true
}

// keep remembers an outcome, if the batch was stored or may have been.
func (n *session) keep(number uint64, o cairn.Outcome) error {
	if o.Err != nil && !errors.Is(o.Err, cairn.ErrUnknownOutcome) {
		return nil
	}
	k := kept{number, o}
	if len(n.kept) == mostKept || n.bytes+k.size() > mostKeptBytes {
		return errForgetful
	}
	n.bytes += k.size()
	if last := len(n.kept) - 1; last < 0 || n.kept[last].number < number {
		n.kept = append(n.kept, k)
		return nil
	}
	i, _ := slices.BinarySearchFunc(n.kept, number, func(k kept, number uint64) int { return cmp.Compare(k.number, number) })
	n.kept = slices.Insert(n.kept, i, k)
	return nil
}

// answered forgets the outcomes up to a number.
func (n *session) answered(number uint64) {
	i := 0
	for i < len(n.kept) && n.kept[i].number <= number {
		n.bytes -= n.kept[i].size()
		i++
	}
	n.kept = slices.Delete(n.kept, 0, i)
}
