package ui

import (
	"context"
	"net/http"
	"time"

	"github.com/cairndb/cairn/server/access"
)

func (u *ui) mapPages() []page {
	return []page{{"GET /map", u.systemMap}, {"GET /map/live", u.systemMapLive}}
}

// What the map shows at most. What is beyond is said to be left out.
const (
	mapCategories  = 40
	mapTypes       = 120
	mapGroups      = 60
	mapProjections = 30
	mapComponents  = 40
	mapTopics      = 40
	typesDrawn     = 5 // in the box of a category
)

// mapEvery is how often the map is looked at again while somebody has it open:
// once for all who do.
const mapEvery = 2 * time.Second

// A surveyedMap is the map as it was at a moment, drawn.
type surveyedMap struct {
	at       time.Time
	fragment []byte
}

// A cartographer keeps what the map needs from one look to the next. What it holds
// belongs to whoever holds its turn.
type cartographer struct {
	turn  chan struct{} // of one
	last  *surveyedMap
	known known
}

func newCartographer() *cartographer {
	return &cartographer{turn: make(chan struct{}, 1), known: newKnown()}
}

// survey is the map as it is now, or was a moment ago.
func (u *ui) survey(ctx context.Context) (*surveyedMap, error) {
	c := u.cartographer
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if c.last != nil && time.Since(c.last.at) < mapEvery {
		return c.last, nil
	}
	s, err := u.look(ctx, &c.known)
	if err != nil {
		return nil, err
	}
	html, err := u.text("map", "map", drawMap(s))
	if err != nil {
		return nil, err
	}
	c.last = &surveyedMap{time.Now(), html}
	return c.last, nil
}

func (u *ui) systemMap(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	m, err := u.survey(r.Context())
	if err != nil {
		return err
	}
	return u.render(w, r, "map", view{Title: "Map", Section: "map", Data: drawnAlready(m.fragment)})
}

// systemMapLive sends the map anew while it is looked at. The page changes only
// what has changed.
func (u *ui) systemMapLive(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	return u.live(w, r, func(ctx context.Context, f *feed) error {
		t := time.NewTicker(mapEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-t.C:
			}
			if err := u.sendMap(ctx, f); err != nil {
				return err
			}
		}
	})
}

func (u *ui) sendMap(ctx context.Context, f *feed) error {
	if err := u.access.Check(ctx, access.Read, everything); err != nil {
		return err
	}
	m, err := u.survey(ctx)
	if err != nil {
		return err
	}
	return f.send("map", m.fragment)
}
