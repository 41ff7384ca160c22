package access

import (
	"context"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// An Action is what a caller wants to do to a stream.
type Action uint8

// The actions that streams have lists for.
const (
	Read Action = iota
	Write
	Delete
	MetaRead
	MetaWrite
)

// all is the name of the log where a stream's is asked for.
const all = "$all"

// Check reports, as [ErrDenied], that the caller in ctx may not do something to
// a stream. The stream may be "$all" and may be a metadata stream, which Read
// and Write are for as well as MetaRead and MetaWrite. Any other error is one of
// the store.
func (c *Control) Check(ctx context.Context, a Action, stream string) error {
	if described, ok := cairn.DescribedStream(stream); ok {
		if a == Delete {
			return ErrDenied // it is deleted with its stream
		}
		a, stream = a.onMetadata(), described
	} else if stream == all && (a == Write || a == Delete) {
		return ErrDenied // it is not a stream
	}
	if c.Insecure() {
		return nil
	}
	return c.check(ctx, From(ctx), a, stream)
}

func (c *Control) check(ctx context.Context, p Principal, a Action, stream string) error {
	if p.Admin() {
		return nil
	}
	roles, err := c.roles(ctx, a, stream)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(roles, func(role string) bool { return c.has(p, role) }) {
		return nil
	}
	return ErrDenied
}

// has reports whether a role is one of the caller's.
func (c *Control) has(p Principal, role string) bool {
	if role == Everyone {
		return c.opts.AllowAnonymousStreamAccess || !p.Anonymous()
	}
	return p.Is(role)
}

// CheckRole reports, as [ErrDenied], that the caller in ctx has none of the
// roles. Administrators have all. Without roles it asks for any user.
func (c *Control) CheckRole(ctx context.Context, roles ...string) error {
	if c.Insecure() {
		return nil
	}
	p := From(ctx)
	if p.Admin() || len(roles) == 0 && !p.Anonymous() || slices.ContainsFunc(roles, p.Is) {
		return nil
	}
	return ErrDenied
}

// onMetadata is what an action on a metadata stream is on the stream that it
// describes.
func (a Action) onMetadata() Action {
	switch a {
	case Read:
		return MetaRead
	case Write:
		return MetaWrite
	}
	return a
}

// roles are those that may do something to a stream: the first list there is.
func (c *Control) roles(ctx context.Context, a Action, stream string) ([]string, error) {
	own, err := c.lists.get(ctx, listed(stream))
	if err != nil {
		return nil, err
	}
	if list := a.of(own); list != nil {
		return list, nil
	}
	if a == Read && virtual(stream) {
		return everyone, nil
	}
	s, err := c.settings.get(ctx, settingsStream)
	if err != nil {
		return nil, err
	}
	if list := a.of(s.list(stream)); list != nil {
		return list, nil
	}
	return builtIn(stream), nil
}

var (
	everyone       = []string{Everyone}
	administrators = []string{Admins}
)

// system reports whether a stream is one of the system's.
func system(stream string) bool { return strings.HasPrefix(stream, "$") }

func builtIn(stream string) []string {
	if system(stream) {
		return administrators
	}
	return everyone
}

// virtual reports whether a stream is made up from the index. What it leads to
// could be read where it is.
func virtual(stream string) bool {
	return strings.HasPrefix(stream, "$ce-") || strings.HasPrefix(stream, "$et-") || stream == "$streams"
}

// of is the list for the action; nil if there is none.
func (a Action) of(l *cairn.ACL) []string {
	if l == nil {
		return nil
	}
	switch a {
	case Read:
		return l.Read
	case Write:
		return l.Write
	case Delete:
		return l.Delete
	case MetaRead:
		return l.MetaRead
	}
	return l.MetaWrite
}
