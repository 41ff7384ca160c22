package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/server/telemetry"
)

type contextType = context.Context

var info = &grpc.UnaryServerInfo{FullMethod: "/a.Service/Method"}

func TestUnary(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	for _, err := range []error{nil, nil, status.Error(codes.NotFound, "no"), errors.New("plain"), status.Error(99, "made up")} {
		answer, got := in.Unary(t.Context(), 1, info, func(ctx context.Context, req any) (any, error) {
			gather(t, in).want(t, `cairn_rpc_in_flight{method="/a.Service/Method"}`, 1)
			return req.(int) + 1, err
		})
		if answer != 2 || got != err {
			t.Errorf("answer %v, %v", answer, got)
		}
	}
	got := gather(t, in)
	got.want(t, `cairn_rpc_in_flight{method="/a.Service/Method"}`, 0)
	got.want(t, `cairn_rpc_duration_seconds{code="OK",method="/a.Service/Method"}`, 2)
	got.want(t, `cairn_rpc_duration_seconds{code="NotFound",method="/a.Service/Method"}`, 1)
	got.want(t, `cairn_rpc_duration_seconds{code="Unknown",method="/a.Service/Method"}`, 2)
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

func TestStream(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	si := &grpc.StreamServerInfo{FullMethod: "/a.Service/Stream"}
	given := stream{ctx: t.Context()}
	err := in.Stream(nil, given, si, func(_ any, ss grpc.ServerStream) error {
		if ss != given {
			t.Error("without traces the stream is another one")
		}
		return status.Error(codes.Aborted, "")
	})
	if status.Code(err) != codes.Aborted {
		t.Error(err)
	}
	gather(t, in).want(t, `cairn_rpc_duration_seconds{code="Aborted",method="/a.Service/Stream"}`, 1)
}

func TestPanicsAreCountedAndGoOn(t *testing.T) {
	var out bytes.Buffer
	in := telemetry.New(telemetry.Options{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	defer func() {
		if recover() != "boom" {
			t.Error("the panic was kept")
		}
		got := gather(t, in)
		got.want(t, `cairn_rpc_duration_seconds{code="Internal",method="/a.Service/Method"}`, 1)
		got.want(t, `cairn_rpc_in_flight{method="/a.Service/Method"}`, 0)
		if !strings.Contains(out.String(), "level=WARN") {
			t.Errorf("log %q", out.String())
		}
	}()
	_, err := in.Unary(t.Context(), nil, info, func(context.Context, any) (any, error) { panic("boom") })
	t.Fatal(err)
}

func TestSlowCalls(t *testing.T) {
	for _, c := range []struct {
		took time.Duration
		want string
	}{{time.Second, "level=WARN"}, {time.Second - 1, ""}} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			in := telemetry.New(telemetry.Options{Logger: slog.New(slog.NewTextHandler(&out, nil))})
			must(t)(in.Unary(t.Context(), nil, info, func(context.Context, any) (any, error) {
				time.Sleep(c.took)
				return nil, nil
			}))
			if err := in.Stream(nil, stream{ctx: t.Context()}, &grpc.StreamServerInfo{}, func(any, grpc.ServerStream) error {
				time.Sleep(time.Hour)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); !strings.Contains(got, c.want) || strings.Count(got, "\n") > 1 || c.want == "" && got != "" {
				t.Errorf("%v: log %q", c.took, got)
			}
		})
	}
}

func BenchmarkUnary(b *testing.B) {
	in := telemetry.New(telemetry.Options{})
	next := func(context.Context, any) (any, error) { return nil, nil }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := in.Unary(b.Context(), nil, info, next); err != nil {
			b.Fatal(err)
		}
	}
}
