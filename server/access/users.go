package access

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// A User is somebody who may call, without the password.
type User struct {
	Login    string
	FullName string
	Groups   []string
	Disabled bool      // may not call
	Updated  time.Time // when any of it, or the password, last changed
}

// Users administers the users of a store. It does not ask who calls: that is
// for those who offer it to others. What it returned from is in force. Its
// methods may be called concurrently.
//
// A malformed argument is a [*cairn.InvalidError]; a user who does not exist is
// a [*UserError] that matches [ErrNoUser]. Other errors are the store's.
type Users struct {
	store  cairn.Store
	hasher *hasher
}

// NewUsers administers the users of a store whose server has no control of
// them. Of the options, those about hashing count.
func NewUsers(store cairn.Store, o Options) *Users {
	o = o.withDefaults()
	return &Users{store, newHasher(o.Iterations, o.MaxHashing)}
}

// Users administers the users that the control knows; nil for an insecure
// server.
func (c *Control) Users() *Users {
	if c.Insecure() {
		return nil
	}
	return &Users{c.store, c.hasher}
}

// Get finds a user.
func (u *Users) Get(ctx context.Context, login string) (User, error) {
	r, err := u.existing(ctx, login)
	return r.user(), err
}

// All is every user, by login.
func (u *Users) All(ctx context.Context) ([]User, error) {
	var all []User
	for user, err := range u.Each(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, user)
	}
	return all, nil
}

// Each yields the users one after the other, by login. Who stops early has read
// the list of logins and the users that were yielded, and no more. An error is the
// last thing it yields.
func (u *Users) Each(ctx context.Context) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		logins, err := u.logins(ctx)
		if err != nil {
			yield(User{}, err)
			return
		}
		for _, login := range logins {
			user, err := u.Get(ctx, login)
			if errors.Is(err, ErrNoUser) {
				continue // deleted since it was listed
			}
			if !yield(user, err) || err != nil {
				return
			}
		}
	}
}

// logins are those that the list of users has, deleted ones too.
func (u *Users) logins(ctx context.Context) ([]string, error) {
	var logins []string
	for e, err := range u.store.ReadStream(ctx, usersStream, cairn.ReadOptions{}) {
		if err != nil {
			return nil, err
		}
		if login := string(e.Data); e.Type == typeUser && validateLogin(login) == nil {
			logins = append(logins, login)
		}
	}
	slices.SortFunc(logins, strings.Compare)
	return slices.Compact(logins), nil
}

// Verify reports whether a password is the user's, disabled or not. A user who
// does not exist is a password that is wrong.
func (u *Users) Verify(ctx context.Context, login, password string) (bool, error) {
	r, _, err := u.find(ctx, login)
	if err != nil {
		return false, err
	}
	return u.hasher.verify(ctx, r.hash, password)
}

// find reads a user's record, which may be of one who does not exist, and where
// their stream stands.
func (u *Users) find(ctx context.Context, login string) (record, cairn.StreamInfo, error) {
	if err := validateLogin(login); err != nil {
		return record{}, cairn.StreamInfo{}, err
	}
	info, err := u.store.StreamInfo(ctx, userStream(login))
	if err != nil {
		return record{}, info, err
	}
	r, err := loadRecord(ctx, u.store, info)
	return r, info, err
}

func (u *Users) existing(ctx context.Context, login string) (record, error) {
	r, _, err := u.find(ctx, login)
	if err == nil && !r.exists {
		err = &UserError{login, ErrNoUser}
	}
	return r, err
}
