package shoppers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"
)

// A shopper is one person with a browser.
type shopper struct {
	o      *Options
	client *http.Client
	plan   plan
	order  string // its ID
	done   Report
}

// patience is how long a shopper waits for a page, also for one that was asked
// for when the crowd was told to go.
const patience = 15 * time.Second

// shop has the shopper of this number come and do what is planned.
func (o *Options) shop(ctx context.Context, number int) Report {
	jar, _ := cookiejar.New(nil) // never fails
	s := &shopper{o: o, client: &http.Client{Transport: o.HTTP, Jar: jar, Timeout: patience}, done: Report{Shoppers: 1}}
	if err := s.visit(ctx, number); err != nil {
		s.done.Failed = 1
		o.Logger.Warn("shoppers: one was sent away", "number", number, "err", err)
	}
	return s.done
}

func (s *shopper) visit(ctx context.Context, number int) error {
	page, err := s.get(ctx, "/")
	if err != nil {
		return err
	}
	s.plan = planOf(s.o.Seed, number, found(productLink, page), found(categoryLink, page))
	thinking := rand.New(rand.NewPCG(s.o.Seed, ^uint64(number)))
	for _, a := range s.plan.acts {
		if !s.think(ctx, thinking) {
			return nil
		}
		if err := s.do(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", s.plan.customer, err)
		}
	}
	return nil
}

// think pauses, and says whether there is time for anything else.
func (s *shopper) think(ctx context.Context, r *rand.Rand) bool {
	if s.o.Pause > 0 {
		t := time.NewTimer(around(r, s.o.Pause))
		defer t.Stop()
		wait(ctx, t.C)
	}
	return ctx.Err() == nil
}

// around is a time from none to twice d.
func around(r *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(r.Int64N(2*int64(d) + 1))
}

func (s *shopper) do(ctx context.Context, a act) error {
	switch a.verb {
	case leave:
		s.done.Abandoned++
		return nil
	case order:
		return s.checkOut(ctx, a)
	case cancel:
		_, err := s.post(ctx, "/orders/"+s.order+"/cancel", a.form("", ""))
		if err == nil {
			s.done.Cancelled++
		}
		return unlessRefused(err) // it may be paid by now
	}
	form := a.form(s.plan.customer, s.order)
	if form == nil {
		_, err := s.get(ctx, a.path(s.order))
		return err
	}
	_, err := s.post(ctx, a.path(s.order), form)
	if err == nil && a.verb == review {
		s.done.Reviews++
	}
	return err
}

func (a act) path(order string) string {
	switch a.verb {
	case browse:
		return "/?category=" + url.QueryEscape(a.text)
	case look:
		return "/products/" + a.sku
	case put, remove:
		return "/basket/" + a.sku
	case review:
		return "/products/" + a.sku + "/reviews"
	case history:
		return "/orders/" + order + "/history"
	}
	return "/orders/" + order
}

// checkOut sends the form of the basket as it is. The ID of the order is in it.
func (s *shopper) checkOut(ctx context.Context, a act) error {
	page, err := s.get(ctx, "/basket")
	if err != nil {
		return err
	}
	ids := found(orderField, page)
	if len(ids) != 1 {
		return errors.New("the basket has no form to order with")
	}
	s.order = ids[0]
	if _, err := s.post(ctx, "/checkout", a.form(s.plan.customer, s.order)); err != nil {
		return err
	}
	s.done.Orders++
	return nil
}
