package access

import (
	"context"

	"github.com/cairndb/cairn"
)

// A Session is what somebody who has logged in is remembered by: who, and which
// state of their record the password was right for.
type Session struct {
	Login    string
	revision cairn.Revision
}

// Login begins a session for whoever knows a user's password. It fails with
// [ErrUnauthenticated], with [ErrBusy], or with an error of the store.
func (c *Control) Login(ctx context.Context, login, password string) (Session, error) {
	if validateLogin(login) != nil {
		return Session{}, ErrUnauthenticated
	}
	user, err := c.users.get(ctx, userStream(login))
	if err != nil {
		return Session{}, err
	}
	right, err := c.hasher.verify(ctx, user.hash, password)
	if err != nil {
		return Session{}, err
	}
	if !right || !user.active() {
		return Session{}, ErrUnauthenticated
	}
	return Session{login, user.revision}, nil
}

// Resume is who a session belongs to. It fails with [ErrUnauthenticated] once
// anything about the user has changed since, be it the password, the groups or
// that they are disabled: whoever is still welcome logs in again.
func (c *Control) Resume(ctx context.Context, s Session) (Principal, error) {
	user, err := c.users.get(ctx, userStream(s.Login))
	if err != nil {
		return Principal{}, err
	}
	if user.revision != s.revision || !user.active() {
		return Principal{}, ErrUnauthenticated
	}
	return user.principal(), nil
}
