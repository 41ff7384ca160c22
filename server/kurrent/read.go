package kurrent

import (
	"context"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn/server/access"
)

// Read implements the call of the same name: reads and subscriptions of streams
// and of the log.
func (s *streamsServer) Read(req *streams.ReadReq, stream streams.Streams_ReadServer) error {
	ctx := stream.Context()
	r, err := parseRead(req.GetOptions())
	if err == nil {
		err = s.mayRead(ctx, r.name())
	}
	if err == nil {
		err = s.read(ctx, r, stream)
	}
	return s.fail(ctx, err)
}

// name is what access is decided by.
func (r *readRequest) name() string {
	if r.stream == "" {
		return allStream
	}
	return r.stream
}

// mayRead checks that the caller may read a stream. What is answered from the
// index any user may read: it holds links only, and whoever may not read what
// they lead to sees nothing but them.
func (s *Service) mayRead(ctx context.Context, stream string) error {
	return s.access.Check(ctx, access.Read, stream)
}

func (s *streamsServer) read(ctx context.Context, r readRequest, stream streams.Streams_ReadServer) error {
	p := &reading{readRequest: r, service: s.Service, out: sender{stream: stream, text: r.text}}
	if !r.follow {
		p.begin(ctx)
		if r.stream == "" {
			return p.readAll()
		}
		return p.readStream()
	}
	ctx, done, err := s.lasting(ctx)
	if err != nil {
		return err
	}
	defer done()
	ctx, stop := s.watchAccess(ctx, r.name())
	defer stop()
	p.begin(ctx)
	if r.stream == "" {
		return p.subscribeAll()
	}
	return p.subscribeStream()
}

// A reading is a read that is going on.
type reading struct {
	readRequest
	service *Service
	ctx     context.Context
	out     sender
	links   resolver
	at      entry // the event being sent
	sent    int
}

func (p *reading) begin(ctx context.Context) {
	p.ctx = ctx
	p.links = resolver{service: p.service, ctx: ctx}
}

// send sends an event, with what it leads to if it is a link and the client asked
// for that.
func (p *reading) send(e entry) error {
	p.sent++
	p.at = e // which is there already, so that sending it allocates nothing
	f := &p.at
	if !p.resolve {
		return p.out.event(&f.Recorded, nil, f.Position)
	}
	at, ok := parseLink(&f.Recorded)
	if !ok {
		return p.out.event(&f.Recorded, nil, f.Position)
	}
	target, err := p.links.resolve(at, f)
	if err != nil {
		return err
	}
	return p.out.event(target, &f.Recorded, f.Position)
}

// full reports whether the client has got all that it wants.
func (p *reading) full() bool { return p.limit > 0 && p.sent == p.limit }
