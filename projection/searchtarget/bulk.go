package searchtarget

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// Update looks at the entries, runs fn, sends the documents that it has queued, and
// makes the change. When it fails, some documents may have been written: they are
// left as they are when the events are applied again.
func (t *Target) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *Tx) error) error {
	l, err := t.settled(ctx)
	if err != nil {
		return err
	}
	if err := l.expect(c.Expect); err != nil {
		return err
	}
	tx := &Tx{t: t, seen: map[place]cairn.Position{}}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := t.send(ctx, tx.queue); err != nil {
		return err
	}
	return t.Apply(ctx, c)
}

// send sends documents in requests of MaxBytes. It ends with the first one of which a
// document was refused.
func (t *Target) send(ctx context.Context, queue []write) error {
	for len(queue) > 0 {
		var body bytes.Buffer
		n := 0
		for n < len(queue) && (n == 0 || body.Len()+len(queue[n].source)+len(queue[n].id)+256 <= t.o.MaxBytes) {
			if err := queue[n].encode(&body); err != nil {
				return err
			}
			n++
		}
		if err := t.bulk(ctx, queue[:n], body.Bytes()); err != nil {
			return err
		}
		queue = queue[n:]
	}
	return nil
}

// encode writes the lines of one action. With version_type external the server takes
// a document only if its version, our position, is higher than that of the one there.
func (w *write) encode(body *bytes.Buffer) error {
	lines := json.NewEncoder(body) // ends each with a newline
	err := lines.Encode(map[string]any{w.action: map[string]any{
		"_index": w.index, "_id": w.id, "version": w.position, "version_type": "external"}})
	if w.source != nil {
		body.Write(w.source)
		body.WriteByte('\n')
	}
	return err
}

// A result is what the server says of one action.
type result struct {
	Status int    `json:"status"`
	Error  *cause `json:"error"`
}

func (t *Target) bulk(ctx context.Context, sent []write, body []byte) error {
	r := request{method: http.MethodPost, path: "_bulk", body: body, query: "refresh=false"}
	if t.o.Refresh == Searchable {
		r.query = "refresh=wait_for"
	}
	var answer struct {
		Items []map[string]result `json:"items"`
	}
	err := t.do(ctx, r, &answer)
	if is(err, http.StatusRequestEntityTooLarge) && len(sent) == 1 {
		return &projection.EventError{Position: sent[0].position, Err: err}
	}
	if err != nil {
		return err
	}
	if len(answer.Items) != len(sent) {
		return because(ctx, r, &unreadableError{fmt.Errorf("%d results for %d actions", len(answer.Items), len(sent))})
	}
	return t.judge(sent, answer.Items)
}

// judge returns the worst of what the server says: something that is for nobody's
// event, or else the first event that it refuses.
func (t *Target) judge(sent []write, items []map[string]result) error {
	var refused *projection.EventError
	for i, item := range items {
		err := sent[i].err(item[sent[i].action])
		switch {
		case err == nil:
		case t.Fault(err) != projection.FaultEvent:
			return err
		case refused == nil || sent[i].position < refused.Position:
			refused = &projection.EventError{Position: sent[i].position, Err: err}
		}
	}
	if refused != nil {
		return refused
	}
	return nil
}

// err is what the result means. A conflict is a document that has seen the event or a
// later one. A deletion of what is not there is 404, and done.
func (w *write) err(r result) error {
	switch {
	case r.Status >= 200 && r.Status < 300, r.Status == http.StatusConflict,
		r.Status == http.StatusNotFound && r.Error == nil && w.action == "delete":
		return nil
	case r.Error == nil:
		r.Error = &cause{Reason: "the server gave no reason"}
	}
	return &ServerError{Status: r.Status, Type: r.Error.Type, Reason: r.Error.text(), Doing: fmt.Sprintf("%s %q in %q", w.action, w.id, w.index)}
}

// get gets a document by its ID, as it is stored.
func (t *Target) get(ctx context.Context, index, id string, v any) (bool, error) {
	got := struct {
		Found  bool `json:"found"`
		Source any  `json:"_source"`
	}{Source: v}
	err := t.do(ctx, request{method: http.MethodGet, path: index + "/_doc/" + url.PathEscape(id)}, &got)
	if absent(err) {
		return false, nil
	}
	return got.Found, err
}
