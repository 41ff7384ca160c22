package torture

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cairndb/cairn"
)

// A progress is how far the audits have come, kept beside the store so that a
// turn audits only what the turns before it have left.
type progress struct {
	Turn   uint32 // the last that finished its audit
	Ledger *ledger
}

func (s settings) progressPath() string { return filepath.Join(s.Acks, "audit.gob") }

func (s settings) loadProgress() (progress, error) {
	p := progress{Ledger: newLedger()}
	data, err := os.ReadFile(s.progressPath())
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = gob.NewDecoder(bytes.NewReader(data)).Decode(&p)
	}
	return p, err
}

func (s settings) saveProgress(p progress) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(p); err != nil {
		return err
	}
	if err := os.WriteFile(s.progressPath()+".new", b.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(s.progressPath()+".new", s.progressPath())
}

// audit brings the ledger to the head of the store and compares it with what
// was acknowledged in the turns from first to before.
func (s settings) audit(ctx context.Context, store cairn.Store, l *ledger, first, before uint32) (audit, error) {
	made, err := s.loadSetup()
	if err != nil {
		return audit{}, err
	}
	known := l.Counts.Events
	if err := l.advance(ctx, store, made.Head); err != nil {
		return audit{}, err
	}
	if err := l.check(made.Total, len(made.Accounts)); err != nil {
		return audit{}, err
	}
	result := audit{Events: l.Counts.Events - known}
	for turn := first; turn < before; turn++ {
		for a, err := range readAcks(s.Acks, turn) {
			if err == nil {
				err = l.compare(a)
			}
			if err != nil {
				return result, err
			}
			if a.Refused == "" {
				result.Acks++
			}
		}
	}
	return result, nil
}

// advance reads what the ledger has not seen. The accounts were open by the
// position opened.
func (l *ledger) advance(ctx context.Context, store cairn.Store, opened cairn.Position) error {
	info, err := store.Info(ctx)
	if err != nil {
		return err
	}
	if info.Head < l.Head {
		return broken("durable", "the log ends at position %d, and was read up to %d before", info.Head, l.Head)
	}
	for r, err := range store.ReadAll(ctx, cairn.AllOptions{After: l.Head}) {
		if err != nil {
			return err
		}
		l.Openings = r.Position <= opened
		if err := l.add(r); err != nil {
			return err
		}
	}
	if l.Head != info.Head {
		return broken("whole", "the log was read up to position %d, and its head is %d", l.Head, info.Head)
	}
	return nil
}

// compare looks for what was acknowledged.
func (l *ledger) compare(a ack) error {
	if a.Refused != "" {
		return nil
	}
	if a.Change {
		if revision, ok := l.Changed[a.Position]; !ok || revision != a.To {
			return broken("durable", "change %v was acknowledged at position %d, revision %d, and is not stored", a.task, a.Position, a.To)
		}
		return nil
	}
	p, ok := l.Stored[a.task]
	if !ok {
		return broken("durable", "transfer %v was acknowledged at position %d and is not stored", a.task, a.Position)
	}
	if p != a.place {
		return broken("durable", "transfer %v was acknowledged at %+v and stands at %+v", a.task, a.place, p)
	}
	return nil
}
