package torture

import (
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider/snapshot"
	"github.com/cairndb/cairn/examples/bank/account"
)

// A ledger is a second, independent bookkeeping: it folds the log itself, event
// by event, and knows nothing of streams being read or states being cached.
type ledger struct {
	Head     cairn.Position
	Books    map[account.Number]book
	Total    account.Money
	Counts   counts
	Settled  uint32         // nothing of turns before this one may still be stored
	Stored   map[task]place // the transfers of later turns
	Openings bool           // accounts are still being opened, so the total grows

	// Changed are the changes of money of this audit, by the position and
	// revision of their last event.
	Changed map[cairn.Position]cairn.Revision

	// open is the first half of something whose second must come next.
	open  *cairn.Recorded
	half  account.Event
	moved []account.Number // the accounts of it
}

// A book is one account as the log shows it.
type book struct {
	Revision cairn.Revision
	Balance  account.Money
}

// A place is where a transfer is stored.
type place struct {
	Position cairn.Position `json:"position,omitempty"` // of its last event
	From     cairn.Revision `json:"from"`               // of the paying leg
	To       cairn.Revision `json:"to"`                 // of the paid leg
}

type counts struct{ Events, Transfers, Changes uint64 }

func newLedger() *ledger {
	return &ledger{
		Books:    map[account.Number]book{},
		Stored:   map[task]place{},
		Changed:  map[cairn.Position]cairn.Revision{},
		Openings: true,
	}
}

// add takes the next event of the log.
func (l *ledger) add(r cairn.Recorded) error {
	if r.Position != l.Head+1 {
		return broken("dense", "position %d follows position %d", r.Position, l.Head)
	}
	l.Head = r.Position
	l.Counts.Events++
	if isSnapshot(r) && l.open == nil {
		return nil
	}
	number, ok := account.NumberOfStream(r.Stream)
	if !ok {
		return broken("whole", "position %d is in stream %q, where nothing was written", r.Position, r.Stream)
	}
	e, err := account.Events.Decode(r)
	if err != nil {
		return broken("whole", "position %d: %v", r.Position, err)
	}
	if err := l.enter(number, r, account.Effect(e)); err != nil {
		return err
	}
	if err := l.pair(r, e); err != nil || l.open != nil {
		return err
	}
	return l.overdrawn()
}

// overdrawn looks at the accounts that a batch has moved money of.
func (l *ledger) overdrawn() error {
	for _, number := range l.moved {
		if balance := l.Books[number].Balance; balance < 0 {
			return broken("isolated", "behind position %d account %s stands at %v", l.Head, number, balance)
		}
	}
	l.moved = l.moved[:0]
	return nil
}

// isSnapshot reports whether an event is of the cache that the bank keeps in the
// store, or of the metadata that keeps the cache small.
func isSnapshot(r cairn.Recorded) bool {
	stream, _ := strings.CutPrefix(r.Stream, cairn.MetadataStream(""))
	return r.Type == snapshot.Type || r.Type == cairn.TypeMetadata && strings.HasPrefix(stream, "$")
}

// enter books an event to its account.
func (l *ledger) enter(number account.Number, r cairn.Recorded, effect account.Money) error {
	b, known := l.Books[number]
	if !known {
		b.Revision = cairn.NoStream
	}
	if r.Revision != b.Revision+1 {
		return broken("in order", "position %d: revision %d of %q follows %d", r.Position, r.Revision, r.Stream, b.Revision)
	}
	b.Revision, b.Balance = r.Revision, b.Balance+effect
	l.Total += effect
	l.Books[number] = b
	l.moved = append(l.moved, number)
	return nil
}

// store notes a transfer, which must be there once.
func (l *ledger) store(id string, p place) error {
	t, err := taskOf(id)
	if err != nil {
		return broken("whole", "position %d: %v", p.Position, err)
	}
	if was, twice := l.Stored[t]; twice {
		return broken("idempotent", "transfer %v is stored twice, at positions %d and %d", t, was.Position, p.Position)
	}
	if t.Turn < l.Settled {
		return broken("idempotent", "transfer %v of a turn long past is stored at position %d", t, p.Position)
	}
	l.Stored[t] = p
	return nil
}

// check looks at what the ledger has come to, at the end of the log.
func (l *ledger) check(total account.Money, accounts int) error {
	if l.open != nil {
		return broken("atomic", "the log ends at position %d in the middle of %#v", l.Head, l.half)
	}
	var sum account.Money
	for _, b := range l.Books {
		sum += b.Balance
	}
	if sum != total || l.Total != total {
		return broken("atomic", "all accounts hold %v, and %v was paid in", sum, total)
	}
	if len(l.Books) != accounts {
		return broken("durable", "there are %d accounts, and %d were opened", len(l.Books), accounts)
	}
	return nil
}

// settle forgets the transfers of turns before this one, and all changes. They
// were checked, and whatever of those transfers comes later is a second copy.
func (l *ledger) settle(turn uint32) {
	clear(l.Changed)
	l.Settled = max(l.Settled, turn)
	for t := range l.Stored {
		if t.Turn < l.Settled {
			delete(l.Stored, t)
		}
	}
}
