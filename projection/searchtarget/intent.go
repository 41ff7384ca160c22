package searchtarget

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// An intent is a change of what readers see. It is written into the ledger first, done
// then, and taken out together with the change of the entries. So no entry changes
// while it is under way, and after a crash anybody can complete it.
type intent struct {
	Aliases []alias            `json:"aliases,omitempty"`
	Remove  []string           `json:"remove,omitempty"` // indices
	Put     []projection.Entry `json:"put,omitempty"`
}

// An alias is one that moves.
type alias struct {
	Name string   `json:"name"`
	From []string `json:"from,omitempty"`
	To   string   `json:"to"`
}

// holders are the indices that it shall stand for: none, where the index has the plain
// name itself.
func (a *alias) holders() []string {
	if a.To == a.Name {
		return nil
	}
	return []string{a.To}
}

// complete does what the ledger says is under way, and then makes its change. Several
// may do so at the same time, and one of them writes. What the server refuses for good
// is called off, so that it does not stand in everybody's way; why is returned too.
func (t *Target) complete(ctx context.Context, l *ledger) (refused, err error) {
	refused = t.show(ctx, l.Intent)
	if refused != nil && !final(refused) {
		return nil, refused
	}
	if refused == nil {
		l.put(l.Intent.Put)
	}
	l.Intent = nil
	err = t.write(ctx, l)
	if is(err, http.StatusConflict) {
		return nil, nil // somebody else was quicker, and what was refused may be because of that
	}
	return refused, err
}

// final reports whether asking again is of no use.
func final(err error) bool {
	var e *ServerError
	return errors.As(err, &e) && (e.fault() == projection.FaultSetup || e.fault() == projection.FaultEvent || e.twice())
}

// twice is the answer to an alias that would stand for two indices: the intent has
// been overtaken. It is a 500, as the servers take it for an error of their own.
func (e *ServerError) twice() bool {
	return e.Type == "illegal_state_exception" && e.Status == http.StatusInternalServerError
}

// show does what an intent says. All aliases move in one step (see [actions]).
func (t *Target) show(ctx context.Context, in *intent) error {
	if list := actions(in.Aliases); len(list) > 0 {
		r := request{method: http.MethodPost, path: "_aliases", body: map[string]any{"actions": list}}
		if err := t.do(ctx, r, nil); err != nil && !t.shown(ctx, in.Aliases) {
			return err
		}
	}
	for _, index := range in.Remove {
		err := t.do(ctx, request{method: http.MethodDelete, path: index}, nil)
		if err != nil && !is(err, http.StatusNotFound) {
			return err
		}
	}
	return nil
}

// shown reports whether all aliases stand as they shall: this was done before.
func (t *Target) shown(ctx context.Context, aliases []alias) bool {
	for _, a := range aliases {
		now, err := t.holders(ctx, a.Name)
		if err != nil || !slices.Equal(now, a.holders()) {
			return false
		}
	}
	return true
}

// actions are those of one call of _aliases, which are all done or none. A request
// that was held up, and comes when readers see the next build already, must do
// nothing: what it removes must be there (must_exist), and as each alias is made with
// is_write_index, of which there may be one only, it adds no second index to one.
func actions(aliases []alias) (list []any) {
	for _, a := range aliases {
		for _, from := range a.From {
			list = append(list, map[string]any{"remove": map[string]any{"index": from, "alias": a.Name, "must_exist": true}})
		}
		if a.To != a.Name {
			list = append(list, map[string]any{"add": map[string]any{"index": a.To, "alias": a.Name, "is_write_index": true}})
		}
	}
	return list
}
