package projection_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// TestReadYourWrites: writers wait for their own rows while another version is
// deployed, switched to and rolled back. What Wait has promised is there, always.
func TestReadYourWrites(t *testing.T) {
	for _, lanes := range []int{1, 4} {
		t.Run(fmt.Sprint(lanes, " lanes"), func(t *testing.T) { readYourWrites(t, lanes) })
	}
}

func readYourWrites(t *testing.T, lanes int) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	target := memtarget.New()
	first, second := balances, balances
	first.Lanes, second.Lanes, second.Version = lanes, lanes+1, 2
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var programs, writers sync.WaitGroup
	defer programs.Wait()
	defer cancel()
	programs.Go(func() { _ = projection.Run(ctx, store, target, first, nil) })

	stop := make(chan struct{})
	for n := range 4 {
		writers.Go(func() { writeAndSee(ctx, t, store, target, fmt.Sprint("account-", n), stop) })
	}
	writeOne(ctx, t, store, target) // the first build is there
	programs.Go(func() { _ = projection.Deploy(ctx, store, target, second, nil, first) })
	untilVersion(ctx, t, store, target, 2)
	if err := projection.Rollback(ctx, store, target, "balances", nil); err != nil {
		t.Error(err)
	}
	untilVersion(ctx, t, store, target, 1)
	close(stop)
	writers.Wait()
	for build := range 2 {
		audited(ctx, t, store, target, build+1)
	}
}

// writeAndSee deposits again and again, and looks at the balance.
func writeAndSee(ctx context.Context, t *testing.T, store cairn.Store, target *memtarget.Target, account string, stop <-chan struct{}) {
	for want := int64(1); ; want++ {
		token := deposit(store, account, 1)
		if err := projection.Wait(ctx, store, target, "balances", token); err != nil {
			t.Error(err)
			return
		}
		if got, _ := memtarget.Value[int64](target.Table("balance").Get(account)); got != want {
			t.Errorf("%s is at %d after deposit %d", account, got, want)
			return
		}
		select {
		case <-stop:
			return
		default:
		}
	}
}

func writeOne(ctx context.Context, t *testing.T, store cairn.Store, target *memtarget.Target) {
	if err := projection.WaitKey(ctx, store, target, "balances", deposit(store, "account-x", 1), "account-x"); err != nil {
		t.Fatal(err)
	}
}

func untilVersion(ctx context.Context, t *testing.T, store cairn.Store, target *memtarget.Target, version int) {
	for ctx.Err() == nil {
		status, err := projection.StatusOf(ctx, store, target, "balances")
		if err != nil {
			t.Error(err)
			return
		}
		for _, b := range status.Builds {
			if b.Build == status.Active && b.Version == version {
				return
			}
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			t.Errorf("version %d is not active: %+v", version, status)
		}
	}
}

// audited audits a build that runners still write.
func audited(ctx context.Context, t *testing.T, store cairn.Store, target *memtarget.Target, build int) {
	report, err := projection.Audit(ctx, store, target, "balances", projection.AuditOptions{Build: build})
	if err != nil || !report.OK() || report.Read == 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
