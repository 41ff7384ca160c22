package ui

import (
	"context"
	"net/http"
	"sync"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui/internal/vitals"
)

// Prefix begins the path of everything that [New] serves.
const Prefix = "/ui"

// A Handler serves the window. It is made by [New].
type Handler struct {
	http.Handler
	ui *ui
}

// Start begins to look every second at how the server does, which the overview
// charts, until [Handler.Close]. Whoever serves the handler calls it; calls after
// the first, or after Close, do nothing.
func (h *Handler) Start() { h.ui.start() }

// Close ends what the handler does in the background and waits for it. Requests
// may still come, and are answered.
func (h *Handler) Close() { h.ui.close() }

type ui struct {
	store        cairn.Store
	access       *access.Control
	o            Options
	sessions     *sessions
	templates    templates
	followers    chan struct{}
	cartographer *cartographer
	vitals       *vitals.Recorder
	sightings    sightings

	starting   sync.Once
	lifetime   context.Context // of what runs in the background
	stop       context.CancelFunc
	background sync.WaitGroup

	operating
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
		followers: make(chan struct{}, o.MaxFollowers), operating: newOperating(o), cartographer: newCartographer(),
		vitals: vitals.New(store, o.Gatherer),
	}
	u.lifetime, u.stop = context.WithCancel(context.Background())
	return &Handler{u.guard(u.mux()), u}
}

func (u *ui) start() {
	u.starting.Do(func() { u.background.Go(func() { u.vitals.Run(u.lifetime) }) })
}

func (u *ui) close() {
	u.starting.Do(func() {}) // nothing begins any more
	u.verifications.close()
	u.stop()
	u.background.Wait()
}
