package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// The streams that users are kept in, and the types of the events in them. The
// names are those of KurrentDB.
const (
	userPrefix    = "$user-"
	usersStream   = "$users"
	notifications = "$users-password-notifications"

	typeUser            = "$User"
	typeUserCreated     = "$UserCreated"
	typeUserUpdated     = "$UserUpdated"
	typePasswordChanged = "$PasswordChanged"
)

func userStream(login string) string { return userPrefix + login }

// A record is a user as stored: the data of the last event of their stream.
type record struct {
	Login    string   `json:"loginName"`
	FullName string   `json:"fullName"`
	Groups   []string `json:"groups"`
	Disabled bool     `json:"disabled"`
	hash

	revision  cairn.Revision // of the event; a record of a revision never changes
	described cairn.Revision // where the metadata stood, which says whether the user was deleted
	updated   time.Time      // when it was written
	exists    bool           // there is such a user
}

// noRecord is that of nobody. It must not be taken for one at revision 0.
var noRecord = record{revision: cairn.NoStream}

// parseRecord reads an event of a user's stream. One that makes no sense is no
// user: what cannot be read must not let anybody in.
func parseRecord(e *cairn.Recorded) record {
	var r record
	login := strings.TrimPrefix(e.Stream, userPrefix)
	if json.Unmarshal(e.Data, &r) != nil || r.Login != login || validateLogin(login) != nil {
		return noRecord
	}
	r.revision, r.updated, r.exists = e.Revision, e.Time, true
	return r
}

func (r *record) event(eventType string) (cairn.Event, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return cairn.Event{}, fmt.Errorf("access: record of user %q: %w", r.Login, err)
	}
	return cairn.Event{ID: cairn.NewID(), Type: eventType, Data: data}, nil
}

// user is what the world may know.
func (r *record) user() User {
	return User{Login: r.Login, FullName: r.FullName, Groups: r.Groups, Disabled: r.Disabled, Updated: r.updated}
}

// loadRecord reads a user's stream, whose state the caller has looked up.
func loadRecord(ctx context.Context, store cairn.Store, info cairn.StreamInfo) (record, error) {
	last, err := lastEvent(ctx, store, info)
	if last == nil || err != nil {
		return noRecord, err
	}
	r := parseRecord(last)
	r.described = info.MetadataRevision
	return r, nil
}

// lastEvent reads the last event of a stream that can be read; nil if none can.
func lastEvent(ctx context.Context, store cairn.StreamReader, info cairn.StreamInfo) (*cairn.Recorded, error) {
	if info.State != cairn.StreamLive {
		return nil, nil
	}
	for e, err := range store.ReadStream(ctx, info.Stream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if errors.Is(err, cairn.ErrStreamDeleted) {
			return nil, nil // since the caller looked it up
		}
		return &e, err
	}
	return nil, nil
}
