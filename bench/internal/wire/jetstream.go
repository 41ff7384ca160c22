package wire

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn/bench/internal/system"
)

const natsWait = 30 * time.Second

// A jetStream is NATS in a process of its own.
type jetStream struct {
	*child
	*system.JetStream
}

func dialJetStream(ctx context.Context, command []string, kind, dir string) (system.System, error) {
	server, err := start(command, kind, dir)
	if err != nil {
		return nil, err
	}
	js, err := system.DialJetStream(ctx, server.address)
	if err != nil {
		return nil, errors.Join(err, server.stop())
	}
	return &jetStream{server, js}, nil
}

func (j *jetStream) Close() error { return errors.Join(j.JetStream.Close(), j.stop()) }
