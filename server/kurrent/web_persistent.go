package kurrent

import (
	"context"
	"net/http"
	"strconv"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// watchPersistent adds what operators do about persistent subscriptions with a
// browser or curl: look, replay and truncate what is parked, delete, restart.
func (s *Service) watchPersistent(mux *http.ServeMux) {
	calls := &persistentServer{Service: s}
	mux.Handle("GET /subscriptions", s.only(s.webSubscriptions))
	mux.Handle("GET /subscriptions/{stream}", s.only(s.webSubscriptions))
	mux.Handle("GET /subscriptions/{stream}/{group}/info", s.only(s.webSubscription))
	mux.HandleFunc("DELETE /subscriptions/{stream}/{group}", calls.webDelete)
	mux.HandleFunc("POST /subscriptions/{stream}/{group}/replayParked", calls.webParked(calls.ReplayParked))
	mux.HandleFunc("POST /subscriptions/{stream}/{group}/truncateParked", calls.webParked(calls.TruncateParked))
	mux.HandleFunc("POST /subscriptions/restart", s.empty(calls.RestartSubsystem))
}

// webSubscriptions lists the subscriptions, or those to a stream.
func (s *Service) webSubscriptions(w http.ResponseWriter, r *http.Request) {
	all, err := s.infosOf(r.Context(), r.PathValue("stream"))
	if err != nil {
		s.webPersistentFail(w, r, err)
		return
	}
	list := make([]subscriptionInfo, 0, len(all))
	for i := range all {
		list = append(list, webInfo(&all[i]))
	}
	answer(w, list)
}

// webSubscription describes one.
func (s *Service) webSubscription(w http.ResponseWriter, r *http.Request) {
	sub, err := s.subscriptions.Get(r.Context(), webKey(r))
	if err != nil {
		s.webPersistentFail(w, r, err)
		return
	}
	info, err := sub.Info(r.Context())
	if err != nil {
		s.webPersistentFail(w, r, err)
		return
	}
	answer(w, webInfo(&info))
}

// webPersistentFail answers with the error that the call over gRPC has.
func (s *Service) webPersistentFail(w http.ResponseWriter, r *http.Request, err error) {
	f := faultOf(r.Context(), err)
	s.note(r.Context(), err)
	s.operated(w, r, nil, status.Error(f.code, f.message))
}

func webKey(r *http.Request) persistent.Key {
	return persistent.Key{Stream: r.PathValue("stream"), Group: r.PathValue("group")}
}

func (s *persistentServer) webDelete(w http.ResponseWriter, r *http.Request) {
	k := webKey(r)
	_, err := s.Delete(r.Context(), &pb.DeleteReq{Options: &pb.DeleteReq_Options{
		GroupName: k.Group, StreamOption: &pb.DeleteReq_Options_StreamIdentifier{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(k.Stream)}},
	}})
	s.operated(w, r, struct{}{}, err)
}

// webParked serves a call about what is parked, up to "?stopAt".
func (s *persistentServer) webParked(call func(context.Context, *pb.ReplayParkedReq) (*pb.ReplayParkedResp, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		k := webKey(r)
		o := &pb.ReplayParkedReq_Options{GroupName: k.Group, StreamOption: &pb.ReplayParkedReq_Options_StreamIdentifier{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(k.Stream)},
		}}
		if text := r.URL.Query().Get("stopAt"); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				http.Error(w, "stopAt is not the number of an event.", http.StatusBadRequest)
				return
			}
			o.StopAtOption = &pb.ReplayParkedReq_Options_StopAt{StopAt: n}
		}
		_, err := call(r.Context(), &pb.ReplayParkedReq{Options: o})
		s.operated(w, r, struct{}{}, err)
	}
}
