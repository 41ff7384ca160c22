package rest

import (
	"net/http"
	"slices"
	"strings"
)

// A handler answers a request. It returns an error only if it has written
// nothing.
type handler func(http.ResponseWriter, *http.Request) error

// A route is one operation of the OpenAPI document.
type route struct {
	method, path string
	handle       handler
}

func (s *service) routes() []route {
	return []route{
		{"GET", "/info", s.info},
		{"GET", "/openapi.json", document("application/json", openAPIJSON)},
		{"GET", "/openapi.yaml", document("application/yaml", openAPIYAML)},

		{"GET", "/streams", s.listStreams},
		{"GET", "/streams/{stream}", s.readStream},
		{"POST", "/streams/{stream}", s.appendEvents},
		{"DELETE", "/streams/{stream}", s.deleteStream},
		{"GET", "/streams/{stream}/metadata", s.readMetadata},
		{"PUT", "/streams/{stream}/metadata", s.writeMetadata},
		{"GET", "/streams/{stream}/{revision}", s.readRevision},

		{"GET", "/events", s.readLog},
		{"GET", "/events/{position}", s.readPosition},

		{"GET", "/groups", s.listGroups},
		{"GET", "/groups/{group}", s.readGroup},
		{"DELETE", "/groups/{group}", s.deleteGroup},
		{"GET", "/groups/{group}/parked", s.readParked},
		{"GET", "/groups/{group}/parked/events", s.readParkedEvents},
		{"POST", "/groups/{group}/replay", s.replayParked},
		{"POST", "/groups/{group}/edit", s.editParked},
		{"POST", "/groups/{group}/drop", s.dropParked},
		{"POST", "/groups/{group}/receive", s.receive},
		{"POST", "/groups/{group}/settle", s.settle},

		{"GET", "/projections", s.listProjections},
		{"GET", "/projections/{projection}", s.readProjection},

		{"POST", "/batches", s.commitBatch},
		{"POST", "/import", s.importLines},
	}
}

// mux finds the route of a request. Paths and methods that have none are
// problems like others.
func (s *service) mux() http.Handler {
	byPath := map[string]map[string]handler{}
	for _, r := range s.routes() {
		if byPath[r.path] == nil {
			byPath[r.path] = map[string]handler{}
		}
		byPath[r.path][r.method] = r.handle
	}
	mux := http.NewServeMux()
	for path, handlers := range byPath {
		mux.Handle(Prefix+path, s.answer(byMethod(handlers)))
	}
	mux.Handle(Prefix, s.answer(nothing))
	mux.Handle(Prefix+"/", s.answer(nothing))
	return mux
}

func nothing(_ http.ResponseWriter, r *http.Request) error {
	return notFound.problem("there is nothing at %s", r.URL.Path)
}

func byMethod(handlers map[string]handler) handler {
	var allowed []string
	for method := range handlers {
		allowed = append(allowed, method)
	}
	if handlers[http.MethodGet] != nil {
		allowed = append(allowed, http.MethodHead)
	}
	slices.Sort(allowed)
	return func(w http.ResponseWriter, r *http.Request) error {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if handle := handlers[method]; handle != nil {
			return handle(w, r)
		}
		allow := strings.Join(allowed, ", ")
		w.Header().Set("Allow", allow)
		return methodNotAllowed.problem("%s is not among %s", r.Method, allow)
	}
}

// answer turns the error of a handler into a problem document.
func (s *service) answer(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := s.body(w, r)
		r.Body = b
		if err := handle(w, r); err != nil {
			b.abandon(w, r)
			s.fail(w, r, err)
		}
	})
}
