package access

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// Create adds a user with a password. One who exists already is a [*UserError]
// that matches [ErrUserExists]. A login that was deleted may be used again.
func (u *Users) Create(ctx context.Context, user User, password string) error {
	r, err := u.newRecord(ctx, user, password)
	if err != nil {
		return err
	}
	for {
		if err := u.create(ctx, &r); !errors.Is(err, cairn.ErrConflict) {
			return err
		}
	}
}

// create adds a record, unless somebody else wrote something in between.
func (u *Users) create(ctx context.Context, r *record) error {
	info, err := u.store.StreamInfo(ctx, userStream(r.Login))
	if err != nil {
		return err
	}
	if info.State == cairn.StreamLive || info.State == cairn.StreamTombstoned {
		return &UserError{r.Login, ErrUserExists}
	}
	batch, err := creation(r, info)
	if err != nil {
		return err
	}
	_, err = u.store.Commit(ctx, batch)
	return err
}

func (u *Users) newRecord(ctx context.Context, user User, password string) (record, error) {
	err := cmp.Or(validateLogin(user.Login), validatePassword("password", password), validateDescription(user.FullName, user.Groups))
	if err != nil {
		return record{}, err
	}
	h, err := u.hasher.hash(ctx, password)
	return record{
		Login: user.Login, FullName: user.FullName, Groups: list(user.Groups), Disabled: user.Disabled, hash: h,
	}, err
}

// list copies a list, so that an empty one is written as one.
func list(groups []string) []string { return append([]string{}, groups...) }

// creation is the batch that adds a user: who may read their record, the record,
// and the line in the list of users. A deletion has left the line and nothing
// of the metadata.
func creation(r *record, info cairn.StreamInfo) (cairn.Batch, error) {
	created, err := r.event(typeUserCreated)
	if err != nil {
		return cairn.Batch{}, err
	}
	b := cairn.Batch{Writes: []cairn.Write{{Stream: userStream(r.Login), Expected: cairn.NoStream, Events: []cairn.Event{created}}}}
	if info.State == cairn.StreamSoftDeleted || info.MetadataRevision == cairn.NoStream {
		described, err := describe(info, cairn.StreamMetadata{ACL: only(Admins)})
		if err != nil {
			return cairn.Batch{}, err
		}
		b.Writes = append([]cairn.Write{described}, b.Writes...)
	}
	if info.State == cairn.StreamMissing {
		b.Writes = append(b.Writes, cairn.Write{Stream: usersStream, Expected: cairn.Any, Events: []cairn.Event{
			{ID: cairn.NewID(), Type: typeUser, Data: []byte(r.Login)},
		}})
	}
	return b, nil
}

// describe sets the metadata of a stream.
func describe(info cairn.StreamInfo, m cairn.StreamMetadata) (cairn.Write, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return cairn.Write{}, fmt.Errorf("access: metadata of stream %q: %w", info.Stream, err)
	}
	return cairn.Write{Stream: cairn.MetadataStream(info.Stream), Expected: info.MetadataRevision, Events: []cairn.Event{
		{ID: cairn.NewID(), Type: cairn.TypeMetadata, Data: data},
	}}, nil
}

// only is the list that lets one role do everything.
func only(role string) *cairn.ACL {
	one := []string{role}
	return &cairn.ACL{Read: one, Write: one, Delete: one, MetaRead: one, MetaWrite: one}
}

// Update changes a user's full name and groups.
func (u *Users) Update(ctx context.Context, login, fullName string, groups []string) error {
	if err := validateDescription(fullName, groups); err != nil {
		return err
	}
	return u.change(ctx, login, func(r *record) (bool, error) {
		changed := r.FullName != fullName || !slices.Equal(r.Groups, groups)
		r.FullName, r.Groups = fullName, list(groups)
		return changed, nil
	})
}

// Enable lets a user call again.
func (u *Users) Enable(ctx context.Context, login string) error { return u.disable(ctx, login, false) }

// Disable keeps a user from calling.
func (u *Users) Disable(ctx context.Context, login string) error { return u.disable(ctx, login, true) }

func (u *Users) disable(ctx context.Context, login string, disabled bool) error {
	return u.change(ctx, login, func(r *record) (bool, error) {
		changed := r.Disabled != disabled
		r.Disabled = disabled
		return changed, nil
	})
}

// Delete removes a user.
func (u *Users) Delete(ctx context.Context, login string) error {
	r, err := u.existing(ctx, login)
	if err != nil {
		return err
	}
	_, err = cairn.DeleteStream(ctx, u.store, userStream(login), r.revision)
	switch {
	case errors.Is(err, cairn.ErrStreamDeleted): // by somebody else since
		return &UserError{login, ErrNoUser}
	case errors.Is(err, cairn.ErrConflict): // changed or deleted since
		return u.Delete(ctx, login)
	}
	return err
}

// ChangePassword sets a new password for who knows the current one. If that is
// wrong it fails with a [*UserError] that matches [ErrDenied].
func (u *Users) ChangePassword(ctx context.Context, login, current, password string) error {
	if err := validatePassword("new password", password); err != nil {
		return err
	}
	r, err := u.existing(ctx, login)
	if err != nil {
		return err
	}
	switch right, err := u.hasher.verify(ctx, r.hash, current); {
	case err != nil:
		return err
	case !right:
		return &UserError{login, ErrDenied}
	}
	return u.setPassword(ctx, login, password, func(now *record) error {
		if now.revision != r.revision && !slices.Equal(now.Hash, r.Hash) {
			return &UserError{login, ErrDenied} // the current one was changed meanwhile
		}
		return nil
	})
}

// ResetPassword sets a new password.
func (u *Users) ResetPassword(ctx context.Context, login, password string) error {
	if err := validatePassword("new password", password); err != nil {
		return err
	}
	return u.setPassword(ctx, login, password, func(*record) error { return nil })
}

func (u *Users) setPassword(ctx context.Context, login, password string, allowed func(*record) error) error {
	if _, err := u.existing(ctx, login); err != nil {
		return err // before the work of hashing
	}
	h, err := u.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return u.change(ctx, login, func(r *record) (bool, error) {
		err := allowed(r)
		r.hash = h
		return true, err
	}, typePasswordChanged)
}

// change replaces a user's record by one that fn has changed, as soon as nobody
// else changes it at the same time. A record that fn leaves as it is is not
// written. Notices are types of events that tell others of the change.
func (u *Users) change(ctx context.Context, login string, fn func(*record) (bool, error), notices ...string) error {
	for {
		r, err := u.existing(ctx, login)
		if err != nil {
			return err
		}
		if changed, err := fn(&r); !changed || err != nil {
			return err
		}
		if err = u.write(ctx, &r, notices); !errors.Is(err, cairn.ErrConflict) {
			return gone(login, err)
		}
	}
}

// gone is the error of a change to a user whose stream was closed for good.
func gone(login string, err error) error {
	if errors.Is(err, cairn.ErrStreamDeleted) {
		return &UserError{login, ErrNoUser}
	}
	return err
}

func (u *Users) write(ctx context.Context, r *record, notices []string) error {
	updated, err := r.event(typeUserUpdated)
	if err != nil {
		return err
	}
	writes := []cairn.Write{{Stream: userStream(r.Login), Expected: r.revision, Events: []cairn.Event{updated}}}
	for _, notice := range notices {
		data, err := json.Marshal(map[string]string{"loginName": r.Login})
		if err != nil {
			return fmt.Errorf("access: notice about user %q: %w", r.Login, err)
		}
		writes = append(writes, cairn.Write{Stream: notifications, Expected: cairn.Any, Events: []cairn.Event{
			{ID: cairn.NewID(), Type: notice, Data: data},
		}})
	}
	_, err = u.store.Commit(ctx, cairn.Batch{Writes: writes, Conditions: []cairn.Condition{
		// A deleted stream could be written to at its last revision, which
		// would bring the user back.
		cairn.StreamAt(cairn.MetadataStream(userStream(r.Login)), r.described),
	}})
	return err
}
