// Package telemetry shows what a server does: metrics for Prometheus, traces
// for OpenTelemetry, logs and health.
//
// One [Instruments] measures one server. It is made first, because the engine
// reports its commits to it, and then put around the store and in front of what
// callers reach:
//
//	tp, stop, err := telemetry.StartTracing(ctx, telemetry.TracingOptions{Version: version})
//	in := telemetry.New(telemetry.Options{Version: version, Tracer: tp, Logger: logger})
//
//	store, err := disk.Open(dir, &disk.Options{OnCommit: func(c disk.Commit) {
//		in.Commit(c.Batches, c.Events, c.Bytes, c.Duration, c.Err)
//	}})
//	health := telemetry.NewHealth(store)    // the bare store: probes are not traffic
//	observed := in.Observe(store)           // what every service is given
//
//	grpc.NewServer(
//		grpc.ChainUnaryInterceptor(in.Unary, ...),   // before those that may refuse
//		grpc.ChainStreamInterceptor(in.Stream, ...))
//	mux.Handle("GET /metrics", in.Handler())
//	mux.Handle("/health/", health)
//	handler := in.HTTP(mux)                 // outermost; in.Routed(mux) if something copies requests between
//	closed := in.Connection("grpc")         // for each connection; call closed when it ends
//
//	health.Ready()                          // when the listener accepts
//	health.Stop("the server is shutting down")
//	stop(ctx)                               // last: sends the spans that wait
//
// What is measured and how to read it is in docs/observability.md, which a test
// compares with the code.
//
// Nothing here changes an event. A trace reaches the readers of an event only if
// the caller put its context into the metadata; package tracing does that for
// programs in Go.
package telemetry
