package webhook

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/cairndb/cairn/broker"
)

// ServeHTTP takes a message, answers a sender that asks whether it may send, and
// refuses everything else.
func (s *Subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		s.post(w, r)
	case http.MethodOptions:
		s.permit(w, r)
	default:
		w.Header().Set("Allow", "POST, OPTIONS")
		http.Error(w, "messages are posted", http.StatusMethodNotAllowed)
	}
}

func (s *Subscriber) post(w http.ResponseWriter, r *http.Request) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		later(w, "too many messages at the same time")
		return
	}
	body, status := s.read(w, r)
	if status != 0 {
		http.Error(w, "the body is too large, or did not come in time", status)
		return
	}
	id := ""
	if len(s.secrets) > 0 {
		if err := verify(r.Header, s.secrets, time.Now(), s.o.Tolerance, body); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		id = r.Header.Get(standardwebhooks.HeaderWebhookID)
	}
	arrivals := decode(r.URL.Path, r.Header, body)
	outcomes := s.add(id, arrivals)
	if outcomes == nil && len(arrivals) > 0 {
		later(w, "nobody is subscribed")
		return
	}
	answer(w, wait(r, outcomes))
}

func later(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, why, http.StatusServiceUnavailable)
}

// read takes in the body, as far as it is allowed to go.
func (s *Subscriber) read(w http.ResponseWriter, r *http.Request) (body []byte, status int) {
	// Not every ResponseWriter can do that; then the server's own timeouts hold.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.o.ReadTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.o.MaxSize))
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, http.StatusRequestEntityTooLarge
	}
	if err != nil {
		return nil, http.StatusRequestTimeout
	}
	return body, 0
}

// answer says what has become of a message. What a handler says stays here: it is
// nothing for a sender.
func answer(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, errEnding):
		later(w, "the subscription has ended")
	case errors.Is(err, broker.ErrUndecodable):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case errors.Is(err, broker.ErrRejected):
		http.Error(w, "the message is rejected", http.StatusUnprocessableEntity)
	default:
		http.Error(w, "the message was not handled", http.StatusInternalServerError)
	}
}

// permit answers a sender that asks whether it may send, as CloudEvents wants to
// be asked before it takes part in flooding somebody.
func (s *Subscriber) permit(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", "POST, OPTIONS")
	origin := r.Header.Get("WebHook-Request-Origin")
	if origin == "" {
		http.Error(w, "WebHook-Request-Origin is missing", http.StatusBadRequest)
		return
	}
	if !slices.Contains(s.o.Origins, origin) && !slices.Contains(s.o.Origins, "*") {
		http.Error(w, "this origin may not send", http.StatusForbidden)
		return
	}
	w.Header().Set("WebHook-Allowed-Origin", origin)
	if s.o.Rate > 0 {
		w.Header().Set("WebHook-Allowed-Rate", strconv.Itoa(s.o.Rate))
	} else if r.Header.Get("WebHook-Request-Rate") != "" {
		w.Header().Set("WebHook-Allowed-Rate", "*")
	}
	w.WriteHeader(http.StatusOK)
}
