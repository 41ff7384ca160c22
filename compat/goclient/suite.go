package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// A suite is one run of the client's tests.
type suite struct {
	command  string         // that serves
	expected string         // the file that lists what does not pass
	only     *regexp.Regexp // which tests, by the name at the top
	verbose  bool

	dir string // where the module was copied to
}

func (s *suite) main(ctx context.Context) (err error) {
	list, err := readList(s.expected)
	if err != nil {
		return err
	}
	if s.command, err = filepath.Abs(s.command); err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "goclient"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	if err := copyModule(ctx, s.dir); err != nil {
		return err
	}
	if err := issueAll(filepath.Join(s.dir, "certs")); err != nil {
		return err
	}
	results, err := s.serveAndTest(ctx)
	if err != nil {
		return err
	}
	return s.report(results, list)
}

// The ports where the client's tests look for servers. Of a cluster there is
// one node only, at each of its addresses.
const (
	plainAddress  = "127.0.0.1:2114"
	secureAddress = "127.0.0.1:2115"
)

var clusterAddresses = []string{"127.0.0.1:2111", "127.0.0.1:2112", "127.0.0.1:2113"}

// serveAndTest runs the tests while two servers serve.
func (s *suite) serveAndTest(ctx context.Context) (all results, err error) {
	certs := filepath.Join(s.dir, "certs")
	plain, err := s.serve(ctx, plainAddress, "--insecure")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, plain.stop()) }()
	secure, err := s.serve(ctx, secureAddress,
		"--tls-cert", filepath.Join(certs, "node1", "node.crt"), "--tls-key", filepath.Join(certs, "node1", "node.key"),
		"--tls-ca", filepath.Join(certs, "ca", "ca.crt"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, secure.stop()) }()
	for _, address := range clusterAddresses {
		f, err := forwardTo(address, secureAddress)
		if err != nil {
			return nil, err
		}
		defer f.stop()
	}
	return s.test(ctx)
}

// report compares the results with the list and says what differs.
func (s *suite) report(all results, list list) error {
	leaves := all.leaves()
	if len(leaves) == 0 {
		return errors.New("there is no such test")
	}
	passed := 0
	for _, outcome := range leaves {
		if outcome == pass {
			passed++
		}
	}
	fmt.Printf("%d of %d tests passed; %d are known not to\n", passed, len(leaves), len(list.of(s.only)))
	differences := compare(leaves, list.of(s.only))
	for _, d := range differences {
		fmt.Println(d)
	}
	if len(differences) > 0 {
		return fmt.Errorf("%d tests did not do what %s says", len(differences), s.expected)
	}
	return nil
}
