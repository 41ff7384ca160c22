package ui

import (
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// Prefix begins the path of everything that [New] serves.
const Prefix = "/ui"

// A Handler serves the window. It is made by [New].
type Handler struct {
	http.Handler
	ui *ui
}

// Close ends what the handler does in the background and waits for it. Requests
// may still come, and are answered.
func (h *Handler) Close() { h.ui.close() }

type ui struct {
	store     cairn.Store
	access    *access.Control
	o         Options
	sessions  *sessions
	templates templates
	followers chan struct{}
}

// New makes the window on a store for those whom c admits; it finds out who calls
// by itself. The handler answers all paths below [Prefix], and "/" of the server
// may be sent there. The store stays the caller's, who closes it after
// [Handler.Close].
func New(store cairn.Store, c *access.Control, o Options) *Handler {
	o = o.withDefaults()
	u := &ui{
		store: store, access: c, o: o, templates: parsed(),
		sessions:  newSessions(o.SessionTime, o.MaxSessions),
		followers: make(chan struct{}, o.MaxFollowers),
	}
	return &Handler{u.guard(u.mux()), u}
}

func (u *ui) close() {}
