package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// TestMain lets the processes of a campaign be this program too.
func TestMain(m *testing.M) {
	if raw := os.Getenv(variable); raw != "" {
		spoil(os.Getenv(spoiled))
		os.Exit(play(raw, os.Stdin, os.Stdout))
	}
	if os.Getenv("GORACE") == "" { // or each process rests for a second before it ends
		if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// address is where a server is: what the environment says, or on this machine.
func address(variable, otherwise string) string {
	if s := os.Getenv(variable); s != "" {
		return s
	}
	return otherwise
}

func postgres() string {
	return address("CAIRN_POSTGRES_URL", fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable", address("PGUSER", "postgres"),
		address("PGHOST", "127.0.0.1"), address("PGPORT", "5432"), address("PGDATABASE", "test")))
}

func mySQL(t *testing.T) string {
	c, err := mysql.ParseDSN(address("CAIRN_MYSQL_DSN", "root@tcp(127.0.0.1:3306)/test"))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("mysql://%s@%s/%s", c.User, c.Addr, c.DBName)
}

// there skips a test whose server is not there, or fails it where all must be.
func there(t *testing.T, target string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := claim(ctx, target, t.TempDir())
	if err == nil {
		err = s.remove(ctx)
	}
	kind, _, _ := strings.Cut(target, ":")
	switch {
	case err == nil:
	case os.Getenv("CAIRN_REQUIRE_SERVICES") != "":
		t.Fatalf("no %s: %v", kind, err)
	default:
		t.Skipf("no %s: %v", kind, err)
	}
}

func targets(t *testing.T) []string {
	pg := postgres()
	all := []string{"sqlite:", pg, strings.Replace(pg, "postgres", "pgx", 1), mySQL(t), "redis://" + address("CAIRN_REDIS_ADDR", "127.0.0.1:6379")}
	if testing.Short() {
		return all[:3:3]
	}
	return all
}

// campaign runs one, and wants it to say something.
func campaign(t *testing.T, want string, args ...string) {
	t.Helper()
	var out strings.Builder
	err := command(t.Context(), append(args, "--patience=5m"), &out)
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), want) {
		t.Errorf("it does not say that %s", want)
	}
}

func TestCount(t *testing.T) {
	for _, target := range targets(t) {
		kind, _, _ := strings.Cut(target, ":")
		t.Run(kind, func(t *testing.T) {
			there(t, target)
			campaign(t, "each counted once", "count", "--target="+target, "--events=2000", "--kills=4", "--batch=50", "--lease=200ms")
		})
	}
}

// calm is a campaign on a machine that has much else to do.
func calm(flags ...string) []string {
	events := "--events=4000"
	if testing.Short() {
		events = "--events=2000"
	}
	return append([]string{"deploy", events, "--keys=200", "--appends=50", "--reads=50", "--settle=0s", "--pause=10m", "--rollback=10m"}, flags...)
}

func TestDeploy(t *testing.T) {
	for _, target := range targets(t)[:2] {
		kind, _, _ := strings.Cut(target, ":")
		t.Run(kind, func(t *testing.T) {
			there(t, target)
			campaign(t, "0 failed, 0 went back in time", calm("--target="+target, "--kills=3")...)
		})
	}
}

func TestBadFlags(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "something"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, args := range map[string][]string{
		"usage": {}, "readers": {"conut"},
		"events": {"count", "--events=0"}, "kills": {"count", "--kills=-1"}, "lease": {"count", "--lease=-1s"},
		"dir": {"count", "--dir=" + full}, "target": {"count", "--target=nowhere"}, "kind": {"count", "--target=oracle:x"},
		"keys": {"deploy", "--events=10", "--keys=11"}, "appends": {"deploy", "--appends=0"},
	} {
		err := command(t.Context(), args, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v: got %v", args, err)
		}
	}
}

func TestACampaignThatIsCalledOff(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, campaign := range []string{"count", "deploy"} {
		if err := command(ctx, []string{campaign, "--events=100"}, &strings.Builder{}); err == nil {
			t.Errorf("%s: no error", campaign)
		}
	}
}
