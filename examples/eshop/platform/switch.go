package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A Switch says how a service is to behave, for people who want to see what comes
// of it. It is the last event of a stream, so it outlives a restart.
type Switch[M ~string] struct {
	Store  cairn.Store
	Stream string
	Modes  []M // the first is that of a service that nobody has switched
}

// A Setting is a mode, as it travels.
type Setting[M ~string] struct {
	Mode M `json:"mode"`
}

const typeSwitched = "ModeSwitched"

// Get is the mode.
func (s *Switch[M]) Get(ctx context.Context) (v Setting[M], err error) {
	v.Mode = s.Modes[0]
	for e, err := range s.Store.ReadStream(ctx, s.Stream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil {
			return v, err
		}
		if err := json.Unmarshal(e.Data, &v); err != nil {
			return v, fmt.Errorf("stream %q: %w", s.Stream, err)
		}
	}
	return v, nil
}

// Set sets the mode.
func (s *Switch[M]) Set(ctx context.Context, v Setting[M]) error {
	if !slices.Contains(s.Modes, v.Mode) {
		return rest.Invalid("mode", "must be one of %v", s.Modes)
	}
	data, err := json.Marshal(v)
	if err == nil {
		_, err = s.Store.Append(ctx, s.Stream, cairn.Any, cairn.Event{Type: typeSwitched, Data: data})
	}
	return err
}
