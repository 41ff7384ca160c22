// Command readers is the acceptance test of read models: processes that apply the
// events of one log to a database, and are killed, stopped and woken meanwhile.
//
//	go run ./examples/readers count --target sqlite: --events 100000 --kills 30
//	go run ./examples/readers deploy --target postgres://postgres@127.0.0.1/test --events 100000
//
// In the first campaign two processes compete for a projection that counts events.
// They are killed with SIGKILL, and stopped with SIGSTOP until another one has taken
// their lanes, or for as long as they keep it from that. In the end every event was
// counted once.
//
// In the second one a read model is replaced by its next version while somebody
// writes and somebody reads. The process that builds the new version is killed
// again and again. No read fails, none goes back in time, none has to wait, and the
// rows are those of a build that nobody has disturbed. Then readers are taken back.
//
// Each campaign is played by processes of their own, over one store behind a server.
// The targets are
//
//	sqlite:                      a file beside the store
//	postgres://user@host/db      PostgreSQL through database/sql
//	pgx://user@host/db           PostgreSQL through pgx
//	mysql://user@host:3306/db    MySQL or MariaDB
//	redis://host:6379/0          Redis
//
// A campaign makes a schema, a database or a prefix of its own there, and removes it
// when all was well. The second one runs on SQLite and PostgreSQL, there through pgx.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	if raw := os.Getenv(variable); raw != "" {
		os.Exit(play(raw, os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "readers:", err)
		os.Exit(1)
	}
}

// command runs the campaign that the arguments ask for.
func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "count":
			return countCommand(ctx, args[1:], out)
		case "deploy":
			return deployCommand(ctx, args[1:], out)
		}
	}
	return errors.New("usage: readers count|deploy [flags]; -h after either lists them")
}
