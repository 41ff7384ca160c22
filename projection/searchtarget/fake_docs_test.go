package searchtarget_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

func readAll(r *http.Request) []byte {
	b, _ := io.ReadAll(r.Body)
	return b
}

func (f *fake) get(name, id string) (int, any) {
	i := f.resolve(name)
	if i == nil {
		return missing(name)
	}
	d := i.docs[id]
	if d == nil || d.source == nil {
		return 404, map[string]any{"_index": name, "_id": id, "found": false}
	}
	return 200, map[string]any{"_index": name, "_id": id, "_version": d.version, "_seq_no": d.seq, "_primary_term": 1, "found": true, "_source": d.source}
}

// put writes a document by compare-and-set, or only if there is none.
func (f *fake) put(name, id string, body []byte, q url.Values) (int, any) {
	i := f.resolve(name)
	if i == nil {
		f.create(name, nil)
		i = f.indices[name]
	}
	d := i.docs[id]
	there := d != nil && d.source != nil
	if want := q.Get("if_seq_no"); want != "" && (!there || strconv.FormatInt(d.seq, 10) != want || q.Get("if_primary_term") != "1") {
		return 409, refuse(409, "version_conflict_engine_exception", fmt.Sprintf("[%s]: version conflict, required seqNo [%s], primary term [1]", id, want))
	}
	if q.Get("op_type") == "create" && there {
		return 409, refuse(409, "version_conflict_engine_exception", fmt.Sprintf("[%s]: version conflict, document already exists (current version [%d])", id, d.version))
	}
	if d == nil {
		d = &doc{}
	}
	i.set(id, &doc{source: bytes.Clone(body), version: d.version + 1})
	return 201, map[string]any{"_index": name, "_id": id, "_seq_no": i.next - 1, "_primary_term": 1, "result": "created"}
}

func (i *index) set(id string, d *doc) {
	d.seq, i.next = i.next, i.next+1
	i.docs[id] = d
}

type action struct {
	Index       string `json:"_index"`
	ID          string `json:"_id"`
	Version     int64  `json:"version"`
	VersionType string `json:"version_type"`
}

func (f *fake) bulk(body []byte, refresh string) (int, any) {
	if !bytes.HasSuffix(body, []byte("\n")) {
		return 400, refuse(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]")
	}
	lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	var items []any
	failed := false
	for len(lines) > 0 {
		var head map[string]action
		if err := json.Unmarshal(lines[0], &head); err != nil || len(head) != 1 {
			return 400, refuse(400, "illegal_argument_exception", "Malformed action/metadata line")
		}
		lines = lines[1:]
		for what, a := range head {
			var source []byte
			if what == "index" {
				source, lines = lines[0], lines[1:]
			}
			item := f.item(what, a, source)
			failed = failed || item["error"] != nil
			items = append(items, map[string]any{what: item})
			if i := f.resolve(a.Index); i != nil && refresh == "wait_for" {
				i.refresh()
			}
		}
	}
	return 200, map[string]any{"took": 1, "errors": failed, "items": items}
}

func (f *fake) item(what string, a action, source []byte) map[string]any {
	i := f.resolve(a.Index)
	if i == nil && what == "index" {
		f.create(a.Index, nil)
		i = f.indices[a.Index]
	}
	said := func(status int, kind, reason string, cause any) map[string]any {
		e := map[string]any{"type": kind, "reason": reason, "index": a.Index, "caused_by": cause}
		return map[string]any{"_index": a.Index, "_id": a.ID, "status": status, "error": e}
	}
	if i == nil {
		return said(404, "index_not_found_exception", "no such index ["+a.Index+"]", nil)
	}
	d := i.docs[a.ID]
	if a.VersionType != "external" {
		return said(400, "illegal_argument_exception", "this imitation knows version type external only", nil)
	}
	if d != nil && d.version >= a.Version {
		return said(409, "version_conflict_engine_exception", fmt.Sprintf("[%s]: version conflict, current version [%d] is higher or equal to the one provided [%d]", a.ID, d.version, a.Version), nil)
	}
	if reason := i.refuses(source); reason != "" {
		return said(400, "mapper_parsing_exception", "failed to parse field [n] of type [long] in document with id '"+a.ID+"'", map[string]any{"type": "illegal_argument_exception", "reason": reason})
	}
	i.set(a.ID, &doc{source: bytes.Clone(source), version: a.Version})
	status, result := 201, "created"
	switch {
	case what == "delete" && (d == nil || d.source == nil):
		status, result = 404, "not_found"
	case what == "delete":
		status, result = 200, "deleted"
	case d != nil && d.source != nil:
		status, result = 200, "updated"
	}
	return map[string]any{"_index": a.Index, "_id": a.ID, "_version": a.Version, "result": result, "status": status, "_seq_no": i.next - 1, "_primary_term": 1}
}

// refuses says why a document does not fit: the number n must be one.
func (i *index) refuses(source []byte) string {
	var d struct{ N any }
	if json.Unmarshal(source, &d) != nil || i.mappings["properties"] == nil {
		return ""
	}
	if s, ok := d.N.(string); ok {
		return `For input string: "` + s + `"`
	}
	return ""
}

func (i *index) refresh() {
	i.found = map[string]json.RawMessage{}
	for id, d := range i.docs {
		if d.source != nil {
			i.found[id] = d.source
		}
	}
}

func (f *fake) refresh(name string) (int, any) {
	i := f.resolve(name)
	if i == nil {
		return missing(name)
	}
	i.refresh()
	return 200, map[string]any{"_shards": map[string]any{"total": 1, "successful": 1, "failed": 0}}
}

func (f *fake) search(names string) (int, any) {
	hits := []any{}
	for _, name := range strings.Split(names, ",") {
		i := f.resolve(name)
		if i == nil {
			return missing(name)
		}
		for id, source := range i.found {
			hits = append(hits, map[string]any{"_index": name, "_id": id, "_source": source})
		}
	}
	return 200, map[string]any{"hits": map[string]any{"total": map[string]any{"value": len(hits), "relation": "eq"}, "hits": hits}}
}
