package system

import (
	"errors"
	"sync"
	"testing"
)

func TestQueueCommitsEveryRequestOnceAndOneGroupAtATime(t *testing.T) {
	var inside sync.Mutex
	committed := map[*int]int{}
	q := newQueue(func(group []*int) error {
		if !inside.TryLock() {
			t.Error("two groups at once")
			return nil
		}
		defer inside.Unlock()
		for _, r := range group {
			committed[r]++
		}
		return nil
	})
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 100 {
				if err := q.do(new(int)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, times := range committed {
		if times != 1 {
			t.Fatalf("a request was committed %d times", times)
		}
	}
	if len(committed) != 32*100 {
		t.Errorf("%d requests were committed", len(committed))
	}
}

func TestQueueGathersWhileItCommits(t *testing.T) {
	var sizes []int
	begun, release := make(chan struct{}, 1), make(chan struct{})
	q := newQueue(func(group []*int) error {
		sizes = append(sizes, len(group))
		begun <- struct{}{}
		<-release
		return errors.New("full")
	})
	failures := make(chan error, 4)
	add := func() { failures <- q.do(new(int)) }
	go add()
	<-begun
	for range 3 {
		go add()
	}
	for waiting := 0; waiting < 3; {
		q.mu.Lock()
		if q.collecting != nil {
			waiting = len(q.collecting.requests)
		}
		q.mu.Unlock()
	}
	close(release)
	<-begun
	for range 4 {
		if <-failures == nil {
			t.Error("a request of a group that failed succeeded")
		}
	}
	if len(sizes) != 2 || sizes[0] != 1 || sizes[1] != 3 {
		t.Errorf("groups of %v, want 1 and 3", sizes)
	}
}
