package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/access"
)

// challenge makes a browser ask for a name and a password.
const challenge = `Basic realm="Cairn", charset="UTF-8"`

// theLog is what access control calls all streams together.
const theLog = "$all"

// may reports, as a problem that names the stream, that the caller may not do
// something to it. Whether the stream exists makes no difference.
func (s *service) may(ctx context.Context, a access.Action, stream string) error {
	err := s.access.Check(ctx, a, stream)
	if !errors.Is(err, access.ErrDenied) {
		return err
	}
	return refusal(access.From(ctx), a, stream)
}

func refusal(caller access.Principal, a access.Action, stream string) *problem {
	what := fmt.Sprintf("%s stream %q", verbs[a], stream)
	if stream == theLog {
		what = fmt.Sprintf("%s the log, which is %q to permissions", verbs[a], stream)
	}
	p := denied.problem("%q may not %s", caller.Name, what)
	if caller.Anonymous() {
		p = unauthenticated.problem("not everybody may %s; give a name and a password", what)
	}
	p.Stream = stream
	return p
}

var verbs = [...]string{
	access.Read: "read", access.Write: "write to", access.Delete: "delete",
	access.MetaRead: "read the metadata of", access.MetaWrite: "write the metadata of",
}

// mayCommit asks for all that a batch touches. A query is about the whole log.
func (s *service) mayCommit(ctx context.Context, b *cairn.Batch) error {
	for i := range b.Writes {
		if err := s.may(ctx, actionOf(&b.Writes[i]), b.Writes[i].Stream); err != nil {
			return err
		}
	}
	for _, c := range b.Conditions {
		stream := c.Stream
		if c.Query != nil {
			stream = theLog
		}
		if err := s.may(ctx, access.Read, stream); err != nil {
			return err
		}
	}
	return nil
}

func actionOf(w *cairn.Write) access.Action {
	if w.Delete != cairn.Keep {
		return access.Delete
	}
	return access.Write
}

// mayStill asks again whether the caller may read a stream, as if the request
// had come now: meanwhile permissions may have changed, and users too.
func (s *service) mayStill(r *http.Request, stream string) error {
	caller, err := s.access.Authenticate(r.Context(), r.Header.Get("Authorization"), r.TLS)
	if err != nil {
		return err
	}
	return s.may(access.With(r.Context(), caller), access.Read, stream)
}

// maySelect asks for permission to read what a group selects.
func (s *service) maySelect(ctx context.Context, name string) error {
	q, err := group.QueryOf(ctx, s.store, name)
	if err != nil {
		return err
	}
	return s.mayRead(ctx, q)
}

// mayRead asks for permission to read what a query selects: the streams, if it
// names them, or the log.
func (s *service) mayRead(ctx context.Context, q cairn.Query) error {
	for i := range q {
		if q[i].Streams == nil {
			return s.may(ctx, access.Read, theLog)
		}
		for _, stream := range q[i].Streams {
			if err := s.may(ctx, access.Read, stream); err != nil {
				return err
			}
		}
	}
	if q == nil {
		return s.may(ctx, access.Read, theLog)
	}
	return nil
}
