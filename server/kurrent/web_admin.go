package kurrent

import (
	"context"
	"net/http"
	"strconv"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/internal/proto/kurrent/operations"
	"github.com/cairndb/cairn/server/access"
)

// operate adds the Operations service for those who speak HTTP.
func (s *Service) operate(mux *http.ServeMux) {
	o := s.operations
	mux.Handle("GET /admin/login", s.only(func(w http.ResponseWriter, _ *http.Request) { answer(w, struct{}{}) }))
	mux.HandleFunc("POST /admin/shutdown", s.empty(o.Shutdown))
	mux.HandleFunc("POST /admin/mergeindexes", s.empty(o.MergeIndexes))
	mux.HandleFunc("POST /admin/node/resign", s.empty(o.ResignNode))
	mux.HandleFunc("POST /admin/node/priority/{n}", s.webPriority)
	mux.HandleFunc("POST /admin/scavenge", s.webScavenge)
	mux.HandleFunc("DELETE /admin/scavenge/{id}", s.webStopScavenge)
	mux.Handle("GET /admin/scavenge/current", s.only(s.currentScavenge, access.Operations))
	mux.Handle("GET /admin/scavenge/last", s.only(s.lastScavenge, access.Operations))
}

// empty serves a call that has nothing to ask and nothing to answer.
func (s *Service) empty(call func(context.Context, *shared.Empty) (*shared.Empty, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, err := call(r.Context(), &shared.Empty{})
		s.operated(w, r, struct{}{}, err)
	}
}

// operated answers with what a call of the Operations service returned.
func (s *Service) operated(w http.ResponseWriter, r *http.Request, v any, err error) {
	switch message := status.Convert(err).Message(); status.Code(err) {
	case codes.OK:
		answer(w, v)
	case codes.NotFound:
		http.Error(w, message, http.StatusNotFound)
	case codes.InvalidArgument:
		http.Error(w, message, http.StatusBadRequest)
	case codes.PermissionDenied:
		s.webFail(w, r, access.ErrDenied)
	default:
		s.webFail(w, r, err)
	}
}

func (s *Service) webPriority(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 32)
	if err != nil {
		http.Error(w, "The priority is not a number.", http.StatusBadRequest)
		return
	}
	_, err = s.operations.SetNodePriority(r.Context(), &operations.SetNodePriorityReq{Priority: int32(n)})
	s.operated(w, r, struct{}{}, err)
}

func (s *Service) webScavenge(w http.ResponseWriter, r *http.Request) {
	o := &operations.StartScavengeReq_Options{}
	for name, field := range map[string]*int32{"threads": &o.ThreadCount, "startFromChunk": &o.StartFromChunk} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			http.Error(w, name+" is not a number.", http.StatusBadRequest)
			return
		}
		*field = int32(n)
	}
	got, err := s.operations.StartScavenge(r.Context(), &operations.StartScavengeReq{Options: o})
	s.operated(w, r, map[string]string{"scavengeId": got.GetScavengeId()}, err)
}

func (s *Service) webStopScavenge(w http.ResponseWriter, r *http.Request) {
	got, err := s.operations.StopScavenge(r.Context(), &operations.StopScavengeReq{
		Options: &operations.StopScavengeReq_Options{ScavengeId: r.PathValue("id")},
	})
	s.operated(w, r, map[string]string{"scavengeId": got.GetScavengeId()}, err)
}

// currentScavenge says that none is running, as one is over when it has started.
func (s *Service) currentScavenge(w http.ResponseWriter, _ *http.Request) { answer(w, struct{}{}) }

func (s *Service) lastScavenge(w http.ResponseWriter, _ *http.Request) {
	s.operations.mu.Lock()
	id := s.operations.last
	s.operations.mu.Unlock()
	if id == "" {
		answer(w, struct{}{})
		return
	}
	answer(w, map[string]string{"scavengeId": id, "scavengeLink": "/admin/scavenge/" + id, "scavengeResult": "Success"})
}
