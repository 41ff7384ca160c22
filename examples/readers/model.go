package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/projection"
)

// A Spent is what happens to a customer, all the time.
type Spent struct {
	K     int64 `json:"k"`
	Cents int64 `json:"cents"`
}

var spents = codec.JSON(codec.Types[Spent]{"spent": Spent{}})

func customer(k int64) string { return fmt.Sprintf("customer-%d", k) }

// A model is a version of the read model: a row for each customer, with the number
// of its events and the position of the last one, by which readers notice if they
// go back in time. Version 2 knows how much was spent, too.
type model struct {
	name, table string
	version     int
}

var spending = model{name: "spending", table: "spending"}

func (m model) at(version int) model {
	m.version = version
	return m
}

// columns are those that count, besides k and version.
func (m model) columns() []string {
	if m.version == 1 {
		return []string{"n", "at"}
	}
	return []string{"n", "at", "cents"}
}

func (m model) create(n projection.Names) string {
	return fmt.Sprintf("CREATE TABLE %s (k bigint PRIMARY KEY, version int NOT NULL, %s bigint NOT NULL)",
		n.Name(m.table), strings.Join(m.columns(), " bigint NOT NULL, "))
}

// upsert adds to the rows that are there, and makes those that are not. Values are
// what selects the new rows.
func (m model) upsert(n projection.Names, values string) string {
	var sets []string
	for _, c := range m.columns() {
		set := c + " = s." + c + " + excluded." + c
		if c == "at" {
			set = "at = excluded.at"
		}
		sets = append(sets, set)
	}
	return fmt.Sprintf("INSERT INTO %s AS s (k, version, %s) %s ON CONFLICT (k) DO UPDATE SET %s",
		n.Name(m.table), strings.Join(m.columns(), ", "), values, strings.Join(sets, ", "))
}

// A change is what the events of a batch do to a row.
type change struct{ n, at, cents int64 }

// fold gathers what the events of a batch do, so that each row is written once.
func fold(events []projection.Decoded[Spent]) (keys []int64, rows map[int64]change) {
	rows = map[int64]change{}
	for i := range events {
		e := &events[i]
		r := rows[e.Value.K]
		rows[e.Value.K] = change{r.n + 1, int64(e.Position), r.cents + e.Value.Cents}
	}
	return slices.Sorted(maps.Keys(rows)), rows
}

func (m model) pgx() projection.Projection[pgx.Tx] {
	return projection.Projection[pgx.Tx]{
		Name: m.name, Version: m.version, Tables: []string{m.table}, Lanes: countLanes,
		Setup: func(ctx context.Context, tx pgx.Tx, n projection.Names) error {
			_, err := tx.Exec(ctx, m.create(n))
			return err
		},
		Handler: projection.OnBatch(spents, func(ctx context.Context, tx pgx.Tx, events []projection.Decoded[Spent]) error {
			keys, rows := fold(events)
			n, at, cents := make([]int64, len(keys)), make([]int64, len(keys)), make([]int64, len(keys))
			for i, k := range keys {
				n[i], at[i], cents[i] = rows[k].n, rows[k].at, rows[k].cents
			}
			arrays := []any{keys, n, at}
			values := "SELECT k, %d, n, at FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (k, n, at)"
			if m.version > 1 {
				arrays = append(arrays, cents)
				values = "SELECT k, %d, n, at, cents FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (k, n, at, cents)"
			}
			_, err := tx.Exec(ctx, m.upsert(events[0].Names, fmt.Sprintf(values, m.version)), arrays...)
			return err
		}),
	}
}

func (m model) sqlite() projection.Projection[*sql.Tx] {
	return projection.Projection[*sql.Tx]{
		Name: m.name, Version: m.version, Tables: []string{m.table}, Lanes: countLanes,
		Setup: func(ctx context.Context, tx *sql.Tx, n projection.Names) error {
			_, err := tx.ExecContext(ctx, m.create(n))
			return err
		},
		Handler: projection.OnBatch(spents, func(ctx context.Context, tx *sql.Tx, events []projection.Decoded[Spent]) error {
			keys, rows := fold(events)
			marks := strings.Repeat(", ?", len(m.columns()))
			statement, err := tx.PrepareContext(ctx, m.upsert(events[0].Names, "VALUES (?, ?"+marks+")"))
			if err != nil {
				return err
			}
			defer statement.Close()
			for _, k := range keys {
				values := []any{k, m.version, rows[k].n, rows[k].at, rows[k].cents}
				if _, err := statement.ExecContext(ctx, values[:2+len(m.columns())]...); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}
