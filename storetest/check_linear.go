package storetest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/cairndb/cairn"
)

// A call is an operation on one stream, or on one tag.
type call struct {
	key      string
	verb     string         // "append", "last", "read" or "claim"
	expected cairn.Revision // of an append
	after    cairn.Position // of a claim
	id       cairn.ID       // of the event appended
}

// An answer is what a call returned.
type answer struct {
	done     bool           // an append or a claim was stored
	revision cairn.Revision // where the stream stands, by this answer
	position cairn.Position // of a claim that was stored, or is in the way
	id       cairn.ID       // of the last event, by a read
}

// A register is all that matters of a stream or a tag: its last event.
type register struct {
	revision cairn.Revision
	position cairn.Position
	id       cairn.ID
}

// linear has clients append, read and claim at random, each call with the time
// it began and ended, and asks porcupine whether some order of the calls, one
// at a time, explains every answer.
func linear(k *kit) {
	const clients, calls = 6, 70
	rng := random(k)
	seeds := make([]uint64, clients)
	for i := range seeds {
		seeds[i] = rng.Uint64()
	}
	var mu sync.Mutex
	var history []porcupine.Operation
	begin := time.Now()
	k.together(clients, func(client int) error {
		c := caller{kit: k, rng: rand.New(rand.NewPCG(seeds[client], 0)), at: map[string]register{}}
		for range calls {
			runtime.Gosched() // lets calls overlap that take no time
			in := c.choose()
			start := time.Since(begin)
			out, err := c.call(in)
			end := time.Since(begin)
			if err != nil {
				return err
			}
			mu.Lock()
			history = append(history, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(start), Return: int64(end)})
			mu.Unlock()
		}
		return nil
	})
	result, _ := porcupine.CheckOperationsVerbose(registers(), history, k.patience)
	if result != porcupine.Ok {
		k.Errorf("%d calls by %d clients cannot be explained one at a time: %v", len(history), clients, result)
	}
}

// A caller is one client and what it believes.
type caller struct {
	*kit
	rng *rand.Rand
	at  map[string]register
}

func (c *caller) choose() call {
	stream := fmt.Sprint("stream-", c.rng.IntN(3))
	switch c.rng.IntN(6) {
	case 0:
		return call{key: stream, verb: "last"}
	case 1:
		return call{key: stream, verb: "read"}
	case 2, 3:
		tag := fmt.Sprint("tag:", c.rng.IntN(2))
		return call{key: tag, verb: "claim", after: c.at[tag].position}
	}
	expected := cairn.NoStream
	if r, ok := c.at[stream]; ok {
		expected = r.revision
	}
	if c.rng.IntN(5) == 0 {
		expected = cairn.Any
	}
	return call{key: stream, verb: "append", expected: expected, id: cairn.NewID()}
}

func (c *caller) call(in call) (out answer, err error) {
	switch in.verb {
	case "last":
		info, err := c.store.StreamInfo(c.ctx, in.key)
		return answer{revision: info.Last}, err
	case "read":
		out, err = c.readLast(in.key)
	case "append":
		out, err = c.appendAt(in)
	case "claim":
		out, err = c.claim(in)
	}
	c.at[in.key] = register{revision: out.revision, position: max(out.position, c.at[in.key].position)}
	return out, err
}

func (c *caller) readLast(stream string) (answer, error) {
	out := answer{revision: cairn.NoStream}
	for e, err := range c.store.ReadStream(c.ctx, stream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil {
			return out, err
		}
		out.revision, out.id = e.Revision, e.ID
	}
	return out, nil
}

func (c *caller) appendAt(in call) (answer, error) {
	r, err := c.store.Append(c.ctx, in.key, in.expected, cairn.Event{ID: in.id, Type: "x"})
	if conflict := asConflict(err); conflict != nil {
		return answer{revision: conflict.Actual}, nil
	}
	return answer{done: true, revision: r.Revision}, err
}

func (c *caller) claim(in call) (answer, error) {
	r, err := c.store.Commit(c.ctx, cairn.Batch{
		Writes:     []cairn.Write{{Stream: "claims", Expected: cairn.Any, Events: []cairn.Event{{Type: "x", Tags: []string{in.key}}}}},
		Conditions: []cairn.Condition{cairn.NoneAfter(in.after, cairn.ByTag(in.key))},
	})
	if conflict := asConflict(err); conflict != nil {
		return answer{position: conflict.Positions[len(conflict.Positions)-1]}, nil
	}
	return answer{done: true, position: r.Position}, err
}

// registers is the specification: what each call may answer, and what it leaves.
func registers() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
			byKey := map[string][]porcupine.Operation{}
			for _, o := range history {
				key := o.Input.(call).key
				byKey[key] = append(byKey[key], o)
			}
			for _, key := range sorted(byKey) {
				parts = append(parts, byKey[key])
			}
			return parts
		},
		Init: func() any { return register{revision: cairn.NoStream} },
		Step: func(state, in, out any) (bool, any) {
			return state.(register).step(in.(call), out.(answer))
		},
	}
}

func (s register) step(in call, out answer) (bool, register) {
	switch in.verb {
	case "last":
		return out.revision == s.revision, s
	case "read":
		return out.revision == s.revision && out.id == s.id, s
	case "claim":
		if !out.done {
			return s.position > in.after && out.position <= s.position, s
		}
		return s.position <= in.after && out.position > s.position, register{revision: cairn.NoStream, position: out.position}
	}
	if holds := in.expected == cairn.Any || in.expected == s.revision; !holds {
		return !out.done && out.revision == s.revision, s
	}
	return out.done && out.revision == s.revision+1, register{revision: out.revision, id: in.id}
}
