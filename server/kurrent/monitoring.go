package kurrent

import (
	"context"
	"os"
	"runtime/metrics"
	"strconv"
	"time"

	"google.golang.org/grpc"

	"github.com/cairndb/cairn/internal/proto/kurrent/monitoring"
)

const (
	defaultRefresh = 10 * time.Second
	minRefresh     = 100 * time.Millisecond
)

// started is when the process did, near enough.
var started = time.Now()

// monitoringServer is the Monitoring service.
type monitoringServer struct {
	monitoring.UnimplementedMonitoringServer
	*Service
}

// Stats implements the call of that name. It ends when the caller or the server
// does.
func (s *monitoringServer) Stats(req *monitoring.StatsReq, stream grpc.ServerStreamingServer[monitoring.StatsResp]) error {
	if err := s.access.CheckRole(stream.Context()); err != nil {
		return fail(stream.Context(), err)
	}
	ctx, done, err := s.lasting(stream.Context())
	if err != nil {
		return fail(stream.Context(), err)
	}
	defer done()
	again := time.NewTicker(refresh(req.GetRefreshTimePeriodInMs()))
	defer again.Stop()
	for {
		stats, err := s.stats(ctx)
		if err != nil {
			return fail(ctx, err)
		}
		if err := stream.Send(&monitoring.StatsResp{Stats: stats}); err != nil {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fail(ctx, context.Cause(ctx))
		}
	}
}

// refresh is the time between two answers: nobody needs them all the time.
func refresh(ms uint64) time.Duration {
	switch {
	case ms == 0:
		return defaultRefresh
	case ms > uint64(24*time.Hour/time.Millisecond):
		return 24 * time.Hour
	}
	return max(time.Duration(ms)*time.Millisecond, minRefresh)
}

// figures are those of the Go runtime, under the names that KurrentDB's tools
// know where they mean the same.
var figures = map[string]string{
	"proc-threadsCount":           "/sched/threads/total:threads",
	"proc-goroutines":             "/sched/goroutines:goroutines",
	"proc-gc-totalBytesInHeaps":   "/memory/classes/heap/objects:bytes",
	"proc-gc-allocatedBytes":      "/gc/heap/allocs:bytes",
	"proc-gc-collections":         "/gc/cycles/total:gc-cycles",
	"proc-contentionsSeconds":     "/sync/mutex/wait/total:seconds",
	"sys-processors":              "/sched/gomaxprocs:threads",
	"proc-memoryFromSystem":       "/memory/classes/total:bytes",
	"proc-memoryGivenBack":        "/memory/classes/heap/released:bytes",
	"proc-gc-secondsOnProcessors": "/cpu/classes/gc/total:cpu-seconds",
}

// stats are the server's figures by name. Their names nest at each "-".
func (s *Service) stats(ctx context.Context) (map[string]string, error) {
	info, err := s.store.Info(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]string{
		"proc-startTime": started.UTC().Format(time.RFC3339Nano),
		"proc-id":        strconv.Itoa(os.Getpid()),
		"es-checksum":    strconv.FormatUint(uint64(info.Head), 10), // as far as the log goes
	}
	memory := int64(0)
	for name, figure := range figures {
		sample := []metrics.Sample{{Name: figure}}
		metrics.Read(sample)
		all[name] = figureText(sample[0].Value)
		switch n, _ := strconv.ParseInt(all[name], 10, 64); name {
		case "proc-memoryFromSystem":
			memory += n
		case "proc-memoryGivenBack":
			memory -= n
		}
	}
	all["proc-mem"] = strconv.FormatInt(memory, 10)
	return all, nil
}

func figureText(v metrics.Value) string {
	switch v.Kind() {
	case metrics.KindUint64:
		return strconv.FormatUint(v.Uint64(), 10)
	case metrics.KindFloat64:
		return strconv.FormatFloat(v.Float64(), 'f', -1, 64)
	}
	return "" // of a later Go that has it no more
}
