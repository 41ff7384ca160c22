package shoppers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Options say who shops where.
type Options struct {
	// URL is the storefront, without a slash at its end. Required.
	URL string

	// HTTP is how it is reached. Nil means http.DefaultTransport.
	HTTP http.RoundTripper

	// Shoppers is how many come, one after the other. Zero means that they come
	// until the context ends.
	Shoppers int

	// Rate is how many come in a second. Zero means 1.
	Rate float64

	// AtOnce is how many may be in the shop at the same time; others wait at the
	// door. Zero means 32.
	AtOnce int

	// Pause is how long a shopper thinks between two things, on average. Zero
	// means not at all.
	Pause time.Duration

	// Seed is what the plans of all follow from.
	Seed uint64

	// Logger is told of what fails. Nil means slog.Default.
	Logger *slog.Logger
}

// The most that Options may say, so that a slip does not become an attack.
const (
	maxRate   = 1000
	maxAtOnce = 1000
)

// A Report is what a crowd has done.
type Report struct {
	Shoppers  int // who came
	Orders    int
	Abandoned int // baskets
	Cancelled int // orders, as far as the shop could still do it
	Reviews   int
	Failed    int // shoppers who were sent away by an error
}

// String is the report in a line.
func (r Report) String() string {
	return fmt.Sprintf("%d shoppers: %d orders, %d baskets left, %d cancelled, %d reviews, %d sent away",
		r.Shoppers, r.Orders, r.Abandoned, r.Cancelled, r.Reviews, r.Failed)
}

func (r *Report) add(o Report) {
	r.Shoppers += o.Shoppers
	r.Orders += o.Orders
	r.Abandoned += o.Abandoned
	r.Cancelled += o.Cancelled
	r.Reviews += o.Reviews
	r.Failed += o.Failed
}

func (o *Options) withDefaults() error {
	o.Rate, o.AtOnce = cmp.Or(o.Rate, 1), cmp.Or(o.AtOnce, 32)
	o.Logger = cmp.Or(o.Logger, slog.Default())
	if o.HTTP == nil {
		o.HTTP = http.DefaultTransport
	}
	switch {
	case o.URL == "":
		return errors.New("shoppers: no URL of a storefront")
	case !(o.Rate > 0 && o.Rate <= maxRate):
		return fmt.Errorf("shoppers: a rate of %v, and it must be more than 0 and at most %d", o.Rate, maxRate)
	case o.AtOnce < 1 || o.AtOnce > maxAtOnce:
		return fmt.Errorf("shoppers: %d at once, and it must be 1 to %d", o.AtOnce, maxAtOnce)
	case o.Shoppers < 0 || o.Pause < 0:
		return errors.New("shoppers: a number or a pause below zero")
	}
	return nil
}

// Run has shoppers come until all have been there, or ctx ends. Then nobody comes
// any more, and those who are in the shop finish what they are doing, but begin
// nothing else. The report is true when Run returns, and nobody is left.
//
// The error is that of the options; what the shop does wrong is in the report.
func Run(ctx context.Context, o Options) (total Report, err error) {
	if err := o.withDefaults(); err != nil {
		return total, err
	}
	var mu sync.Mutex
	var inside sync.WaitGroup
	places := make(chan struct{}, o.AtOnce)
	next := time.NewTicker(time.Duration(float64(time.Second) / o.Rate))
	defer next.Stop()
	for n := 0; (o.Shoppers == 0 || n < o.Shoppers) && enter(ctx, places); n++ {
		inside.Go(func() {
			defer func() { <-places }()
			done := o.shop(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			total.add(done)
		})
		if n+1 != o.Shoppers {
			wait(ctx, next.C)
		}
	}
	inside.Wait()
	return total, nil
}

// enter takes a place in the shop, unless ctx has ended.
func enter(ctx context.Context, places chan<- struct{}) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func wait(ctx context.Context, c <-chan time.Time) {
	select {
	case <-c:
	case <-ctx.Done():
	}
}
