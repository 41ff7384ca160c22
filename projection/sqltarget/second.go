package sqltarget

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// second takes a second connection, before the first one: two that had one each
// and waited for another would wait for good. The caller gives back the pair.
func (t *Target) second(ctx context.Context) (*sql.Conn, error) {
	select {
	case t.pair <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	conn, err := t.db.Conn(ctx)
	if err != nil {
		<-t.pair
		return nil, &ownError{"connect", err}
	}
	return conn, nil
}

// hasty does something that waits for the locks of tables for no longer than a
// second, the least there is, while others wait behind it. MySQL's own limit is a
// day or more.
func hasty(ctx context.Context, conn *sql.Conn, do func() error) error {
	var usual string
	if err := conn.QueryRowContext(ctx, "SELECT @@lock_wait_timeout").Scan(&usual); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "SET lock_wait_timeout = 1"); err != nil {
		return err
	}
	defer func() {
		if _, err := conn.ExecContext(ctx, "SET lock_wait_timeout = "+usual); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
	}()
	return do()
}
