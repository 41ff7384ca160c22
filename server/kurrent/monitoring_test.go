package kurrent_test

import (
	"context"
	"os"
	"strconv"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/internal/proto/kurrent/monitoring"
	"github.com/cairndb/cairn/server/kurrent"
)

// TestStats: figures come at once and again, and are those of this process.
func TestStats(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	p.make("s", "live")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := monitoring.NewMonitoringClient(p.conn).Stats(ctx, &monitoring.StatsReq{RefreshTimePeriodInMs: 1})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		all := got.GetStats()
		if all["proc-id"] != strconv.Itoa(os.Getpid()) || all["es-checksum"] != "3" {
			t.Errorf("process %s at %s", all["proc-id"], all["es-checksum"])
		}
		for _, name := range []string{"proc-mem", "proc-threadsCount", "proc-goroutines", "proc-gc-totalBytesInHeaps", "sys-processors"} {
			if n, err := strconv.ParseFloat(all[name], 64); err != nil || n <= 0 {
				t.Errorf("%s is %q", name, all[name])
			}
		}
	}
	cancel()
	for err = nil; err == nil; {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Canceled {
		t.Errorf("ended with %v", err)
	}
}

// TestStatsEndWithTheServer, also when the next ones are due much later.
func TestStatsEndWithTheServer(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	stream, err := monitoring.NewMonitoringClient(p.conn).Stats(t.Context(), &monitoring.StatsReq{RefreshTimePeriodInMs: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	p.service.Close()
	if _, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("ended with %v", err)
	}
}

// TestWhoMayAskForStats: users.
func TestWhoMayAskForStats(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	for login, want := range map[string]ending{"": accessDenied, "ann": allowed} {
		got := refused(func(o ...grpc.CallOption) error {
			stream, err := monitoring.NewMonitoringClient(p.conn).Stats(as(t.Context(), login, "changeit"), &monitoring.StatsReq{}, o...)
			if err != nil {
				return err
			}
			if _, err = stream.Recv(); err == nil {
				p.service.Close() // which ends it
				_, err = stream.Recv()
			}
			if status.Code(err) == codes.Unavailable {
				return nil
			}
			return err
		})
		if got != want {
			t.Errorf("%q: got %+v, want %+v", login, got, want)
		}
	}
}
