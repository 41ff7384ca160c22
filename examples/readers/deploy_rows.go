package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/fnv"
)

// compare compares the rows of both builds, and those of the one from scratch.
func (d *release) compare(ctx context.Context) error {
	db, err := d.space.open()
	if err != nil {
		return err
	}
	defer db.Close()
	var sums []uint64
	for _, query := range []string{
		`SELECT k, n, at, 0 FROM spending_b1 ORDER BY k`, `SELECT k, n, at, 0 FROM spending_b2 ORDER BY k`,
		`SELECT k, n, at, cents FROM spending ORDER BY k`, `SELECT k, n, at, cents FROM scratch ORDER BY k`,
	} {
		rows, sum, err := checksum(ctx, db, query)
		if err != nil {
			return err
		}
		if rows != d.plan.Keys {
			d.report.Wrong = append(d.report.Wrong, fmt.Sprintf("%s: %d rows, and there are %d customers", query, rows, d.plan.Keys))
		}
		sums = append(sums, sum)
	}
	if d.report.Sum = sums[2]; sums[0] != sums[1] {
		d.report.Wrong = append(d.report.Wrong, "the rows of version 1 and version 2 differ")
	}
	if sums[2] != sums[3] {
		d.report.Wrong = append(d.report.Wrong, "the rows of version 2 are not those of a build from scratch")
	}
	return nil
}

// checksum is of rows, in their order.
func checksum(ctx context.Context, db *sql.DB, query string) (n int, sum uint64, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	h := fnv.New64a()
	for rows.Next() {
		var row [4]int64
		if err := rows.Scan(&row[0], &row[1], &row[2], &row[3]); err != nil {
			return 0, 0, err
		}
		_ = binary.Write(h, binary.LittleEndian, row) // a hash never fails
		n++
	}
	return n, h.Sum64(), rows.Err()
}
