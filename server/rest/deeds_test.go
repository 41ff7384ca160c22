package rest_test

import (
	"slices"
	"strings"
)

// A deed is a request and the stream that it takes permission for. Its route is
// how the document calls it.
type deed struct {
	route, path, body string
	headers           []string
	stream            string
	status            int // for who may
}

const (
	anEvent    = `{"type":"T"}`
	definition = "$group-g-definition"
)

var deeds = []deed{
	{"GET /streams/{stream}", "/streams/s", "", nil, "s", 200},
	{"GET /streams/{stream}", "/streams/s", "", []string{"Accept", lines}, "s", 200},
	{"GET /streams/{stream}", "/streams/s", "", []string{"Accept", clouds}, "s", 200},
	{"GET /streams/{stream}", "/streams/s", "", []string{"If-None-Match", `"1"`}, "s", 304},
	{"GET /streams/{stream}", "/streams/s", "", []string{"If-None-Match", `*`}, "s", 304},
	{"GET /streams/{stream}", "/streams/$$s", "", nil, "$$s", 200},
	{"GET /streams/{stream}", "/streams/s?limit=1&follow", "", nil, "s", 200},
	{"GET /streams/{stream}/{revision}", "/streams/s/0", "", nil, "s", 200},
	{"GET /streams/{stream}/{revision}", "/streams/s/0", "", []string{"Accept", cloud}, "s", 200},
	{"GET /streams/{stream}/{revision}", "/streams/s/0", "", []string{"If-None-Match", `"0"`}, "s", 304},
	{"POST /streams/{stream}", "/streams/s", anEvent, nil, "s", 201},
	{"POST /streams/{stream}", "/streams/s?expected=no-stream", anEvent, nil, "s", 409},
	{"POST /streams/{stream}", "/streams/$$s", `{"type":"$metadata","data":{}}`, nil, "$$s", 201},
	{"POST /streams/{stream}", "/streams/s", `{"specversion":"1.0","id":"1","source":"/s","type":"T"}`, []string{"Content-Type", cloud}, "s", 201},
	{"POST /streams/{stream}", "/streams/s", `[{"specversion":"1.0","id":"1","source":"/s","type":"T"}]`, []string{"Content-Type", clouds}, "s", 201},
	{"POST /streams/{stream}", "/streams/s", `x`, []string{"Content-Type", "text/plain", "Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "/s", "Ce-Type", "T"}, "s", 201},
	{"DELETE /streams/{stream}", "/streams/s", "", nil, "s", 200},
	{"DELETE /streams/{stream}", "/streams/s?tombstone", "", nil, "s", 200},
	{"GET /streams/{stream}/metadata", "/streams/s/metadata", "", nil, "s", 200},
	{"GET /streams/{stream}/metadata", "/streams/s/metadata", "", []string{"If-None-Match", `"0"`}, "s", 304},
	{"PUT /streams/{stream}/metadata", "/streams/s/metadata", `{}`, nil, "s", 201},
	{"GET /streams", "/streams", "", nil, "$all", 200},
	{"GET /events", "/events", "", nil, "$all", 200},
	{"GET /events", "/events?stream=s", "", nil, "$all", 200},
	{"GET /events", "/events", "", []string{"Accept", lines}, "$all", 200},
	{"GET /events", "/events?limit=1&follow", "", nil, "$all", 200},
	{"GET /events/{position}", "/events/1", "", nil, "$all", 200},
	{"GET /groups", "/groups", "", nil, "$all", 200},
	{"GET /groups/{group}", "/groups/g", "", nil, definition, 404},
	{"DELETE /groups/{group}", "/groups/g", "", nil, definition, 404},
	{"DELETE /groups/{group}", "/groups/g?force", "", nil, definition, 404},
	{"GET /groups/{group}/parked", "/groups/g/parked", "", nil, definition, 404},
	{"GET /groups/{group}/parked/events", "/groups/g/parked/events?key=k", "", nil, definition, 404},
	{"POST /groups/{group}/replay", "/groups/g/replay", `{"all":true}`, nil, definition, 404},
	{"POST /groups/{group}/edit", "/groups/g/edit", `{"key":"k","position":1,"event":` + anEvent + `}`, nil, definition, 404},
	{"POST /groups/{group}/drop", "/groups/g/drop", `{"key":"k"}`, nil, definition, 404},
	{"POST /groups/{group}/receive", "/groups/g/receive", `{"wait":"0s","group":{}}`, nil, definition, 200},
	{"POST /groups/{group}/receive", "/groups/g/receive", `{"wait":"0s"}`, nil, definition, 404},
	{"POST /groups/{group}/settle", "/groups/g/settle", `{"settlements":[{"id":"x","outcome":"ack"}]}`, nil, definition, 200},
	{"GET /projections", "/projections", "", nil, "$all", 200},
	{"GET /projections/{projection}", "/projections/p", "", nil, "$projection-p", 404},
	{"POST /batches", "/batches", `{"writes":[{"stream":"free","events":[` + anEvent + `]},{"stream":"s","events":[` + anEvent + `]}]}`, nil, "s", 201},
	{"POST /batches", "/batches", `{"writes":[{"stream":"free","events":[` + anEvent + `]},{"stream":"s","delete":"soft"}]}`, nil, "s", 201},
	{"POST /batches", "/batches", `{"writes":[{"stream":"free","events":[` + anEvent + `]}],"conditions":[{"stream":"s","expected":1}]}`, nil, "s", 201},
	{"POST /batches", "/batches", `{"writes":[{"stream":"free","events":[` + anEvent + `]}],"conditions":[{"stream":"s","expected":7}]}`, nil, "s", 409},
	{"POST /batches", "/batches", `{"writes":[{"stream":"free","events":[` + anEvent + `]}],"conditions":[{"query":[{"streams":["s"]}],"after":0}]}`, nil, "$all", 409},
	{"POST /import", "/import", `{"id":"` + id + `","stream":"s","type":"T"}`, []string{"Content-Type", lines}, "s", 200},
	{"POST /import", "/import?skipInvalid", `{"id":"` + id + `","stream":"s","type":"$streamDeleted"}`, []string{"Content-Type", lines}, "s", 200},
	{"POST /import", "/import?dryRun", `{"id":"` + id + `","stream":"$$s","type":"$metadata"}`, []string{"Content-Type", lines}, "$$s", 200},
}

// do does the deed.
func (d *deed) do(w *world, login string) answer {
	w.Helper()
	method, _, _ := strings.Cut(d.route, " ")
	return w.do(method, d.path, d.body, slices.Concat(d.headers, as(login))...)
}
