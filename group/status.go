package group

import (
	"context"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
)

// A GroupStatus describes a group as its streams do. Members write them down
// with every checkpoint and three times in a lease, so it is that old.
type GroupStatus struct {
	Query    cairn.Query     // what it selects, as its members said last
	About    component.About // what it is, as its members said last
	Position cairn.Position  // everything up to here is settled or parked
	Lag      int64           // how many events are still to be settled, at most
	Oldest   time.Time       // when the oldest of those was appended, at the earliest; zero if Lag is 0

	Members    []MemberStatus    // by name
	Partitions []PartitionStatus // by number

	ParkedKeys   int
	ParkedEvents int
}

// Behind is how long the oldest event that is still to be settled has been waiting,
// at most; 0 if there is none, or if the clock of the store is ahead.
func (s *GroupStatus) Behind(now time.Time) time.Duration {
	if s.Oldest.IsZero() {
		return 0
	}
	return max(now.Sub(s.Oldest), 0)
}

// A MemberStatus describes a member that was there lately.
type MemberStatus struct {
	Member     string
	Seen       time.Time // when it last said that it is there, by the store's clock
	Partitions int       // that it owns
	Held       int       // unsettled events that it holds
	Full       bool      // its window is full: slow or failing keys keep it from reading on
}

// A PartitionStatus describes a partition.
type PartitionStatus struct {
	Owner     string         // empty if it has none
	Epoch     uint64         // how often it was claimed
	Position  cairn.Position // everything up to here was looked at
	Unsettled int            // events up to there that are not settled
	Parked    int            // parked events
}

// Status describes a group. One that nobody has run yet is an [ErrUnknown].
func Status(ctx context.Context, store Store, name string) (GroupStatus, error) {
	return Observe(store, name).Status(ctx)
}

// A sight is a member's last beat.
type sight struct {
	beat
	seen  time.Time
	owned int
}

// beats reads who was there lately: whose last beat is no more than its lease
// older than the newest of all.
func beats(ctx context.Context, store cairn.StreamReader, g names) (map[string]*sight, error) {
	all := map[string]*sight{}
	var newest time.Time
	for e, err := range store.ReadStream(ctx, g.members(), cairn.ReadOptions{}) {
		if err != nil {
			return nil, err
		}
		var b beat
		if err := decode(&e, &b); err != nil {
			return nil, err
		}
		newest = e.Time
		if all[b.Member] = (&sight{beat: b, seen: e.Time}); b.Leaving {
			delete(all, b.Member)
		}
	}
	for id, s := range all {
		if newest.Sub(s.seen) > s.Lease {
			delete(all, id)
		}
	}
	return all, nil
}
