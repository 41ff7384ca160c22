package projection_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// post asks and returns what the request is called.
func (r *realm) post(q projection.Request) cairn.ID {
	r.Helper()
	id, err := projection.Post(r.Context(), r.store, "counts", q)
	r.check(err)
	return id
}

// posting is what is known of a request.
func (r *realm) posting(id cairn.ID) projection.Posting {
	r.Helper()
	all, err := projection.Posted(r.Context(), r.store, "counts")
	r.check(err)
	for _, p := range all {
		if p.ID == id {
			return p
		}
	}
	r.Fatalf("there is no request %v among %+v", id, all)
	return projection.Posting{}
}

// becomes waits until nothing more becomes of a request, and checks what has.
func (r *realm) becomes(id cairn.ID, want projection.PostingState, says string) {
	r.Helper()
	var p projection.Posting
	var state projection.PostingState
	r.until("an answer", func() bool {
		p = r.posting(id)
		state = p.State(time.Now())
		return state != projection.PostWaiting && state != projection.PostTaken
	})
	text := ""
	if p.Answer != nil {
		text = p.Answer.Text + p.Answer.Error
	}
	if state != want || !strings.Contains(text, says) {
		r.Errorf("seed %d: %s became %s (%q), want %s (%q)", r.seed, p.What, state, text, want, says)
	}
}

// said counts the events of a type in the stream of requests.
func (r *realm) said(eventType string) (n int) {
	r.Helper()
	for e, err := range r.store.ReadStream(r.Context(), projection.PostStream("counts"), cairn.ReadOptions{}) {
		r.check(err)
		if e.Type == eventType {
			n++
		}
	}
	return n
}

// What is asked for is done by one of several programs, once, whoever that is.
func TestPostIsCarriedOutOnce(t *testing.T) {
	for seed := range uint64(20) {
		inRealm(t, seed, func(r *realm) {
			r.put(50)
			old := r.run(r.target, tallying(1), nil)
			r.untilShown(1)
			manual := &projection.DeployOptions{Manual: true}
			all := []*program{old, r.run(r.target, tallying(1), nil)}
			for range 3 {
				all = append(all, r.deploy(r.target, tallying(2), manual, tallying(1)))
			}
			r.until("the new build", func() bool { b, ok := r.buildOf(2); return ok && b.Phase == projection.Level })
			r.pass(time.Minute)
			if r.status().Active != 1 {
				t.Error("nobody has asked, and readers were switched")
			}
			r.becomes(r.post(projection.Request{What: projection.AskSwitch, Active: 1, Build: 2, By: "ann"}), projection.PostDone, "readers see build 2")
			r.untilShown(2)
			r.becomes(r.post(projection.Request{What: projection.AskRollback, Active: 2, Build: 1}), projection.PostDone, "readers see build 1")
			r.put(10)
			r.untilShown(1)
			r.pass(time.Minute)
			if s := r.status(); s.Active != 1 || s.Previous != 2 {
				t.Errorf("seed %d: %+v", seed, s)
			}
			if taken, answered := r.said("$projection-taken"), r.said("$projection-answer"); taken != 2 || answered != 2 {
				t.Errorf("seed %d: two requests were taken %d times and answered %d times", seed, taken, answered)
			}
			for _, p := range all {
				r.stop(p)
			}
		})
	}
}

func (r *realm) buildOf(n int) (projection.BuildStatus, bool) {
	r.Helper()
	s, err := projection.StatusOf(r.Context(), r.store, r.target, "counts")
	if !errors.Is(err, projection.ErrUnknown) { // nobody has begun it yet
		r.check(err)
	}
	return s.Build(n)
}

// What was decided on when things stood otherwise is not done.
func TestPostAfterThingsHaveMoved(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		for _, c := range []struct {
			q    projection.Request
			says string
		}{
			{projection.Request{What: projection.AskSwitch, Active: 1, Build: 2}, "readers see build 2 now"},
			{projection.Request{What: projection.AskRollback, Active: 1, Build: 1}, "readers see build 2 now"},
			{projection.Request{What: projection.AskRollback, Active: 2, Build: 2}, "rollback goes to build 1 now"},
			{projection.Request{What: projection.AskRebuild, Active: 1}, "readers see build 2 now"},
			{projection.Request{What: projection.AskRetry, Active: 1}, "readers see build 2 now"},
			{projection.Request{What: projection.AskSwitch, Active: 2, Build: 7}, "build 7 is not there"},
			{projection.Request{What: projection.AskSkip, Active: 2, Build: 2, Key: "x", First: 1}, "nothing is parked under the key"},
		} {
			r.becomes(r.post(c.q), projection.PostRefused, c.says)
		}
		if s := r.status(); s.Active != 2 || len(s.Builds) != 2 {
			t.Errorf("after that: %+v", s)
		}
		r.stop(old)
		r.stop(next)
	})
}

// Programs do not do what was asked before they began: what nobody has heard is over.
func TestPostIsNotForThoseWhoBeginLater(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		r.stop(old)
		r.stop(next)
		id := r.post(projection.Request{What: projection.AskRollback, Active: 2, Build: 1})
		time.Sleep(time.Second)
		old, next = r.run(r.target, tallying(1), nil), r.deploy(r.target, tallying(2), nil)
		if p := r.posting(id); p.State(time.Now()) != projection.PostWaiting {
			t.Errorf("after a second: %+v", p)
		}
		r.pass(time.Minute)
		r.becomes(id, projection.PostUnheard, "")
		if s := r.status(); s.Active != 2 {
			t.Errorf("readers see build %d", s.Active)
		}
		r.stop(old)
		r.stop(next)
	})
}

// A remote is a store to which the connection may be slow.
type remote struct {
	cairn.Store
	late atomic.Int64 // how long it takes until an event of the requests arrives
	mute atomic.Bool  // nothing of this type arrives
}

func (s *remote) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range s.Store.ReadStream(ctx, stream, o) {
			if o.Follow {
				time.Sleep(time.Duration(s.late.Load()))
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (s *remote) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	if s.mute.Load() && events[0].Type == "$projection-answer" {
		return cairn.Receipt{}, errors.New("the store is away")
	}
	return s.Store.Append(ctx, stream, expected, events...)
}

func (r *realm) follow(s cairn.Store, o *projection.DeployOptions) *program {
	return r.start(func(ctx context.Context) error {
		return projection.Deploy(ctx, s, r.target, tallying(2), o)
	})
}

// A program that hears of a request when nobody expects it any more leaves it alone,
// and so does one that has it taken too late.
func TestPostThatArrivesLate(t *testing.T) {
	for late, want := range map[time.Duration]projection.PostingState{14 * time.Second: projection.PostDone, 16 * time.Second: projection.PostUnheard} {
		inRealm(t, 1, func(r *realm) {
			old, next := r.deployed()
			r.stop(old)
			r.stop(next)
			slow := &remote{Store: r.store}
			slow.late.Store(int64(late))
			next = r.follow(slow, nil)
			time.Sleep(time.Second)
			id := r.post(projection.Request{What: projection.AskRollback, Active: 2, Build: 1})
			old = r.run(r.target, tallying(1), &projection.Options{IgnorePosted: true})
			r.pass(time.Minute)
			if p := r.posting(id); p.State(time.Now()) != want || p.Taken.IsZero() {
				t.Errorf("after %v: %s, %+v", late, p.State(time.Now()), p)
			}
			if active := r.status().Active; (active == 1) != (want == projection.PostDone) {
				t.Errorf("after %v: readers see build %d", late, active)
			}
			r.stop(old)
			r.stop(next)
		})
	}
}

// Of a program that is gone before it has answered nobody knows what it has done.
func TestPostWithoutAnAnswer(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		r.stop(old)
		r.stop(next)
		cut := &remote{Store: r.store}
		cut.mute.Store(true)
		next = r.follow(cut, nil)
		time.Sleep(time.Second)
		id := r.post(projection.Request{What: projection.AskRebuild, Active: 2})
		time.Sleep(2 * time.Second)
		if p := r.posting(id); p.State(time.Now()) != projection.PostTaken {
			t.Errorf("it is %s: %+v", p.State(time.Now()), p)
		}
		r.stop(next)
		next = r.follow(r.store, nil) // another one does not do it again
		r.pass(44 * time.Second)
		r.becomes(id, projection.PostUnknown, "")
		if n := r.said("$projection-taken"); n != 1 {
			t.Errorf("it was taken %d times", n)
		}
		r.stop(next)
	})
}

// The version that readers see is built anew when somebody asks for it.
func TestPostRebuild(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		r.becomes(r.post(projection.Request{What: projection.AskRebuild, Active: 2}), projection.PostDone, "build 3 of version 2 is being loaded")
		r.untilActive(3)
		r.untilShown(2)
		r.stop(old)
		r.stop(next)
	})
}

// Where nobody deploys the version that readers see nobody can build it anew.
func TestPostThatNobodyCanDo(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		r.put(10)
		p := r.run(r.target, tallying(1), nil)
		r.untilShown(1)
		r.becomes(r.post(projection.Request{What: projection.AskRebuild, Active: 1}), projection.PostUnheard, "")
		r.stop(p)
	})
}

// Who does not want to be asked is not, and says so.
func TestPostToThoseWhoAreDeaf(t *testing.T) {
	for _, o := range []projection.Options{{IgnorePosted: true}, {Report: -1}} {
		inRealm(t, 1, func(r *realm) {
			r.put(10)
			p := r.run(r.target, tallying(1), &o)
			r.untilShown(1)
			r.becomes(r.post(projection.Request{What: projection.AskRetry, Active: 1}), projection.PostUnheard, "")
			if s, err := projection.ReportedOf(r.Context(), r.store, "counts"); err == nil && s.Attended {
				t.Errorf("it is reported that somebody listens: %+v", s)
			}
			r.stop(p)
		})
	}
}

// What is parked is reported, and applied again or given up through the log.
func TestPostAboutParkedKeys(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		bad := atomic.Bool{}
		bad.Store(true)
		p := tallying(1)
		p.Failures = projection.ParkOnFailure
		good := p.Handler
		p.Handler = projection.OnEvent(func(ctx context.Context, tx tx, e *projection.Event) error {
			if bad.Load() {
				return projection.Park(fmt.Errorf("no rate for %s", e.Stream))
			}
			return good.Apply(ctx, tx, []*projection.Event{e})
		}, "added")
		all := []*program{r.run(r.target, p, nil), r.run(r.target, p, nil), r.run(r.target, p, nil)}
		r.put(100)
		r.until("parked keys", func() bool { b, _ := r.buildOf(1); return b.Parked == 100 })
		r.pass(10 * time.Second)
		s := r.reported()
		if len(s.ParkedFirst) != 8 || !s.Attended {
			t.Fatalf("reported is %+v", s)
		}
		k, other := s.ParkedFirst[0], s.ParkedFirst[1]
		if k.Build != 1 || k.Events != r.wrote[k.Key] || k.Reason != "no rate for "+k.Key || k.First == 0 || k.Last <= k.First || k.Since.IsZero() {
			t.Errorf("the first is %+v", k)
		}
		retry := projection.Request{What: projection.AskRetry, Active: 1, Key: k.Key}
		r.becomes(r.post(retry), projection.PostRefused, "no rate for")
		bad.Store(false)
		r.becomes(r.post(retry), projection.PostDone, fmt.Sprintf("%d events of 1 keys were applied", k.Events))
		skip := projection.Request{What: projection.AskSkip, Active: 1, Build: 1, Key: other.Key, First: other.First + 1}
		r.becomes(r.post(skip), projection.PostRefused, "the first event that is parked under the key is now")
		skip.First = other.First
		r.becomes(r.post(skip), projection.PostDone, fmt.Sprintf("%d parked events were given up", other.Events))
		r.pass(10 * time.Second)
		if s := r.reported(); len(s.ParkedFirst) != 6 {
			t.Errorf("reported are %+v", s.ParkedFirst)
		}
		r.becomes(r.post(projection.Request{What: projection.AskRetry, Active: 1}), projection.PostDone, "6 keys are free")
		r.pass(10 * time.Second)
		if s := r.reported(); len(s.ParkedFirst) != 0 {
			t.Errorf("reported are %+v", s.ParkedFirst)
		}
		for _, p := range all {
			r.stop(p)
		}
	})
}

// However much is parked, a report has its limits.
func TestReportsOfManyParkedKeys(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		p := tallying(1)
		p.Failures = projection.ParkOnFailure
		p.Key = func(e *cairn.Recorded) string { return e.Stream + strings.Repeat("<k>", 300) }
		p.Handler = projection.OnEvent(func(context.Context, tx, *projection.Event) error {
			return projection.Park(errors.New(strings.Repeat("why \x00", 2000)))
		}, "added")
		run := r.run(r.target, p, nil)
		for i := range 300 {
			_, err := r.store.Append(r.Context(), fmt.Sprintf("k-%03d", i), cairn.Any, cairn.Event{Type: "added"})
			r.check(err)
			if i < 50 {
				time.Sleep(time.Millisecond)
			}
		}
		r.until("parked keys", func() bool { b, _ := r.buildOf(1); return b.ParkedKeys == 300 })
		r.pass(10 * time.Second)
		s := r.reported()
		if n := len(s.ParkedFirst); n == 0 || n > 100 || s.Builds[0].ParkedKeys != 300 {
			t.Errorf("%d keys are reported", n)
		}
		for i := range min(10, len(s.ParkedFirst)) {
			if want := fmt.Sprintf("k-%03d<", i); !strings.HasPrefix(s.ParkedFirst[i].Key, want) {
				t.Errorf("number %d is %.10s", i, s.ParkedFirst[i].Key)
			}
		}
		for e, err := range r.store.ReadStream(r.Context(), projection.ReportStream("counts"), cairn.ReadOptions{}) {
			if r.check(err); len(e.Data) > 64<<10 {
				t.Errorf("a report has %d bytes", len(e.Data))
			}
		}
		r.stop(run)
	})
}

// Only the last requests are kept, and what somebody has said of the stream stays.
func TestPostsAreBounded(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		acl := cairn.StreamMetadata{ACL: &cairn.ACL{Write: []string{"ann"}}}
		_, err := cairn.SetMetadata(r.Context(), r.store, projection.PostStream("counts"), cairn.NoStream, acl)
		r.check(err)
		var last cairn.ID
		for range 250 {
			last = r.post(projection.Request{What: projection.AskRebuild, Active: 1})
		}
		all, err := projection.Posted(r.Context(), r.store, "counts")
		if r.check(err); len(all) != 100 || all[0].ID != last {
			t.Errorf("%d are kept, the last is %v", len(all), all[0].ID)
		}
		info, err := r.store.StreamInfo(r.Context(), projection.PostStream("counts"))
		if r.check(err); info.Metadata.ACL == nil || len(info.Metadata.ACL.Write) != 1 || info.Metadata.MaxCount != 100 {
			t.Errorf("the metadata is %+v", info.Metadata)
		}
		if all, err := projection.Reported(r.Context(), r.store); err != nil || len(all) > 0 {
			t.Errorf("requests are taken for reports: %+v, %v", all, err)
		}
	})
}

// What anybody may write into the stream confuses nobody: neither those who read it
// nor those who do what is asked.
func TestPostsAmongOtherThings(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		junk := func(eventType, data string) {
			t.Helper()
			_, err := r.store.Append(r.Context(), projection.PostStream("counts"), cairn.Any, cairn.Event{Type: eventType, Data: []byte(data)})
			r.check(err)
		}
		for _, eventType := range []string{"$projection-request", "$projection-taken", "$projection-answer", "other"} {
			for _, data := range []string{"", "\xff", "[]", "7", "{}", `{"what":7}`, `{"what":"drop","active":2}`, `{"what":"switch","active":2,"build":-1}`, `{"request":"x"}`, `{"what":"skip","active":2,"build":2}`} {
				junk(eventType, data)
			}
		}
		id := r.post(projection.Request{What: projection.AskRollback, Active: 2, Build: 1})
		r.becomes(id, projection.PostDone, "readers see build 1")
		junk("$projection-taken", fmt.Sprintf(`{"request":%q,"by":"a thief"}`, id))
		junk("$projection-answer", fmt.Sprintf(`{"request":%q,"error":"another answer"}`, id))
		r.becomes(id, projection.PostDone, "readers see build 1")
		if p := r.posting(id); p.Taker == "a thief" {
			t.Error("it was taken from who has taken it")
		}
		r.stop(old)
		r.stop(next)
		id = r.post(projection.Request{What: projection.AskSwitch, Active: 1, Build: 2})
		junk("$projection-answer", fmt.Sprintf(`{"request":%q,"text":"of nobody who has taken it"}`, id))
		if p := r.posting(id); p.State(time.Now()) != projection.PostWaiting {
			t.Errorf("it is answered: %+v", p.Answer)
		}
	})
}

// A stream that was deleted has no requests, and can be asked through again.
func TestPostAfterTheStreamWasDeleted(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		old, next := r.deployed()
		r.becomes(r.post(projection.Request{What: projection.AskRollback, Active: 2, Build: 1}), projection.PostDone, "")
		_, err := cairn.DeleteStream(r.Context(), r.store, projection.PostStream("counts"), cairn.Any)
		r.check(err)
		if all, err := projection.Posted(r.Context(), r.store, "counts"); err != nil || len(all) > 0 {
			t.Errorf("got %+v, %v", all, err)
		}
		synctest.Wait()
		r.becomes(r.post(projection.Request{What: projection.AskSwitch, Active: 1, Build: 2}), projection.PostDone, "readers see build 2")
		r.stop(old)
		r.stop(next)
	})
}

// A request that makes no sense is refused before anything is written.
func TestPostOfNonsense(t *testing.T) {
	inRealm(t, 1, func(r *realm) {
		long := strings.Repeat("x", 9<<10)
		for field, q := range map[string]projection.Request{
			"what":   {What: "drop", Active: 1},
			"active": {What: projection.AskRebuild},
			"build":  {What: projection.AskSwitch, Active: 1},
			"first":  {What: projection.AskSkip, Active: 1, Build: 1},
			"key":    {What: projection.AskRetry, Active: 1, Key: "\xff"},
			"by":     {What: projection.AskRetry, Active: 1, By: long},
		} {
			var invalid *cairn.InvalidError
			if _, err := projection.Post(r.Context(), r.store, "counts", q); !errors.As(err, &invalid) || invalid.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		var invalid *cairn.InvalidError
		if _, err := projection.Post(r.Context(), r.store, "../x", projection.Request{What: projection.AskRebuild, Active: 1}); !errors.As(err, &invalid) || invalid.Field != "name" {
			t.Errorf("name: %v", err)
		}
		if _, err := projection.Posted(r.Context(), r.store, "../x"); !errors.As(err, &invalid) {
			t.Errorf("name: %v", err)
		}
		if head := r.head(); head != 0 {
			t.Errorf("the head is %d", head)
		}
	})
}
