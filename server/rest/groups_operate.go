package rest

import (
	"errors"
	"math"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/internal/ndjson"
	"github.com/cairndb/cairn/server/access"
)

// maxPositions is how many events one request drops.
const maxPositions = 1000

// A deedOnKey is what is to be done with what is parked under a key.
type deedOnKey struct {
	key       string
	all       bool // every key
	positions []cairn.Position
	event     cairn.Event
}

// replayParked is POST /groups/{group}/replay.
func (s *service) replayParked(w http.ResponseWriter, r *http.Request) error {
	return s.operate(w, r, []string{"key", "all"}, func(name string, d *deedOnKey) error {
		if d.all {
			return group.ReplayAll(r.Context(), s.store, name)
		}
		return group.Replay(r.Context(), s.store, name, d.key)
	})
}

// editParked is POST /groups/{group}/edit.
func (s *service) editParked(w http.ResponseWriter, r *http.Request) error {
	return s.operate(w, r, []string{"key", "position", "event"}, func(name string, d *deedOnKey) error {
		if len(d.positions) == 0 {
			return wrong("position", "is missing")
		}
		return group.Edit(r.Context(), s.store, name, d.key, d.positions[0], d.event)
	})
}

// dropParked is POST /groups/{group}/drop.
func (s *service) dropParked(w http.ResponseWriter, r *http.Request) error {
	return s.operate(w, r, []string{"key", "positions"}, func(name string, d *deedOnKey) error {
		return group.Drop(r.Context(), s.store, name, d.key, d.positions...)
	})
}

func (s *service) operate(w http.ResponseWriter, r *http.Request, fields []string, do func(string, *deedOnKey) error) error {
	name, err := s.groupOf(r, access.Write)
	if err != nil {
		return err
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	text, err := s.jsonBody(w, r)
	if err != nil {
		return err
	}
	d, err := decodeDeed(text, fields)
	if err != nil {
		return err
	}
	if err := do(name, &d); err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, map[string]string{"group": name})
}

// jsonBody reads a body that is JSON.
func (s *service) jsonBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if _, err := contentType(r, jsonType); err != nil {
		return nil, err
	}
	text, err := s.readBody(w, r)
	if err == nil && len(text) == 0 {
		err = wrong("body", "is empty")
	}
	return text, err
}

func decodeDeed(text []byte, fields []string) (d deedOnKey, err error) {
	keyed := false
	set := map[string]func(string, []byte) error{
		"key":      func(_ string, v []byte) (err error) { keyed = true; d.key, err = ndjson.Text(v); return err },
		"all":      func(_ string, v []byte) (err error) { d.all, err = decodeFlag(v); return err },
		"position": func(_ string, v []byte) error { return d.addPosition(v) },
		"event":    func(path string, v []byte) (err error) { d.event, err = decodeEvent(path, v); return err },
		"positions": func(path string, v []byte) error {
			return list(path, v, maxPositions, func(_ string, v []byte) error { return d.addPosition(v) })
		},
	}
	err = object("", text, func(field string, v []byte) (bool, error) {
		for _, known := range fields {
			if known == field {
				return true, set[field](field, v)
			}
		}
		return false, nil
	})
	if err == nil && keyed == d.all {
		err = wrong("key", "is missing, or excludes all")
	}
	return d, err
}

func (d *deedOnKey) addPosition(v []byte) error {
	n, err := parseNumber(string(v), math.MaxUint64)
	d.positions = append(d.positions, cairn.Position(n))
	return err
}

func decodeFlag(v []byte) (bool, error) {
	switch string(v) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New("is neither true nor false")
}
