package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// conditionsOnStreams checks where streams stand that the batch does not write.
func conditionsOnStreams(k *kit) {
	const exists, softly, forGood = "conflict: no stream", "conflict: soft-deleted", "conflict: tombstoned"
	expected := []cairn.Revision{cairn.NoStream, cairn.StreamExists, cairn.SoftDeleted, cairn.Tombstoned, 0, 2, 7}
	table := map[string][7]string{
		"missing":                      {ok, exists, none, none, none, none, none},
		"described":                    {ok, ok, none, none, none, none, none},
		"live":                         {at2, ok, at2, at2, at2, ok, at2},
		"live and hidden":              {at2, ok, at2, at2, at2, ok, at2},
		"live again":                   {at2, ok, at2, at2, at2, ok, at2},
		"soft-deleted":                 {ok, softly, ok, at2, at2, ok, at2},
		"described and soft-deleted":   {ok, softly, ok, none, none, none, none},
		"tombstoned":                   {ok, forGood, forGood, ok, forGood, forGood, forGood},
		"tombstoned before it existed": {ok, forGood, forGood, ok, forGood, forGood, forGood},
	}
	for _, s := range situations() {
		s.make(k, s.name)
		for i, e := range expected {
			what := fmt.Sprintf("stream %s, condition %v", s.name, e)
			before := k.head()
			_, err := k.store.Commit(k.ctx, cairn.Batch{
				Conditions: []cairn.Condition{cairn.StreamAt(s.name, e)},
				Writes:     []cairn.Write{{Stream: "written", Expected: cairn.Any, Events: events("x")}},
			})
			same(k, what, outcome(err), table[s.name][i])
			same(k, what+": stored", k.head() > before, table[s.name][i] == ok)
		}
	}
}

// conditionsOnWritten are about the stream as it was before the batch.
func conditionsOnWritten(k *kit) {
	batch := func(condition, expected cairn.Revision) cairn.Batch {
		return cairn.Batch{
			Conditions: []cairn.Condition{cairn.StreamAt("s", condition)},
			Writes:     []cairn.Write{{Stream: "s", Expected: expected, Events: events("x", "y")}},
		}
	}
	k.commit(batch(cairn.NoStream, cairn.Any))
	k.commit(batch(1, cairn.Any))
	_, err := k.store.Commit(k.ctx, batch(1, cairn.Any))
	same(k, "a condition that was overtaken", outcome(err), "conflict: 3")
}

// conditionsOnQueries compares random conditions with the definition.
func conditionsOnQueries(k *kit) {
	rng := random(k)
	fill(k, rng, 50)
	whole := k.all(cairn.AllOptions{})
	for range 300 {
		q, after := randomQuery(rng), cairn.Position(rng.Int64N(int64(len(whole)+1)))
		want := expect(whole, cairn.AllOptions{After: after, Query: q, Limit: cairn.MaxConflicts})
		_, err := k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{cairn.NoneAfter(after, q)}})
		conflict, _ := errors.AsType[*cairn.ConflictError](err)
		if len(want) == 0 || conflict == nil {
			same(k, fmt.Sprintf("none of %+v after %d: fails", q, after), err != nil, len(want) > 0)
			continue
		}
		what := fmt.Sprintf("none of %+v after %d", q, after)
		compareEvents(k, what, conflict.Events, want)
		equal(k, what, conflict.Positions, positions(want))
		same(k, what+": after", conflict.After, after)
		same(k, what+": stream", conflict.Stream, "")
		same(k, what+": query", fmt.Sprint(conflict.Query), fmt.Sprint(q))
	}
	same(k, "head", k.head(), whole[len(whole)-1].Position)
}

// conditionsBeyondTheHead are a mistake: nobody can have read that far.
func conditionsBeyondTheHead(k *kit) {
	k.append("s", cairn.NoStream, "a")
	k.commit(cairn.Batch{Conditions: []cairn.Condition{cairn.NoneAfter(1, cairn.ByType("a"))}})
	_, err := k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{
		cairn.StreamAt("s", 0), cairn.NoneAfter(2, cairn.ByType("a")),
	}})
	wrong(k, "beyond the head", err, "conditions[1].after")
}

// racesForATag let many writers claim one name at a time. Exactly one wins.
func racesForATag(k *kit) {
	const rounds, racers = 25, 8
	for round := range rounds {
		tag, after := fmt.Sprint("name:", round), k.head()
		var won atomic.Uint64
		conflicts := make([]*cairn.ConflictError, racers)
		k.together(racers, func(i int) error {
			r, err := k.store.Commit(k.ctx, cairn.Batch{
				Writes: []cairn.Write{{Stream: fmt.Sprintf("racer-%d-%d", round, i), Expected: cairn.NoStream,
					Events: []cairn.Event{{Type: "claimed", Tags: []string{tag}}}}},
				Conditions: []cairn.Condition{cairn.NoneAfter(after, cairn.ByTag(tag))},
			})
			if conflict, ok := errors.AsType[*cairn.ConflictError](err); ok {
				conflicts[i] = conflict
				return nil
			}
			if err == nil && !won.CompareAndSwap(0, uint64(r.Position)) {
				return fmt.Errorf("round %d has a second winner", round)
			}
			return err
		})
		winner := cairn.Position(won.Load())
		for _, c := range conflicts {
			if c != nil {
				equal(k, "in the way", c.Positions, []cairn.Position{winner})
			}
		}
		same(k, "claims", len(k.all(cairn.AllOptions{Query: cairn.ByTag(tag)})), 1)
	}
}

// conditionsThatDoNotMeet hold all of them, whatever goes on beside.
func conditionsThatDoNotMeet(k *kit) {
	k.together(8, func(i int) error {
		own := fmt.Sprint("own:", i)
		var after cairn.Position
		for range 25 {
			r, err := k.store.Commit(k.ctx, cairn.Batch{
				Writes:     []cairn.Write{{Stream: "shared", Expected: cairn.Any, Events: []cairn.Event{{Type: "x", Tags: []string{own}}}}},
				Conditions: []cairn.Condition{cairn.NoneAfter(after, cairn.ByTag(own))},
			})
			if err != nil {
				return fmt.Errorf("a false conflict: %w", err)
			}
			after = r.Position
		}
		return nil
	})
}
