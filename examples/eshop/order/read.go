package order

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/projection"
)

// getOne answers from the read model, or, for a moment in the past, from the
// stream: every state that an order was ever in can be folded anew.
func (s *Service) getOne(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, at := r.PathValue("id"), r.FormValue("at")
	if at == "" {
		return s.detail(r.Context(), id)
	}
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || n < 0 {
		return nil, rest.Invalid("at", "must be a revision, such as 0")
	}
	state, revision, err := s.orders.StateAt(r.Context(), StreamOf(id), cairn.Revision(n))
	if err == nil && state.Status == Unplaced {
		return nil, errMissing
	}
	return Order{id, state, revision}, err
}

// A fact is an event, and what the order was behind it.
type fact struct {
	Revision cairn.Revision  `json:"revision"`
	Type     string          `json:"type"`
	At       time.Time       `json:"at"`
	Data     json.RawMessage `json:"data"`
	Then     State           `json:"then"`
}

func (s *Service) getHistory(_ http.ResponseWriter, r *http.Request) (any, error) {
	state, all := Nothing(), []fact{}
	for e, err := range s.o.Store.ReadStream(r.Context(), StreamOf(r.PathValue("id")), cairn.ReadOptions{}) {
		if err != nil {
			return nil, err
		}
		what, err := Events.Decode(e)
		if err != nil {
			return nil, err
		}
		state = state.Evolve(what)
		all = append(all, fact{e.Revision, e.Type, e.Time, e.Data, state})
	}
	if len(all) == 0 {
		return nil, errMissing
	}
	return all, nil
}

// An Update says what an order has become, and with which token a read model shows
// at least that: those who hear of an event are quicker than the projection.
type Update struct {
	Order
	Token string `json:"token"`
}

// live sends the status of an order now and whenever it changes, until the client
// goes: the stream is followed, nobody polls.
func (s *Service) live(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	state, at, err := s.orders.Load(r.Context(), StreamOf(id))
	if err != nil || state.Status == Unplaced {
		http.Error(w, errMissing.Message, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	for e, err := range s.o.Store.ReadStream(r.Context(), StreamOf(id), cairn.ReadOptions{From: at, Follow: true}) {
		if err != nil {
			return // the client has gone, or comes again
		}
		if e.Revision > at { // the state has what came before
			what, err := Events.Decode(e)
			if err != nil {
				s.o.Logger.Error("order: an event cannot be read", "err", err)
				return
			}
			state = state.Evolve(what)
		}
		if send(w, Update{Order{id, state, e.Revision}, projection.FormatToken(e.Position)}) != nil {
			return
		}
	}
}

func send(w http.ResponseWriter, u Update) error {
	data, err := json.Marshal(u)
	if err == nil {
		_, err = fmt.Fprintf(w, "id: %d\nevent: order\ndata: %s\n\n", u.Revision, data)
	}
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	return err
}
