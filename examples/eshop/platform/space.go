package platform

import (
	"context"

	"github.com/cairndb/cairn/broker"
)

// A spaced publisher puts the name of the shop before every topic, so that several
// shops can share a broker.
type spaced struct {
	broker.Publisher
	space string
}

// Via is that of what it wraps.
func (p *spaced) Via() string { return broker.ViaOf(p.Publisher) }

func (p *spaced) Publish(ctx context.Context, m broker.Message) error {
	m.Topic = p.space + "." + m.Topic
	return p.Publisher.Publish(ctx, m)
}
