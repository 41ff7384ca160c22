package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/timer"
)

// What the saga reacts to.
type happening interface{ round() string }

type (
	placed  struct{ step }
	changed struct{ step }
	paid    struct{ step }
	overdue struct{}
)

// What the saga asks for.
type request interface{ request() }

type (
	reserve struct{}
	ship    struct{}
	release struct{}
)

func (reserve) request() {}
func (ship) request()    {}
func (release) request() {}

const (
	typeReserve = "stock.reserve"
	typeShip    = "stock.ship"
	typeRelease = "stock.release"
)

// round names the ten events of an order that belong together.
func (s step) round() string  { return roundID(s.Key, s.Seq/round) }
func (overdue) round() string { return "" } // a timer knows its instance

func roundID(key, n int) string { return fmt.Sprintf("%07d.%d", key, n) }
func stock(id string) string    { return "stock-" + id }

// followed is how many events of its round a saga has seen.
type followed int

// fulfilment reserves stock when a round begins, and ships when it is paid; if it
// is not paid in time the stock is released.
func fulfilment(timeout time.Duration) saga.Definition[followed, happening, request] {
	return saga.Definition[followed, happening, request]{
		Name: "fulfilment",
		Events: codec.JSON(codec.Types[happening]{
			typePlaced: placed{}, typeChanged: changed{}, typePaid: paid{}, "fulfilment.overdue": overdue{},
		}),
		Commands:  codec.JSON(codec.Types[request]{typeReserve: reserve{}, typeShip: ship{}, typeRelease: release{}}),
		Correlate: func(e happening, _ *cairn.Recorded) string { return e.round() },
		Starts:    func(e happening) bool { _, ok := e.(placed); return ok },
		Evolve:    func(n followed, _ happening) followed { return n + 1 },
		Decide: func(now saga.Situation[followed], e happening) (d saga.Decision[happening, request], err error) {
			to := stock(now.ID)
			switch e.(type) {
			case placed:
				d.Send, d.Undo = saga.To[request](to, reserve{}), saga.To[request](to, release{})
				d.After = []saga.Timer[happening]{{Name: "payment", After: timeout, Event: overdue{}}}
			case paid:
				d.Send, d.End = saga.To[request](to, ship{}), true
			case overdue:
				d.Compensate, d.End = "not paid in time", true
			}
			return d, nil
		},
	}
}

// fulfil runs the saga, and the timers.
func fulfil(ctx context.Context, p part, _ io.Writer) error {
	return using(ctx, p, func(ctx context.Context, store *client.Client) error {
		both, ctx := errgroup.WithContext(ctx)
		both.Go(func() error {
			o := saga.Options{Group: group.Options{Lease: p.Plan.Lease, Workers: 64}}
			return saga.Run(ctx, store, fulfilment(p.Plan.Timeout), o)
		})
		both.Go(func() error { return timer.Run(ctx, store, timer.Options{}) })
		return both.Wait()
	})
}
