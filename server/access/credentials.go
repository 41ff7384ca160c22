package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	stdhash "hash"
	"sync"

	"github.com/cairndb/cairn"
)

// maxVerdicts is how many verdicts of each kind are remembered, and twice that
// at most.
const maxVerdicts = 4096

// A fingerprint stands for a header, so that no password is kept.
type fingerprint [sha256.Size]byte

// A verdict says that the credentials with a fingerprint are, or are not, those
// of a user as recorded at a revision. It is true for ever, because records
// never change: a user who changes gets a new one.
type verdict struct {
	revision cairn.Revision
	right    bool
}

// verdicts remembers which credentials are right, and finds it out once however
// many ask at the same time. Right and wrong ones are apart, so that many wrong
// ones do not push out the right.
type verdicts struct {
	macs sync.Pool // of hashes with a key of this process's

	mu           sync.Mutex
	right, wrong *recent[fingerprint, verdict]
	underWay     map[fingerprint]*inquiry
}

// A verifier finds out whether credentials are right.
type verifier func(context.Context) (bool, error)

// An inquiry is a verdict that somebody is finding out.
type inquiry struct {
	done chan struct{} // closed when it is known, or was given up
	verdict
	err error // why it was given up
}

func newVerdicts() *verdicts {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	return &verdicts{
		macs:  sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }},
		right: newRecent[fingerprint, verdict](maxVerdicts), wrong: newRecent[fingerprint, verdict](maxVerdicts),
		underWay: map[fingerprint]*inquiry{},
	}
}

func (v *verdicts) fingerprint(header string) (f fingerprint) {
	mac := v.macs.Get().(stdhash.Hash)
	mac.Reset()
	_, _ = mac.Write([]byte(header)) // never fails
	mac.Sum(f[:0])
	v.macs.Put(mac)
	return f
}

// find is the verdict on credentials for a record of the revision, if there is
// one.
func (v *verdicts) find(f fingerprint, revision cairn.Revision) (right, ok bool) {
	for _, all := range []*recent[fingerprint, verdict]{v.right, v.wrong} {
		if found, ok := all.get(f); ok && found.revision == revision {
			return found.right, true
		}
	}
	return false, false
}

// judge is the verdict on credentials for a record of the revision. If it is
// not known, one of those who ask finds it out by calling verify, and all the
// others wait for that one.
func (v *verdicts) judge(ctx context.Context, f fingerprint, revision cairn.Revision, verify verifier) (bool, error) {
	for {
		q, mine := v.join(f, revision)
		if mine {
			v.inquire(ctx, f, q, verify)
			return q.right, q.err
		}
		select {
		case <-q.done:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
		if q.revision == revision && (q.err == nil || errors.Is(q.err, ErrBusy)) {
			return q.right, q.err
		}
		// whoever asked has gone away, or asked about another record
	}
}

// join is the inquiry into credentials that is under way, or a new one, which is
// then the caller's to make.
func (v *verdicts) join(f fingerprint, revision cairn.Revision) (q *inquiry, mine bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if right, ok := v.find(f, revision); ok {
		return &inquiry{done: closed, verdict: verdict{revision, right}}, false
	}
	if q, ok := v.underWay[f]; ok {
		return q, false
	}
	q = &inquiry{done: make(chan struct{}), verdict: verdict{revision: revision}}
	v.underWay[f] = q
	return q, true
}

// closed is the channel of what is known already.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// inquire finds a verdict out and remembers it.
func (v *verdicts) inquire(ctx context.Context, f fingerprint, q *inquiry, verify verifier) {
	q.right, q.err = verify(ctx)
	v.mu.Lock()
	defer v.mu.Unlock()
	if q.err == nil {
		v.remember(f, q.verdict)
	}
	delete(v.underWay, f)
	close(q.done)
}

func (v *verdicts) remember(f fingerprint, found verdict) {
	v.right.remove(f)
	v.wrong.remove(f)
	if found.right {
		v.right.put(f, found)
	} else {
		v.wrong.put(f, found)
	}
}
