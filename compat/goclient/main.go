// Goclient runs the tests of KurrentDB's Go client against Cairn.
//
// The client's module, in the version that go.mod asks for, is copied and tested
// as it is, against the command's servers: one without encryption and one with,
// on the ports where those tests look. What does not pass is compared with a list:
// a test that fails without being on it is an error, and so is one on it that
// passes. Run it from the project's folder, after make build:
//
//	go run ./compat/goclient
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
)

func main() {
	var s suite
	flag.StringVar(&s.command, "cairn", "bin/cairn", "the `COMMAND` to serve with")
	flag.StringVar(&s.expected, "expected", "compat/goclient/expected.txt", "the `FILE` that lists what does not pass")
	only := flag.String("run", "", "run and compare only the tests whose names, at the top, match the `PATTERN`")
	flag.BoolVar(&s.verbose, "v", false, "print what the tests print")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if s.only, err = regexp.Compile(*only); err == nil {
		err = s.main(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "goclient:", err)
		os.Exit(1)
	}
}
