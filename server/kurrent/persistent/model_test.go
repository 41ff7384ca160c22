package persistent_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// A model does what consumers, operators and accidents do, at random, and knows of
// each event what has come of it.
type model struct {
	*world
	r       *rand.Rand
	retries int
	readers []*reader
	events  int
	done    map[int]bool // settled by a consumer
	failed  map[int]int  // how often an event has failed since the server started
	log     []string
}

const modelTimeout = 10 * time.Second

func TestModel(t *testing.T) {
	runs := 150
	if testing.Short() {
		runs = 30
	}
	seed := time.Now().UnixNano()
	for i := range runs {
		seed := seed + int64(i)
		inWorld(t, func(w *world) {
			m := &model{world: w, r: rand.New(rand.NewPCG(uint64(seed), 1)), done: map[int]bool{}, failed: map[int]int{}}
			m.run()
			if w.Failed() {
				w.Fatalf("seed %d:\n%s", seed, strings.Join(m.log, "\n"))
			}
		})
	}
}

func (m *model) run() {
	m.retries = m.r.IntN(4)
	m.most = []int{0, 4 << 10}[m.r.IntN(2)]
	m.start()
	m.create(func(s *persistent.Settings) {
		s.MessageTimeout, s.MaxRetryCount = modelTimeout, m.retries
		s.MinCheckpointCount, s.MaxCheckpointCount = 1+m.r.IntN(3), 1+m.r.IntN(10)
		s.HistoryBufferSize = 2 + m.r.IntN(20)
		s.ReadBatchSize, s.LiveBufferSize = 1+m.r.IntN(s.HistoryBufferSize-1), m.r.IntN(10)
		s.Strategy = []string{persistent.RoundRobin, persistent.DispatchToSingle, persistent.PinnedByCorrelation}[m.r.IntN(3)]
	})
	for range 60 {
		m.step()
		m.check()
		if m.Failed() {
			return
		}
	}
	m.drain()
}

func (m *model) note(format string, args ...any) { m.log = append(m.log, fmt.Sprintf(format, args...)) }

func (m *model) step() {
	switch n := m.r.IntN(20); {
	case n < 3:
		m.append(1 + m.r.IntN(10))
	case n < 6 && len(m.readers) < 4:
		m.readers = append(m.readers, m.connect(1+m.r.IntN(6)))
		m.note("connect")
	case n < 7 && len(m.readers) > 0:
		m.leave()
	case n == 7:
		d := time.Duration(m.r.IntN(int(modelTimeout)))
		m.note("sleep %v", d)
		time.Sleep(d)
		m.timeOut()
	case n == 8:
		m.over([]func(){m.restart, m.crash, m.again, m.crashUnseen}[m.r.IntN(4)])
	case n == 9:
		m.note("replay")
		if err := m.get().Replay(m.Context(), nil); err != nil {
			if _, ok := errors.AsType[*persistent.FailedError](err); !ok {
				m.Error(err)
			}
		}
	case len(m.readers) > 0:
		m.answerSome()
	}
}

// append appends events with the number they have, and a key that some share.
func (m *model) append(n int) {
	m.note("append %d", n)
	for range n {
		e := cairn.Event{Type: "x", Data: strconv.AppendInt(nil, int64(m.events), 10), Metadata: fmt.Appendf(nil, `{"$correlationId":"%d"}`, m.r.IntN(5))}
		if _, err := m.store.Append(m.Context(), "s", cairn.Any, e); err != nil {
			m.Fatal(err)
		}
		m.events++
	}
}

// number is which event was delivered.
func number(d *persistent.Delivery) int {
	e := &d.Recorded
	if d.Link {
		e = d.Target
	}
	n, _ := strconv.Atoi(string(e.Data))
	return n
}

// receive takes what there is for a consumer and compares how often it has failed.
func (m *model) receive(r *reader) {
	before := len(r.has)
	r.take()
	for _, d := range r.has[before:] {
		n := number(&d)
		if d.Link {
			continue // it begins anew when it is replayed
		}
		if d.Retries != m.failed[n] || d.Retries > m.retries {
			m.Errorf("%d has failed %d times, and is said to have %d times", n, m.failed[n], d.Retries)
		}
		m.note("deliver %d+%d", n, d.Retries)
	}
}

// fail counts a delivery in vain.
func (m *model) fail(d *persistent.Delivery) {
	if !d.Link {
		m.failed[number(d)]++
	}
}

func (m *model) answerSome() {
	r := m.readers[m.r.IntN(len(m.readers))]
	m.receive(r)
	if len(r.has) == 0 {
		return
	}
	i := m.r.IntN(len(r.has))
	d := r.has[i]
	r.has = append(r.has[:i:i], r.has[i+1:]...)
	n := number(&d)
	switch a := m.r.IntN(10); {
	case a < 6:
		m.note("ack %d", n)
		m.done[n] = true
		r.Ack(d.ID)
	case a < 7:
		m.note("skip %d", n)
		m.done[n] = true
		r.Nack(persistent.Skip, "", d.ID)
	case a < 8:
		m.note("park %d", n)
		r.Nack(persistent.Park, "", d.ID)
	default:
		m.note("retry %d", n)
		m.fail(&d)
		r.Nack(persistent.Retry, "", d.ID)
	}
}

func (m *model) leave() {
	i := m.r.IntN(len(m.readers))
	r := m.readers[i]
	m.receive(r)
	for _, d := range r.has {
		m.fail(&d)
	}
	m.note("leave with %d", len(r.has))
	r.Close()
	m.readers = append(m.readers[:i:i], m.readers[i+1:]...)
}

// timeOut forgets what consumers have had for too long: they can see for themselves
// that it is taken from them only when it comes again, so all of it is answered for
// before or has failed.
func (m *model) timeOut() {
	time.Sleep(modelTimeout)
	synctest.Wait()
	for _, r := range m.readers {
		for _, d := range r.has {
			m.fail(&d)
		}
		r.has = nil
	}
}

// over ends the server in some way; counts are not kept, and consumers are gone.
func (m *model) over(how func()) {
	m.note("the server stops")
	how()
	m.readers, m.failed = nil, map[int]int{}
}

func (m *model) again() {
	if err := m.subs.Restart(m.Context()); err != nil {
		m.Error(err)
	}
}

// crashUnseen is a crash while something is under way.
func (m *model) crashUnseen() {
	for _, r := range m.readers {
		ctx, cancel := context.WithTimeout(m.Context(), time.Nanosecond)
		if d, err := r.Next(ctx); err == nil {
			r.Nack(persistent.Park, "", d.ID)
		}
		cancel()
	}
	m.crash()
}

// check fails if the checkpoint is past an event that is neither settled nor
// parked.
func (m *model) check() {
	all := strings.Fields(m.stored(checkpoints))
	if len(all) == 0 {
		return
	}
	text, err := strconv.Unquote(all[len(all)-1])
	if err != nil {
		m.Fatal(err)
	}
	at, err := strconv.Atoi(text)
	if err != nil {
		m.Fatal(err)
	}
	kept := m.parkedNow()
	for n := range at + 1 {
		if !m.done[n] && !kept[n] {
			m.Errorf("the checkpoint is %d, and %d is not settled", at, n)
		}
	}
}

// parkedNow are the events that links in the parked stream lead to.
func (m *model) parkedNow() map[int]bool {
	all := map[int]bool{}
	for _, link := range strings.Fields(m.stored(parked)) {
		n, _, _ := strings.Cut(link, "@")
		i, err := strconv.Atoi(n)
		if err != nil {
			m.Fatal(err)
		}
		all[i] = true
	}
	return all
}

// drain has everything delivered and acknowledged, what is parked too, and looks
// for what is missing.
func (m *model) drain() {
	for len(m.readers) > 0 {
		m.leave()
	}
	m.note("drain")
	for range 3 {
		if err := m.get().Replay(m.Context(), nil); err != nil {
			m.Fatal(err)
		}
		m.drainOnce()
	}
	for n := range m.events {
		if !m.done[n] {
			m.Errorf("%d of %d was lost", n, m.events)
		}
	}
	synctest.Wait()
	if bytes, unsettled, runs := m.get().Held(); bytes != 0 || unsettled != 0 || runs {
		m.Errorf("%d bytes of %d events are held, runs %v", bytes, unsettled, runs)
	}
	if left := m.stored(parked); left != "" {
		m.Errorf("left parked: %s", left)
	}
	if got := m.info(); m.events > 0 && got.Checkpoint != strconv.Itoa(m.events-1) {
		m.Errorf("the checkpoint is %s of %d", got.Checkpoint, m.events)
	}
}

func (m *model) drainOnce() {
	r := m.connect(5)
	for m.receive(r); len(r.has) > 0; m.receive(r) {
		for _, d := range r.has {
			m.done[number(&d)] = true
			r.Ack(d.ID)
		}
		r.has = nil
	}
	r.Close()
}
