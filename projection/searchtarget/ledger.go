package searchtarget

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// The ledger is one document. The servers change single documents only, by
// compare-and-set of the sequence number that a document's last write was given
// (if_seq_no and if_primary_term), and changes of several entries must be all or
// nothing. They get documents by ID as they are, not as of the last refresh.
type ledger struct {
	Entries map[string]string `json:"entries"`

	// Intent is a change of what readers see that is under way. Whoever finds one
	// completes it before anything else.
	Intent *intent `json:"intent,omitempty"`

	stored         bool
	sequence, term int64
}

// maxLedger is how large the document may be.
const maxLedger = 32 << 20

// document is the ledger's only ID.
const document = "ledger"

func (t *Target) ledgerIndex() string { return t.Index("cairn_projection") }

func (t *Target) ledgerPath() string { return t.ledgerIndex() + "/_doc/" + document }

// read gets the ledger. It is empty where it was never written.
func (t *Target) read(ctx context.Context) (*ledger, error) {
	var got struct {
		Found       bool   `json:"found"`
		SeqNo       int64  `json:"_seq_no"`
		PrimaryTerm int64  `json:"_primary_term"`
		Source      ledger `json:"_source"`
	}
	err := t.do(ctx, request{method: http.MethodGet, path: t.ledgerPath()}, &got)
	if absent(err) || kind(err) == "index_not_found_exception" {
		return &ledger{Entries: map[string]string{}}, nil
	}
	if err != nil {
		return nil, err
	}
	l := got.Source
	l.stored, l.sequence, l.term = got.Found, got.SeqNo, got.PrimaryTerm
	if l.Entries == nil {
		l.Entries = map[string]string{}
	}
	return &l, nil
}

// write writes the ledger if it still is as it was read. If it is not, the error is
// one of status 409.
func (t *Target) write(ctx context.Context, l *ledger) error {
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if len(body) > maxLedger {
		return ErrLedgerFull
	}
	r := request{method: http.MethodPut, path: t.ledgerPath(), body: json.RawMessage(body),
		query: fmt.Sprintf("if_seq_no=%d&if_primary_term=%d", l.sequence, l.term)}
	if !l.stored {
		if err := t.makeLedger(ctx); err != nil {
			return err
		}
		r.query = "op_type=create"
	}
	return t.do(ctx, r, nil)
}

// makeLedger makes the index of the ledger: nothing of it is searched for.
func (t *Target) makeLedger(ctx context.Context) error {
	return t.createIndex(ctx, t.ledgerIndex(), map[string]any{
		"settings": map[string]any{"index": map[string]any{"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
		"mappings": map[string]any{"dynamic": false},
	})
}

// createIndex makes an index, unless it is there.
func (t *Target) createIndex(ctx context.Context, name string, body any) error {
	err := t.do(ctx, request{method: http.MethodPut, path: name, body: body}, nil)
	if kind(err) == "resource_already_exists_exception" {
		return nil
	}
	return err
}

// Entries returns the entries whose key begins with prefix, as one moment shows them.
func (t *Target) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	l, err := t.settled(ctx)
	if err != nil {
		return nil, err
	}
	var entries []projection.Entry
	for _, key := range slices.Sorted(maps.Keys(l.Entries)) {
		if strings.HasPrefix(key, prefix) {
			entries = append(entries, projection.Entry{Key: key, Value: l.Entries[key]})
		}
	}
	return entries, nil
}

// expect fails unless entries stand as they should.
func (l *ledger) expect(entries []projection.Entry) error {
	for _, e := range entries {
		if l.Entries[e.Key] != e.Value {
			return fmt.Errorf("searchtarget: entry %q: %w", e.Key, projection.ErrMoved)
		}
	}
	return nil
}

func (l *ledger) put(entries []projection.Entry) {
	for _, e := range entries {
		if e.Value == "" {
			delete(l.Entries, e.Key)
		} else {
			l.Entries[e.Key] = e.Value
		}
	}
}
