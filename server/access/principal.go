package access

import (
	"context"
	"slices"
)

// The groups that mean something to a server.
const (
	Admins     = "$admins" // may do everything
	Operations = "$ops"    // may operate the server
	Everyone   = "$all"    // whoever has proved who they are
)

// A Principal is who calls. The zero Principal is anonymous.
type Principal struct {
	Name   string
	Groups []string
}

// Anonymous reports whether nobody knows who calls.
func (p Principal) Anonymous() bool { return p.Name == "" }

// Is reports whether the principal has the name or belongs to the group.
func (p Principal) Is(role string) bool {
	return p.Name == role && role != "" || slices.Contains(p.Groups, role)
}

// Admin reports whether the principal may do everything.
func (p Principal) Admin() bool { return p.Is(Admins) }

type key struct{}

// With returns a context that carries who calls.
func With(ctx context.Context, p Principal) context.Context { return &call{ctx, p} }

// From is who calls; anonymous if the context carries nobody.
func From(ctx context.Context) Principal {
	if c, ok := ctx.(*call); ok {
		return c.principal
	}
	if p, ok := ctx.Value(key{}).(*Principal); ok {
		return *p
	}
	return Principal{}
}

// A call is a context that carries a principal, in one allocation because
// every call needs one.
type call struct {
	context.Context
	principal Principal
}

// Value implements [context.Context].
func (c *call) Value(k any) any {
	if k == (key{}) {
		return &c.principal
	}
	return c.Context.Value(k)
}
