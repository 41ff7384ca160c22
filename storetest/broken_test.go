package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// A flaw is a way to be wrong, and the checks that must find it out.
type flaw struct {
	name     string
	wrap     func(flawed) cairn.Store
	forgets  func(*reference) // when it is reopened
	waits    bool             // for something that does not happen
	caughtBy []string
}

var flaws = []flaw{
	{name: "lost update", wrap: func(s flawed) cairn.Store { return lostUpdate{s} },
		caughtBy: []string{"Expectations/Append", "Concurrency/OneStream", "Concurrency/Linearizable", "Random"}},
	{name: "skipped position", waits: true, wrap: func(s flawed) cairn.Store { return skippedPosition{s} },
		caughtBy: []string{"Concurrency/Followers", "Followers/CatchUp", "Filters/Follows", "Random"}},
	{name: "torn batch", wrap: func(s flawed) cairn.Store { return tornBatch{s} },
		caughtBy: []string{"Batches/Fail", "Batches/SeenWhole", "Random"}},
	{name: "no snapshot", wrap: func(s flawed) cairn.Store { return noSnapshot{s} },
		caughtBy: []string{"Iterators/BodyAppends"}},
	{name: "forgotten IDs", wrap: func(s flawed) cairn.Store { return forgottenIDs{s} },
		caughtBy: []string{"Retries/ByRevision", "Retries/Repeats", "Random"}},
	{name: "forgotten keys", wrap: func(s flawed) cairn.Store { return forgottenKeys{s} },
		caughtBy: []string{"Keys/Once", "Keys/AfterReopening", "Keys/WithoutEvents", "Random"}},
	{name: "keys forgotten when reopened", wrap: func(s flawed) cairn.Store { return s }, forgets: func(r *reference) { clear(r.keys) },
		caughtBy: []string{"Keys/AfterReopening", "Random"}},
	{name: "last event lost when reopened", wrap: func(s flawed) cairn.Store { return s }, forgets: loseLast,
		caughtBy: []string{"Stores/Reopen", "Filters/AfterReopening", "Random"}},
	{name: "deaf filter", wrap: func(s flawed) cairn.Store { return deafFilter{s} },
		caughtBy: []string{"Filters/Reads", "Filters/Follows", "Random"}},
	{name: "tags that are carried only", waits: true, wrap: func(s flawed) cairn.Store { return carriedTags{s} },
		caughtBy: []string{"Filters/Reads", "Filters/Correlations", "Filters/CorrelationsFollowed", "Filters/CorrelationsAfterReopening", "Random"}},
	{name: "implied tags shown", wrap: func(s flawed) cairn.Store { return shownTags{s} },
		caughtBy: []string{"Filters/Correlations"}},
	{name: "conditions on tags that are carried only", wrap: func(s flawed) cairn.Store { return carriedConditions{s} },
		caughtBy: []string{"Conditions/Correlations"}},
	{name: "hasty caught up", waits: true, wrap: func(s flawed) cairn.Store { return hastyCaughtUp{s} },
		caughtBy: []string{"Followers/CatchUp", "Followers/CaughtUpIsTrue"}},
	{name: "silent when nothing matched", waits: true, wrap: func(s flawed) cairn.Store { return silentFollower{s} },
		caughtBy: []string{"Followers/NothingMatched"}},
	{name: "no progress", wrap: func(s flawed) cairn.Store { return noProgress{s} },
		caughtBy: []string{"Followers/Progress"}},
	{name: "shared bytes", wrap: func(s flawed) cairn.Store { return &sharedBytes{flawed: s} },
		caughtBy: []string{"Contents/BelongToTheCaller"}},
	{name: "lock held in the body", waits: true, wrap: func(s flawed) cairn.Store { return lockHeld{s, make(chan struct{}, 1)} },
		caughtBy: []string{"Iterators/BodyAppends", "Iterators/BodyDeletes"}},
	{name: "checked and then written", wrap: func(s flawed) cairn.Store { return checkThenWrite{s} },
		caughtBy: []string{"Conditions/Races", "Concurrency/Linearizable"}},
	{name: "cause lost", wrap: func(s flawed) cairn.Store { return causeLost{s} },
		caughtBy: []string{"Contexts/EndCalls", "Contexts/EndReads", "Contexts/EndWaiting"}},
	{name: "stale head", wrap: func(s flawed) cairn.Store { return staleHead{s} },
		caughtBy: []string{"Concurrency/ReadYourWrites", "Random"}},
	{name: "stale stream", wrap: func(s flawed) cairn.Store { return &staleStream{flawed: s, last: map[string]cairn.StreamInfo{}} },
		caughtBy: []string{"Concurrency/Linearizable", "Concurrency/ReadYourWrites", "Random"}},
	{name: "leaking reads", waits: true, wrap: func(s flawed) cairn.Store { return leakingReads{s} },
		caughtBy: []string{"Iterators/LeavingReleases"}},
	{name: "quiet close", wrap: func(s flawed) cairn.Store { return quietClose{s} },
		caughtBy: []string{"Closing/EndsFollowers", "Closing/Refuses", "Closing/InTheBody"}},
	{name: "vague conflict", wrap: func(s flawed) cairn.Store { return vagueConflict{s} },
		caughtBy: []string{"Conflicts/InTheWay", "Conflicts/AllTold", "Conditions/Queries", "Random"}},
	{name: "nothing is hidden", wrap: func(s flawed) cairn.Store { return nothingHidden{s} },
		caughtBy: []string{"Metadata/Truncation", "Metadata/MaxCount", "Deletions/Soft"}},
}

// TestKitFindsFlaws breaks the reference in many ways; the kit has to notice.
func TestKitFindsFlaws(t *testing.T) {
	for _, f := range flaws {
		t.Run(f.name, func(t *testing.T) {
			for _, c := range checks() {
				if !slices.Contains(f.caughtBy, c.name) {
					continue
				}
				f.mustFail(t, c)
			}
		})
	}
}

// mustFail plays a check on the broken store. A race is not lost every time.
func (f flaw) mustFail(t *testing.T, c check) {
	t.Helper()
	for range 20 {
		if fails := record(t, c, f.bench()); len(fails) > 0 {
			t.Logf("%s: %.200s", c.name, fails[0])
			return
		}
	}
	t.Errorf("%s does not notice it", c.name)
}

// TestFlawsNameChecks finds names of checks that do not exist.
func TestFlawsNameChecks(t *testing.T) {
	for _, f := range flaws {
		for _, name := range f.caughtBy {
			if !slices.ContainsFunc(checks(), func(c check) bool { return c.name == name }) {
				t.Errorf("%s: there is no check %s", f.name, name)
			}
		}
	}
}

func (f flaw) bench() *bench {
	patience := 20 * time.Second
	if f.waits {
		patience = time.Second / 2
	}
	return &bench{
		open: func() cairn.Store { return f.wrap(flawed{NewReference()}) },
		reopen: func(s cairn.Store) cairn.Store {
			fresh := reopen(s.(interface{ inner() cairn.Store }).inner())
			if f.forgets != nil {
				f.forgets(fresh.(*reference))
			}
			return f.wrap(flawed{fresh})
		},
		operations: 3000,
		patience:   patience,
	}
}

func loseLast(r *reference) {
	if n := len(r.log); n > 0 {
		s := r.log[n-1].Stream
		r.log, r.streams[s] = r.log[:n-1], r.streams[s][:len(r.streams[s])-1]
	}
}
