package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// audit reads both stores from end to end, and the files of answers.
func (c *campaign) audit(ctx context.Context) error {
	o := newAuditor(&c.plan)
	if err := read(ctx, ordersDir(c.Dir), o.order); err != nil {
		return fmt.Errorf("audit of orders: %w", err)
	}
	b := newAuditor(&c.plan)
	if err := read(ctx, billingDir(c.Dir), b.billing); err != nil {
		return fmt.Errorf("audit of billing: %w", err)
	}
	acks, err := o.acknowledged(c.Dir)
	err = errors.Join(err, o.complete(), b.noted.complete("entries of billing"), b.marked())
	c.report.Written, c.report.Stated, c.report.Noted = o.written, o.stated.all, b.noted.all
	c.report.Shipped, c.report.Released, c.report.Acks = o.shipped, o.released, acks
	return err
}

// read gives every event of a store to a function, in order, and checks every
// byte that is stored.
func read(ctx context.Context, dir string, f func(*cairn.Recorded) error) (err error) {
	store, err := disk.Open(dir, nil)
	if err != nil {
		return err
	}
	next := cairn.Position(1)
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{}) {
		if err == nil && e.Position != next {
			err = fmt.Errorf("position %d stands where %d should", e.Position, next)
		}
		if err == nil {
			err = f(&e)
		}
		if err != nil {
			return errors.Join(err, store.Close())
		}
		next++
	}
	if err := store.Close(); err != nil {
		return err
	}
	r, err := disk.Verify(ctx, dir, nil)
	return errors.Join(err, errors.Join(r.Problems...))
}

// An auditor keeps its own books.
type auditor struct {
	plan    *plan
	ids     [][]cairn.ID // of the events of each order
	written int
	stated  *series
	noted   *series
	marks   int
	stock   map[string][]string // the requests of each round

	shipped, released int
}

func newAuditor(p *plan) *auditor {
	return &auditor{plan: p, ids: make([][]cairn.ID, p.Keys), stated: newSeries(p), noted: newSeries(p), stock: map[string][]string{}}
}

// order looks at an event of the store of orders.
func (a *auditor) order(e *cairn.Recorded) error {
	switch cairn.Category(e.Stream) {
	case "order":
		return a.happened(e)
	case "statement":
		if err := a.stated.next(e); err != nil {
			return err
		}
		if s, _ := stepOf(e.Data); s.Seq >= len(a.ids[s.Key]) {
			return fmt.Errorf("%s: line %d was written before its event", e.Stream, s.Seq)
		}
	case "stock":
		id := e.Stream[len("stock-"):]
		a.stock[id] = append(a.stock[id], e.Type)
	}
	return nil
}

// happened looks at an event of an order: it must be the one that was to be
// written there.
func (a *auditor) happened(e *cairn.Recorded) error {
	s, err := stepOf(e.Data)
	if err != nil {
		return err
	}
	switch {
	case s.Key < 0 || s.Key >= a.plan.Keys || e.Stream != order(s.Key):
		return fmt.Errorf("%s holds an event of order %d", e.Stream, s.Key)
	case s.Seq != len(a.ids[s.Key]) || cairn.Revision(s.Seq) != e.Revision:
		return fmt.Errorf("%s: event %d stands at revision %d, behind %d others", e.Stream, s.Seq, e.Revision, len(a.ids[s.Key]))
	case e.Type != a.plan.happens(s).Type:
		return fmt.Errorf("%s: event %d is %s", e.Stream, s.Seq, e.Type)
	}
	a.ids[s.Key] = append(a.ids[s.Key], e.ID)
	a.written++
	return nil
}

// billing looks at an event of billing's store.
func (a *auditor) billing(e *cairn.Recorded) error {
	switch {
	case cairn.Category(e.Stream) == "entry":
		return a.noted.next(e)
	case e.Stream == "$inbox-orders":
		a.marks++
	}
	return nil
}

// marked checks that what was handled and what is marked is the same.
func (a *auditor) marked() error {
	if a.marks != a.noted.all {
		return fmt.Errorf("billing has %d entries and %d marks", a.noted.all, a.marks)
	}
	return nil
}

// acknowledged checks that what the store has acknowledged stands where it said.
func (a *auditor) acknowledged(dir string) (n int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "acks-*"))
	for _, name := range files {
		f, e := os.Open(name)
		if e != nil {
			return n, e
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			n++
			err = errors.Join(err, a.acked(lines.Text()))
		}
		err = errors.Join(err, lines.Err(), f.Close())
	}
	return n, err
}

func (a *auditor) acked(line string) error {
	var key int
	var at cairn.Revision
	var text string
	if _, err := fmt.Sscan(line, &key, &at, &text); err != nil {
		return fmt.Errorf("acknowledgement %q: %w", line, err)
	}
	if key >= len(a.ids) || int(at) >= len(a.ids[key]) || a.ids[key][at].String() != text {
		return fmt.Errorf("order %d: what was acknowledged at revision %d is not there", key, at)
	}
	return nil
}
