package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite"
)

// A space is the part of a database that belongs to a campaign.
type space struct {
	Kind   string // sqlite, postgres, pgx, mysql or redis
	Source string // as the driver wants it
	Name   string // of the schema, the database or the prefix
}

func (s space) String() string {
	if s.Kind == "" {
		return "no place yet"
	}
	return s.Kind + " " + s.Name
}

// claim makes a space of its own for a campaign.
func claim(ctx context.Context, target, dir string) (space, error) {
	kind, _, ok := strings.Cut(target, ":")
	u, err := url.Parse(target)
	if !ok || err != nil {
		return space{}, fmt.Errorf("target: %q is none; see the beginning of -h", target)
	}
	s := space{Kind: kind, Name: fmt.Sprintf("readers_%08x", rand.Uint32())}
	switch kind {
	case "sqlite":
		s.Name = filepath.Join(dir, "readers.db")
		s.Source = "file:" + s.Name + "?_pragma=busy_timeout(60000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
		return s, nil
	case "postgres", "pgx":
		return s.claimPostgres(ctx, u)
	case "mysql":
		return s.claimMySQL(ctx, u)
	case "redis":
		s.Source = target
		return s, s.ping(ctx)
	}
	return space{}, fmt.Errorf("target: there is no kind %q; there are sqlite, postgres, pgx, mysql and redis", kind)
}

func (s space) claimPostgres(ctx context.Context, u *url.URL) (space, error) {
	u.Scheme = "postgres"
	if err := execute(ctx, "pgx", u.String(), "CREATE SCHEMA "+s.Name); err != nil {
		return space{}, err
	}
	q := u.Query()
	q.Set("search_path", s.Name)
	u.RawQuery = q.Encode()
	s.Source = u.String()
	return s, nil
}

func (s space) claimMySQL(ctx context.Context, u *url.URL) (space, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.DBName = "tcp", u.Host, u.User.Username(), strings.TrimPrefix(u.Path, "/")
	c.Passwd, _ = u.User.Password()
	c.InterpolateParams = true // or each statement is three round trips
	if err := execute(ctx, "mysql", c.FormatDSN(), "CREATE DATABASE "+s.Name); err != nil {
		return space{}, err
	}
	c.DBName = s.Name
	s.Source = c.FormatDSN()
	return s, nil
}

func (s space) ping(ctx context.Context) error {
	r, err := s.redis()
	if err != nil {
		return err
	}
	return errors.Join(r.Ping(ctx).Err(), r.Close())
}

// prefix begins all keys in Redis.
func (s space) prefix() string { return s.Name + ":" }

func (s space) redis() (*redis.Client, error) {
	o, err := redis.ParseURL(s.Source)
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	return redis.NewClient(o), nil
}

// open connects to an SQL database.
func (s space) open() (*sql.DB, error) {
	driver := map[string]string{"sqlite": "sqlite", "mysql": "mysql", "postgres": "pgx", "pgx": "pgx"}[s.Kind]
	db, err := sql.Open(driver, s.Source)
	if err == nil {
		db.SetMaxOpenConns(8) // others connect too
		db.SetMaxIdleConns(8)
	}
	return db, err
}

// remove removes all that is in the space, and the space.
func (s space) remove(ctx context.Context) error {
	switch s.Kind {
	case "postgres", "pgx":
		return execute(ctx, "pgx", s.Source, "SET client_min_messages = warning; DROP SCHEMA "+s.Name+" CASCADE")
	case "mysql":
		return execute(ctx, "mysql", s.Source, "DROP DATABASE "+s.Name)
	case "redis":
		return s.removeKeys(ctx)
	}
	return nil // the file goes with the directory
}

func (s space) removeKeys(ctx context.Context) error {
	r, err := s.redis()
	if err != nil {
		return err
	}
	defer r.Close()
	keys := r.Scan(ctx, 0, s.prefix()+"*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := r.Del(ctx, keys.Val()).Err(); err != nil {
			return err
		}
	}
	return keys.Err()
}

func execute(ctx context.Context, driver, source, statement string) error {
	db, err := sql.Open(driver, source)
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	_, err = db.ExecContext(ctx, statement)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	return nil
}
