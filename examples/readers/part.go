package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
)

// variable of the environment tells a process its part.
const variable = "CAIRN_READERS_PART"

// A part is what a process has to know to play its part.
type part struct {
	Role   string
	Number int // among those of the role
	Life   int // counting from 0; after each kill there is another
	Dir    string
	Store  string // where the server is, or is to listen
	Space  space
	Lease  time.Duration

	Batch int // events in a transaction at most
	Keys  int // on which is written and read
	Rate  int // a second

	Due  cairn.Position // where to say that it is time to be killed; 0 is never
	Hold cairn.Position // and where to wait for it
}

// roles are the parts that there are. Each function returns when ctx has ended.
var roles = map[string]func(context.Context, part, io.Writer) error{
	"store":   keep,
	"counter": countEvents,
	"writer":  write,
	"reader":  read,
	"old":     func(ctx context.Context, p part, out io.Writer) error { return deploy(ctx, p, out, 1) },
	"new":     func(ctx context.Context, p part, out io.Writer) error { return deploy(ctx, p, out, 2) },
}

// play plays a part until standard input ends, which is also when the process
// that gave the part is gone, and returns the status to exit with.
func play(raw string, in io.Reader, out io.Writer) int {
	var p part
	if err := json.Unmarshal([]byte(raw), &p); err != nil {
		fmt.Fprintln(os.Stderr, "readers: the part cannot be read:", err)
		return 2
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { // a read cannot be interrupted, so this ends with the process
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	err := roles[p.Role](ctx, p, out)
	if err != nil && !(ctx.Err() != nil && errors.Is(err, context.Canceled)) {
		fmt.Fprintf(os.Stderr, "readers: %s %d, life %d: %v\n", p.Role, p.Number, p.Life, err)
		return 1
	}
	return 0
}

// dial connects to the store.
func dial(ctx context.Context, address string) (*client.Client, error) {
	return client.Dial(ctx, "cairn://"+address+"?tls=false", &client.Options{MaxWait: time.Minute})
}
