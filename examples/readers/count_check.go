package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
)

// A sum is what the read model says of a key, or the log.
type sum struct{ n, total int64 }

// finish waits until all is counted, ends the runners, and compares.
func (t *contest) finish(ctx context.Context) error {
	if err := t.write(ctx, t.plan.Events); err != nil {
		return err
	}
	ledger, found, closed, err := t.space.counts()
	if err != nil {
		return err
	}
	err = t.during(ctx, "the rest to be counted", func(ctx context.Context) error {
		return projection.Wait(ctx, t.store, ledger, counting, t.last)
	})
	for _, p := range t.rivals {
		w := t.of(p)
		t.report.Applied += w.applied
		t.report.Refused += w.refused
		if err == nil {
			err = t.dismiss(p)
		}
	}
	if err == nil {
		err = t.audit(ctx, ledger, found)
	}
	return errors.Join(err, closed())
}

func (t *contest) audit(ctx context.Context, ledger projection.Ledger, found func(context.Context) (map[string]sum, error)) error {
	rows, err := found(ctx)
	if err != nil {
		return err
	}
	want, err := t.counted(ctx)
	if err != nil {
		return err
	}
	report, err := projection.Audit(ctx, t.store, ledger, counting, projection.AuditOptions{})
	if err != nil {
		return err
	}
	status, err := projection.StatusOf(ctx, t.store, ledger, counting)
	if err != nil {
		return err
	}
	for _, l := range status.Builds[0].Lanes {
		t.report.Taken += l.Epoch
	}
	err = compare(rows, want)
	if !report.OK() {
		err = errors.Join(err, fmt.Errorf("the audit is not content: %+v", report.Lanes))
	}
	return err
}

// counted is what the log says.
func (t *contest) counted(ctx context.Context) (map[string]sum, error) {
	all, n := map[string]sum{}, 0
	for e, err := range t.store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByCategory("count")}) {
		if err != nil {
			return nil, err
		}
		s := all[e.Stream]
		all[e.Stream] = sum{s.n + 1, s.total + int64(e.Position)}
		n++
	}
	if n != t.plan.Events {
		return nil, fmt.Errorf("the log holds %d events, and %d were written", n, t.plan.Events)
	}
	return all, nil
}

// compare says in which keys the read model is wrong.
func compare(rows, want map[string]sum) (err error) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got := rows[key]; got != want[key] {
			err = errors.Join(err, fmt.Errorf("%s: %d events were counted, whose positions add up to %d; there are %d, with %d", key, got.n, got.total, want[key].n, want[key].total))
		}
	}
	if len(rows) > len(want) {
		err = errors.Join(err, fmt.Errorf("%d keys were counted, and there are %d", len(rows), len(want)))
	}
	return err
}

// counts gives access to the ledger and the rows.
func (s space) counts() (l projection.Ledger, rows func(context.Context) (map[string]sum, error), closed func() error, err error) {
	if s.Kind == "redis" {
		client, err := s.redis()
		if err != nil {
			return nil, nil, nil, err
		}
		target := redistarget.New(client, &redistarget.Options{Prefix: s.prefix()})
		return target, func(ctx context.Context) (map[string]sum, error) {
			all := map[string]sum{}
			for n := range countKeys {
				key := fmt.Sprintf("count-%d", n)
				fields, err := client.HGetAll(ctx, target.Key("counts", key)).Result()
				if err != nil {
					return nil, err
				}
				n, _ := strconv.ParseInt(fields["n"], 10, 64)
				total, _ := strconv.ParseInt(fields["total"], 10, 64)
				if n != 0 {
					all[key] = sum{n, total}
				}
			}
			return all, nil
		}, client.Close, nil
	}
	db, err := s.open()
	if err != nil {
		return nil, nil, nil, err
	}
	return s.target(db), func(ctx context.Context) (map[string]sum, error) {
		all := map[string]sum{}
		rows, err := db.QueryContext(ctx, `SELECT k, n, total FROM counts`)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var key string
			var s sum
			if err := rows.Scan(&key, &s.n, &s.total); err != nil {
				return nil, err
			}
			all[key] = s
		}
		return all, rows.Err()
	}, db.Close, nil
}
