package searchtarget_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A fake imitates a server, as far as the target and its tests use one, from the
// documentation:
//
//	create and delete index, get index alias, aliases   elastic.co/guide/en/elasticsearch/reference/8.15/indices-aliases.html
//	index and get document, versioning                  elastic.co/guide/en/elasticsearch/reference/8.15/docs-index_.html
//	compare-and-set                                     elastic.co/guide/en/elasticsearch/reference/8.15/optimistic-concurrency-control.html
//	bulk                                                elastic.co/guide/en/elasticsearch/reference/8.15/docs-bulk.html
//	refresh                                             elastic.co/guide/en/elasticsearch/reference/8.15/docs-refresh.html
//
// Searches see what was there at the last refresh; wait_for does one, which a server
// does a second later.
type fake struct {
	*httptest.Server
	mu      sync.Mutex
	indices map[string]*index
	hook    func(w http.ResponseWriter, r *http.Request, body []byte) bool // true: it has answered
	log     []string
}

type index struct {
	mappings map[string]any
	aliases  map[string]bool // and whether it is the write index
	docs     map[string]*doc
	found    map[string]json.RawMessage // by searches
	next     int64
}

// A doc is one, or the memory of one that was deleted.
type doc struct {
	source  json.RawMessage
	version int64
	seq     int64
}

func newFake(t testing.TB) *fake {
	f := &fake{indices: map[string]*index{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := readAll(r)
	f.mu.Lock()
	hook := f.hook
	f.log = append(f.log, strings.TrimSuffix(r.Method+" "+r.URL.Path+"?"+r.URL.RawQuery, "?"))
	f.mu.Unlock()
	if hook != nil && hook(w, r, body) {
		return
	}
	f.answer(w, r, body)
}

// answer answers as the server would.
func (f *fake) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	f.mu.Lock()
	status, v := f.serve(r, body)
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(v)
	}
}

func (f *fake) serve(r *http.Request, body []byte) (int, any) {
	parts := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	for i := range parts {
		parts[i], _ = url.PathUnescape(parts[i])
	}
	q := r.URL.Query()
	what := r.Method + " " + shape(parts)
	switch what {
	case "PUT index":
		return f.create(parts[0], body)
	case "DELETE index":
		return f.drop(parts[0])
	case "POST _bulk":
		return f.bulk(body, q.Get("refresh"))
	case "POST _aliases":
		return f.moveAliases(body)
	case "GET _alias":
		return f.holders(parts[1])
	case "GET _doc":
		return f.get(parts[0], parts[2])
	case "PUT _doc":
		return f.put(parts[0], parts[2], body, q)
	case "POST _refresh":
		return f.refresh(parts[0])
	case "POST _search":
		return f.search(parts[0])
	}
	return http.StatusBadRequest, refuse(400, "illegal_argument_exception", "request ["+what+"] contains unrecognized parameter or no handler found")
}

// shape is which endpoint a path is of.
func shape(parts []string) string {
	switch {
	case strings.HasPrefix(parts[0], "_"):
		return parts[0]
	case len(parts) == 1:
		return "index"
	}
	return parts[1]
}

func refuse(status int, kind, reason string) any {
	e := map[string]any{"type": kind, "reason": reason}
	return map[string]any{"error": map[string]any{"root_cause": []any{e}, "type": kind, "reason": reason}, "status": status}
}

func missing(index string) (int, any) {
	return 404, refuse(404, "index_not_found_exception", "no such index ["+index+"]")
}

// resolve finds an index, also by an alias of one.
func (f *fake) resolve(name string) *index {
	if i := f.indices[name]; i != nil {
		return i
	}
	for _, i := range f.indices {
		if _, ok := i.aliases[name]; ok {
			return i
		}
	}
	return nil
}

func (f *fake) create(name string, body []byte) (int, any) {
	var def struct{ Mappings map[string]any }
	_ = json.Unmarshal(body, &def)
	if f.resolve(name) != nil {
		return 400, refuse(400, "resource_already_exists_exception", "index ["+name+"/xyz] already exists")
	}
	f.indices[name] = &index{mappings: def.Mappings, aliases: map[string]bool{}, docs: map[string]*doc{}, found: map[string]json.RawMessage{}}
	return 200, map[string]any{"acknowledged": true, "shards_acknowledged": true, "index": name}
}

func (f *fake) drop(name string) (int, any) {
	if f.indices[name] == nil {
		if f.resolve(name) != nil {
			return 400, refuse(400, "illegal_argument_exception", "The provided expression ["+name+"] matches an alias, specify the corresponding concrete indices instead.")
		}
		return missing(name)
	}
	delete(f.indices, name)
	return 200, map[string]any{"acknowledged": true}
}

func (f *fake) holders(alias string) (int, any) {
	by := map[string]any{}
	for name, i := range f.indices {
		if writes, ok := i.aliases[alias]; ok {
			by[name] = map[string]any{"aliases": map[string]any{alias: map[string]any{"is_write_index": writes}}}
		}
	}
	if len(by) == 0 {
		return 404, map[string]any{"error": "alias [" + alias + "] missing", "status": 404}
	}
	return 200, by
}

func (f *fake) moveAliases(body []byte) (int, any) {
	var asked struct {
		Actions []map[string]struct {
			Index, Alias string
			MustExist    bool `json:"must_exist"`
			IsWriteIndex bool `json:"is_write_index"`
		}
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return 400, refuse(400, "x_content_parse_exception", err.Error())
	}
	after := map[string]map[string]bool{}
	for name, i := range f.indices {
		after[name] = map[string]bool{}
		for a, w := range i.aliases {
			after[name][a] = w
		}
	}
	for _, action := range asked.Actions {
		for what, a := range action {
			switch _, there := after[a.Index][a.Alias]; {
			case f.indices[a.Index] == nil:
				return missing(a.Index)
			case f.indices[a.Alias] != nil:
				return 400, refuse(400, "invalid_alias_name_exception", "Invalid alias name ["+a.Alias+"]: an index or data stream exists with the same name as the alias")
			case what == "remove" && a.MustExist && !there:
				return 404, refuse(404, "aliases_not_found_exception", "aliases ["+a.Alias+"] missing")
			case what == "remove":
				delete(after[a.Index], a.Alias)
			default:
				after[a.Index][a.Alias] = a.IsWriteIndex
			}
		}
	}
	writers := map[string][]string{}
	for name, aliases := range after {
		for a, w := range aliases {
			if w {
				writers[a] = append(writers[a], name)
			}
		}
	}
	for a, names := range writers {
		if slices.Sort(names); len(names) > 1 {
			return 500, refuse(500, "illegal_state_exception", fmt.Sprintf("alias [%s] has more than one write index [%s]", a, strings.Join(names, ",")))
		}
	}
	for name, aliases := range after {
		f.indices[name].aliases = aliases
	}
	return 200, map[string]any{"acknowledged": true, "errors": false}
}
