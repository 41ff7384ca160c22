package disk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/cairndb/cairn"
)

// A try is an append to a stream, or the question where it stands.
type try struct {
	stream   string
	expected cairn.Revision // Any asks
}

// A result is what the store said of a try.
type result struct {
	stored bool
	at     cairn.Revision // where the stream stood afterwards, by this answer
}

// TestWritersAreLinearizable has writers append to few streams, so that most
// conflict, and looks for an order of all calls that explains the answers. For
// many writers porcupine takes too long; but where every answer says how far the
// stream had come, the order can be told without a search.
func TestWritersAreLinearizable(t *testing.T) {
	for _, writers := range []int{6, 160} {
		t.Run(fmt.Sprint(writers), func(t *testing.T) {
			s := open(t, t.TempDir(), small(nil))
			defer s.Close()
			history := contend(t, s, writers, max(20, 300/writers))
			for stream, calls := range byStream(history) {
				if err := ordered(calls); err != nil {
					t.Errorf("%s: %v", stream, err)
				}
			}
			if writers > 10 {
				return
			}
			outcome, _ := porcupine.CheckOperationsVerbose(counters(), history, time.Minute)
			if outcome != porcupine.Ok {
				t.Errorf("%d calls by %d writers cannot be explained one at a time: %v", len(history), writers, outcome)
			}
		})
	}
}

func byStream(history []porcupine.Operation) map[string][]porcupine.Operation {
	parts := map[string][]porcupine.Operation{}
	for _, o := range history {
		stream := o.Input.(try).stream
		parts[stream] = append(parts[stream], o)
	}
	return parts
}

// ordered puts every append of a stream at the earliest time that it may have
// happened: within its call, after the append before it, and not before anybody
// who was still told of that had asked. It reports what comes too late.
func ordered(calls []porcupine.Operation) error {
	appends, asked := map[cairn.Revision]porcupine.Operation{}, map[cairn.Revision][]porcupine.Operation{}
	for _, o := range calls {
		in, out := o.Input.(try), o.Output.(result)
		switch _, twice := appends[out.at]; {
		case out.stored && (twice || in.expected+1 != out.at):
			return fmt.Errorf("%+v was answered %+v", in, out)
		case !out.stored && in.expected == out.at:
			return fmt.Errorf("%+v was refused for %+v", in, out)
		case out.stored:
			appends[out.at] = o
		default:
			asked[out.at] = append(asked[out.at], o)
		}
	}
	happened := int64(0)
	for at := cairn.NoStream; at < cairn.Revision(len(appends)); at++ {
		if o, ok := appends[at]; ok || at >= 0 {
			if happened = max(happened, o.Call); !ok || happened > o.Return {
				return fmt.Errorf("revision %d was appended by %+v, too late", at, o)
			}
		}
		for _, o := range asked[at] {
			if happened > o.Return {
				return fmt.Errorf("%+v was told of revision %d too late", o, at)
			}
		}
		for _, o := range asked[at] {
			happened = max(happened, o.Call)
		}
		delete(asked, at)
	}
	if len(asked) > 0 {
		return fmt.Errorf("somebody was told of revisions that were not appended: %+v", asked)
	}
	return nil
}

func contend(t *testing.T, s cairn.Store, writers, calls int) (history []porcupine.Operation) {
	number, begin := seed(t), time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(number, uint64(w)))
			at := map[string]cairn.Revision{}
			for range calls {
				in := try{stream: fmt.Sprint("stream-", rng.IntN(3)), expected: cairn.NoStream}
				if r, ok := at[in.stream]; ok {
					in.expected = r
				}
				if rng.IntN(6) == 0 {
					in.expected = cairn.Any
				}
				call := time.Since(begin)
				out, err := in.do(t, s)
				end := time.Since(begin)
				if err != nil {
					t.Error(err)
					return
				}
				at[in.stream] = out.at
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: w, Input: in, Output: out, Call: int64(call), Return: int64(end)})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return history
}

func (in try) do(t *testing.T, s cairn.Store) (result, error) {
	if in.expected == cairn.Any {
		info, err := s.StreamInfo(t.Context(), in.stream)
		return result{at: info.Last}, err
	}
	r, err := s.Append(t.Context(), in.stream, in.expected, cairn.Event{Type: "t"})
	if conflict, ok := errors.AsType[*cairn.ConflictError](err); ok {
		return result{at: conflict.Actual}, nil
	}
	return result{stored: true, at: r.Revision}, err
}

// counters is what streams are to this test.
func counters() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) (all [][]porcupine.Operation) {
			for _, calls := range byStream(history) {
				all = append(all, calls)
			}
			return all
		},
		Init: func() any { return cairn.NoStream },
		Step: func(state, in, out any) (bool, any) {
			at, try, result := state.(cairn.Revision), in.(try), out.(result)
			if try.expected == cairn.Any || try.expected != at {
				return !result.stored && result.at == at, at
			}
			return result.stored && result.at == at+1, at + 1
		},
	}
}

func TestOrderedFindsStaleAnswers(t *testing.T) {
	appended := porcupine.Operation{Input: try{"s", cairn.NoStream}, Output: result{true, 0}, Call: 0, Return: 10}
	for name, c := range map[string]struct {
		next porcupine.Operation
		ok   bool
	}{
		"asked at the same time": {porcupine.Operation{Input: try{"s", cairn.Any}, Output: result{false, -1}, Call: 5, Return: 20}, true},
		"asked afterwards":       {porcupine.Operation{Input: try{"s", cairn.Any}, Output: result{false, -1}, Call: 11, Return: 20}, false},
		"told too early":         {porcupine.Operation{Input: try{"s", cairn.Any}, Output: result{false, 1}, Call: 5, Return: 20}, false},
		"stored twice":           {porcupine.Operation{Input: try{"s", cairn.NoStream}, Output: result{true, 0}, Call: 5, Return: 20}, false},
		"refused for nothing":    {porcupine.Operation{Input: try{"s", 0}, Output: result{false, 0}, Call: 5, Return: 20}, false},
	} {
		if err := ordered([]porcupine.Operation{appended, c.next}); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
