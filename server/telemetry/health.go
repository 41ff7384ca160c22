package telemetry

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"

	"github.com/cairndb/cairn"
)

// Health answers the probes of an orchestrator.
//
// "/health/live" says whether the server has started and is not stopping: 204,
// or the status that ?liveCode asks for, and 503 otherwise, as KurrentDB does.
// "/health/ready" says whether it is of use to callers, and asks the store: 200
// or 503, with the reasons as JSON. A store that was opened for reading is of use.
//
// Its methods may be called concurrently.
type Health struct {
	store cairn.Store
	mux   http.ServeMux
	probe sync.Mutex // held while the store is asked

	mu     sync.Mutex
	reason string // why the server is not up; empty if it is
}

// NewHealth is the health of a server that has not started yet. It asks the
// store whether its head can be read and whether it takes writes, by an append
// without events, which stores nothing.
func NewHealth(store cairn.Store) *Health {
	h := &Health{store: store, reason: "the server is starting"}
	h.mux.HandleFunc("GET /health/live", h.live)
	h.mux.HandleFunc("GET /health/ready", h.ready)
	return h
}

// Ready says that the server accepts callers.
func (h *Health) Ready() { h.set("") }

// Stop says that it will soon not, and why, so that no new ones are sent.
func (h *Health) Stop(reason string) { h.set(reason) }

func (h *Health) set(reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reason = reason
}

func (h *Health) down() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.reason
}

// ServeHTTP answers a probe.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	h.mux.ServeHTTP(w, r)
}

func (h *Health) live(w http.ResponseWriter, r *http.Request) {
	code := http.StatusNoContent
	if n, err := strconv.Atoi(r.FormValue("liveCode")); err == nil && n >= 200 && n <= 599 {
		code = n
	}
	if h.down() != "" {
		code = http.StatusServiceUnavailable
	}
	w.WriteHeader(code)
}

// readiness is what /health/ready answers.
type readiness struct {
	Ready   bool            `json:"ready"`
	Reasons []string        `json:"reasons,omitempty"` // why not
	Writes  string          `json:"writes"`            // "accepted", "refused" or "read-only"
	Head    *cairn.Position `json:"head,omitempty"`
}

func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	answer := h.ask(r)
	code := http.StatusOK
	if !answer.Ready {
		code = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // whoever asked may be gone
}

// ask asks the store, for one probe at a time: those who come while it does not
// answer, because its disk hangs, are told so and do not pile up.
func (h *Health) ask(r *http.Request) (a readiness) {
	a.Writes = "refused"
	if !h.probe.TryLock() {
		a.Reasons = append(a.Reasons, "the store has not answered the probe before this one yet")
		return a
	}
	defer h.probe.Unlock()
	if reason := h.down(); reason != "" {
		a.Reasons = append(a.Reasons, reason)
	}
	if info, err := h.store.Info(r.Context()); err != nil {
		a.Reasons = append(a.Reasons, "the head cannot be read: "+err.Error())
	} else {
		a.Head = &info.Head
	}
	switch _, err := h.store.Append(r.Context(), "$health", cairn.Any); {
	case err == nil:
		a.Writes = "accepted"
	case errors.Is(err, cairn.ErrReadOnly):
		a.Writes = "read-only"
	default:
		a.Reasons = append(a.Reasons, "writes are refused: "+err.Error())
	}
	a.Ready = len(a.Reasons) == 0
	return a
}
