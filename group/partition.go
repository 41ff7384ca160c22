package group

import (
	"slices"

	"github.com/cairndb/cairn"
)

// A held is an event that is not settled, or was lately.
type held struct {
	position cairn.Position
	event    *cairn.Recorded // nil if it has to be read again
	settled  bool
	sent     bool // being committed: what settles it is under way
}

// A lane holds the events of one key that wait for a worker, in order.
type lane struct {
	key  string
	p    *partition
	next *lane // in the queue of those that are ready

	queue   []*held
	replay  bool // it replays what is parked instead
	state   laneState
	attempt int // that have failed
	lost    int // conflicts in a row
	stop    func() bool
}

// A laneState is what a lane waits for.
type laneState uint8

const (
	idle       laneState = iota // nothing: it is being put together
	ready                       // a worker
	running                     // the outcome of an attempt
	waiting                     // the time to try again
	committing                  // its outcome to be durable
	dead                        // nothing any more
)

// An item is an outcome that must be committed: it settles an event, and holds
// what is to be written with that.
type item struct {
	kind string // of the note; empty if there is none
	note note
	held *held // nil if what it settles was parked
	lane *lane // waits for the commit; nil if none does

	batch   *cairn.Batch // of the handler's, nil if it has none
	event   *cairn.Recorded
	attempt int
}

// A partition is one that the member owns. What changes is guarded by the
// machine's lock, but for the ledger, which changes under it in the
// committer's goroutine only.
type partition struct {
	n      int
	at     standing
	ledger *ledger
	read   cairn.Position // the follower has offered everything up to here
	loaded bool           // all that was unsettled is in the queue
	active bool           // the follower covers it

	queue     []*held // rising; settled ones are taken out now and then
	unsettled int
	running   int
	dirty     int            // settled since the last commit
	parking   map[string]int // notes of parked events in the outbox, by key

	outbox    []*item
	stale     bool // the ledger is behind its stream
	alone     bool // a commit of several outcomes failed: try them one by one
	releasing bool
}

func newPartition(n int, at standing, l *ledger) *partition {
	return &partition{n: n, at: at, ledger: l, read: at.Position, parking: map[string]int{}}
}

// shelved reports whether events of the key are parked as they come.
func (p *partition) shelved(key string) bool {
	return p.ledger.shelves[key] != nil || p.parking[key] > 0
}

// park puts an event behind what is parked under its key. Without a cause it
// follows another one.
func (p *partition) park(key string, h *held, cause error, attempts int) *item {
	it := &item{kind: typeParked, note: note{Key: key, Position: h.position, Attempts: attempts}, held: h, attempt: attempts, event: h.event}
	if cause != nil {
		it.note.Error = cause.Error()
	}
	h.event = nil
	p.parking[key]++
	p.outbox = append(p.outbox, it)
	return it
}

// state is the partition's progress once what is being sent is stored.
func (p *partition) state() progress {
	p.queue = slices.DeleteFunc(p.queue, func(h *held) bool { return h.settled })
	s := progress{Epoch: p.at.Epoch, Owner: p.at.Owner, Position: p.read}
	for _, h := range p.queue {
		if !h.sent {
			s.Unsettled = append(s.Unsettled, h.position)
		}
	}
	return s
}

// drained reports whether nothing of the partition is under way.
func (p *partition) drained() bool { return p.running == 0 && len(p.outbox) == 0 }
