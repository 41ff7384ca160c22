package access

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn"
)

// A Control decides who may do what. Its methods may be called concurrently.
type Control struct {
	store cairn.Store // nil if everybody may do everything
	opts  Options

	hasher   *hasher
	watch    *watch
	users    *memory[record]
	lists    *memory[*cairn.ACL]
	settings *memory[settings]
	verdicts *verdicts
}

// Open is the control of an insecure server: every caller is an administrator.
func Open() *Control { return &Control{} }

// How many users and lists are remembered at least; twice that at most.
const (
	rememberedUsers = 4096
	rememberedLists = 16384
)

// New is the control of a server whose users are in the store, which must stay
// open until the control is closed. The context is for the time that this takes.
func New(ctx context.Context, store cairn.Store, o Options) (*Control, error) {
	o = o.withDefaults()
	c := &Control{store: store, opts: o, hasher: newHasher(o.Iterations, o.MaxHashing), verdicts: newVerdicts()}
	c.watch = &watch{store: store, logger: o.Logger, forget: c.forget}
	c.users = newMemory(c.watch, rememberedUsers, c.loadUser)
	c.lists = newMemory(c.watch, rememberedLists, c.loadList)
	c.settings = newMemory(c.watch, 1, c.loadSettings)
	if err := c.watch.start(ctx); err != nil {
		return nil, fmt.Errorf("access: %w", err)
	}
	return c, nil
}

// Close releases what the control holds. Nothing must be asked of it any more.
func (c *Control) Close() error {
	if c.watch != nil {
		c.watch.close()
	}
	return nil
}

func (c *Control) forget(stream string) {
	c.users.forget(stream)
	c.lists.forget(stream)
	c.settings.forget(stream)
}

// Insecure reports whether every caller is an administrator.
func (c *Control) Insecure() bool { return c.store == nil }

// Changed is closed when a user, the metadata of a stream or the settings
// change after the call: whoever was allowed to follow a stream should be
// checked again then. It is nil, and so never closed, for an insecure server.
func (c *Control) Changed() <-chan struct{} {
	if c.watch == nil {
		return nil
	}
	return *c.watch.changed.Load()
}
