package platform

import (
	"context"
	"log/slog"

	"github.com/cairndb/cairn/component"
)

// Note says in a store what a part of a service is, for the map of the window. A
// part that could not be noted works all the same.
func Note(ctx context.Context, store component.Store, logger *slog.Logger, name string, a component.About) {
	if err := component.Note(ctx, store, name, a); err != nil && ctx.Err() == nil {
		logger.Warn("not on the map", "part", name, "err", err)
	}
}

// hearing is what a part is called that hears a topic for a service.
func hearing(service, topic string) string { return service + "-hears-" + topic }

// NoteHearing says that a service hears a topic, and which categories it writes for
// that. If the broker is the log, there is a group of the same name.
func NoteHearing(ctx context.Context, store component.Store, logger *slog.Logger, service, topic, via string, writes ...string) {
	Note(ctx, store, logger, hearing(service, topic), component.About{Kind: "subscriber", Service: service, Via: via, Hears: []string{topic}, Writes: writes})
}
