package access

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// DefaultPassword is the password of the first users if none is given.
const DefaultPassword = "changeit"

// BootstrapOptions say what a new store begins with. The zero value is what a
// new KurrentDB has.
type BootstrapOptions struct {
	// AdminPassword and OpsPassword are those of the users "admin" and "ops".
	// Empty means [DefaultPassword], which is no secret.
	AdminPassword, OpsPassword string

	// Iterations is how often the passwords are hashed. Zero means
	// [DefaultIterations].
	Iterations int
}

// Bootstrap writes what a server expects to find in its store, as far as it is
// not there: the users "admin", who may do everything, and "ops", who may
// operate the server, and who may read what the server keeps about itself. It
// writes ten events to an empty store.
//
// It may be called again, by several at once, and after having been interrupted:
// each part is written once in the life of a store, whole or not at all. A user
// who was deleted does not come back, and a password that was changed stays. A
// store that has everything is only read.
func Bootstrap(ctx context.Context, store cairn.Store, o BootstrapOptions) error {
	batches, err := missing(ctx, store, o)
	if err != nil {
		return fmt.Errorf("access: bootstrap: %w", err)
	}
	if len(batches) == 0 {
		return nil
	}
	for _, outcome := range cairn.CommitEach(ctx, store, batches) {
		// A conflict means that there is one already, of somebody else's making.
		if err := outcome.Err; err != nil && !taken(err) {
			return fmt.Errorf("access: bootstrap: %w", err)
		}
	}
	return nil
}

// taken reports whether something could not be written because it is there, or
// was closed for good.
func taken(err error) bool {
	return errors.Is(err, cairn.ErrConflict) || errors.Is(err, cairn.ErrStreamDeleted)
}

// missing are the batches that write what is not there.
func missing(ctx context.Context, store cairn.Store, o BootstrapOptions) ([]cairn.Batch, error) {
	users := NewUsers(store, Options{Iterations: o.Iterations})
	var batches []cairn.Batch
	for _, s := range described {
		b, err := missingDescription(ctx, store, s.stream, s.metadata)
		if err != nil {
			return nil, err
		}
		batches = append(batches, b...)
	}
	for _, first := range firstUsers(o) {
		b, err := missingUser(ctx, users, first.User, first.password)
		if err != nil {
			return nil, err
		}
		batches = append(batches, b...)
	}
	return batches, nil
}

// described are the streams that a server keeps about itself. That passwords
// were changed is of interest to other servers for a while, that the store was
// cleaned up to operators for a month.
var described = []struct {
	stream   string
	metadata cairn.StreamMetadata
}{
	{usersStream, cairn.StreamMetadata{ACL: only(Admins)}},
	{notifications, cairn.StreamMetadata{ACL: only(Admins), MaxAge: time.Hour}},
	{"$scavenges", cairn.StreamMetadata{ACL: &cairn.ACL{Read: []string{Operations}, MetaRead: []string{Operations}}, MaxAge: 30 * 24 * time.Hour}},
	{"$persistentSubscriptionConfig", cairn.StreamMetadata{ACL: only(Admins)}},
}

type firstUser struct {
	User
	password string
}

func firstUsers(o BootstrapOptions) []firstUser {
	return []firstUser{
		{User{Login: "admin", FullName: "KurrentDB Administrator", Groups: []string{Admins}}, cmp.Or(o.AdminPassword, DefaultPassword)},
		{User{Login: "ops", FullName: "KurrentDB Operations", Groups: []string{Operations}}, cmp.Or(o.OpsPassword, DefaultPassword)},
	}
}

func missingDescription(ctx context.Context, store cairn.Store, stream string, m cairn.StreamMetadata) ([]cairn.Batch, error) {
	info, err := store.StreamInfo(ctx, stream)
	if err != nil || info.MetadataRevision != cairn.NoStream {
		return nil, err
	}
	w, err := describe(info, m)
	return []cairn.Batch{{Writes: []cairn.Write{w}}}, err
}

func missingUser(ctx context.Context, users *Users, user User, password string) ([]cairn.Batch, error) {
	info, err := users.store.StreamInfo(ctx, userStream(user.Login))
	if err != nil || info.State != cairn.StreamMissing {
		return nil, err
	}
	r, err := users.newRecord(ctx, user, password)
	if err != nil {
		return nil, err
	}
	b, err := creation(&r, info) // a conflict if the user was there since, also if they are gone again
	return []cairn.Batch{b}, err
}
