package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cairndb/cairn/client"
)

// variable of the environment tells a process its part.
const variable = "CAIRN_REACTOR_PART"

// A part is what a process has to know to play its part.
type part struct {
	Role    string
	Number  int // among those of the role
	Life    int // counting from 0; after each kill there is another
	Dir     string
	Orders  string // where the store of orders is, or is to listen
	Billing string // and where billing
	Plan    plan
}

// roles are the parts that there are. Each function returns when its work is
// done, or ctx has ended.
var roles = map[string]func(context.Context, part, io.Writer) error{
	"orders":  keepOrders,
	"billing": keepBilling,
	"writer":  write,
	"group":   state,
	"relay":   relay,
	"saga":    fulfil,
}

// play plays a part until standard input ends, which is also when the process
// that gave the part is gone, and returns the status to exit with.
func play(raw string, in io.Reader, out io.Writer) int {
	var p part
	if err := json.Unmarshal([]byte(raw), &p); err != nil {
		fmt.Fprintln(os.Stderr, "reactor: the part cannot be read:", err)
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
		fmt.Fprintf(os.Stderr, "reactor: %s %d, life %d: %v\n", p.Role, p.Number, p.Life, err)
		return 1
	}
	return 0
}

// dial connects to the store of orders. Those who use it wait for longer than it
// takes to start it again.
func dial(ctx context.Context, address string) (*client.Client, error) {
	return client.Dial(ctx, "cairn://"+address+"?tls=false", &client.Options{MaxWait: time.Minute})
}

// using gives a part the store of orders.
func using(ctx context.Context, p part, do func(context.Context, *client.Client) error) error {
	store, err := dial(ctx, p.Orders)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, store), store.Close())
}
