package searchtarget

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/cairndb/cairn"
)

// A Tx is what handlers write with: whole documents that are written or deleted, each
// with the position of the event it is for. They are sent when the handler has
// returned. It is for one goroutine, and over when the handler returns.
type Tx struct {
	t     *Target
	queue []write
	seen  map[place]cairn.Position
}

// A place is where a document is.
type place struct{ index, id string }

// A write is one action of a bulk request.
type write struct {
	place
	position cairn.Position
	action   string // "index" or "delete"
	source   []byte
}

// maxID is how many bytes an ID may have.
const maxID = 512

// CreateIndex makes the index of a table, with settings and mappings as the servers
// document them for the body of "create index". It is done at once, and an index that
// is there already is left as it is, so that Setup can be run again after a crash.
//
// Indices that were not made are made by the server when the first document comes
// (action.auto_create_index), with mappings that it guesses.
//
// Unless body says otherwise the index remembers deleted documents for an hour
// (index.gc_deletes), rather than a minute: see the package's documentation.
func (tx *Tx) CreateIndex(ctx context.Context, name string, body map[string]any) error {
	body, err := remembering(body)
	if err != nil {
		return err
	}
	return tx.t.createIndex(ctx, tx.t.Index(name), body)
}

// remembering is a body with index.gc_deletes, in a copy.
func remembering(body map[string]any) (map[string]any, error) {
	var with map[string]any
	b, err := json.Marshal(body)
	if err == nil {
		err = json.Unmarshal(b, &with)
	}
	if err != nil {
		return nil, &cairn.InvalidError{Field: "body of index", Problem: err.Error()}
	}
	if with == nil {
		with = map[string]any{}
	}
	settings, ok := with["settings"].(map[string]any)
	if !ok {
		settings = map[string]any{}
		with["settings"] = settings
	}
	_, flat := settings["index.gc_deletes"]
	nested, _ := settings["index"].(map[string]any)
	_, deep := nested["gc_deletes"]
	_, short := settings["gc_deletes"]
	if !flat && !deep && !short {
		settings["index.gc_deletes"] = "1h"
	}
	return with, nil
}

// Index writes a document in the place of the one with that ID. The document is all
// of it: there are no partial updates, which could not be done twice. The name is
// that of a table in its build, by [projection.Names.Name].
//
// An event may write a document once. A second write fails, as it could not be told
// from the first one done again.
func (tx *Tx) Index(at cairn.Position, name, id string, doc any) error {
	source, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("searchtarget: document %q of %q: %w", id, name, err)
	}
	return tx.add(write{place{tx.t.Index(name), id}, at, "index", source})
}

// Delete deletes a document, which may not be there. It counts as a write of it.
func (tx *Tx) Delete(at cairn.Position, name, id string) error {
	return tx.add(write{place{tx.t.Index(name), id}, at, "delete", nil})
}

func (tx *Tx) add(w write) error {
	switch last, ok := tx.seen[w.place]; {
	case w.id == "" || len(w.id) > maxID:
		return &cairn.InvalidError{Field: "ID of a document", Problem: "must have 1 to 512 bytes", Limit: maxID}
	case w.position == 0 || w.position > math.MaxInt64:
		return &cairn.InvalidError{Field: "position of a document", Problem: "must be that of the event"}
	case ok && last >= w.position:
		return &cairn.InvalidError{Field: fmt.Sprintf("document %q of %q", w.id, w.index), Problem: "was written for this event, or for a later one, already"}
	}
	tx.seen[w.place] = w.position
	tx.queue = append(tx.queue, w)
	return nil
}

// Get reads a document as it is stored, into v, and says whether it is there. It does
// not see what is queued. What was read may be newer than the event in hand, when that
// event is applied once more after a crash, so that a handler must not write what it
// has worked out from it.
func (tx *Tx) Get(ctx context.Context, name, id string, v any) (bool, error) {
	return tx.t.get(ctx, tx.t.Index(name), id, v)
}
