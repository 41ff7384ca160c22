// Command history looks at what happened to the files of a git repository, month by
// month: a read model that is declared in files-by-month.yaml, of a history that
// anybody has at hand.
//
//	git -C REPOSITORY log --reverse --numstat --format='commit %H %cI' |
//		go run ./examples/history events REPOSITORY |
//		cairn import - --store history
//	cairn project -f examples/history/files-by-month.yaml --store history --target sqlite:history.db --once
//	go run ./examples/history top history.db
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

const usage = `usage:
  git log --reverse --numstat --format='commit %H %cI' | history events REPOSITORY
      turns what git prints into events, a line each, for cairn import
  history top FILE.db
      prints the files changed most in each month, from the read model
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "history:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "events":
		return events(args[1], in, out)
	case len(args) == 2 && args[0] == "top":
		return top(ctx, args[1], out)
	}
	return fmt.Errorf("the command line is not right\n%s", usage)
}
