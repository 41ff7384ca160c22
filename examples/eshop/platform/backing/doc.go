// Package backing looks for what a shop stands on and does not bring along: a
// broker, a database, a cache. Who starts the shop is told what has answered, or
// what is missing and how to start it, before anything is written anywhere.
package backing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Service is one that was asked for. Find says whether it is there.
type Service struct {
	Name  string // as people call it
	Where string // host:port, without what is secret
	Flag  string // that names another
	Start string // how to start one here

	// Version asks it, as whoever uses it would, which version it is.
	Version func(context.Context) (string, error)
}

// A Finding is a service that has answered.
type Finding struct{ Name, Version, Where string }

// String is "RabbitMQ 4.1.2 at 127.0.0.1:5672".
func (f Finding) String() string { return f.Name + " " + f.Version + " at " + f.Where }

// A MissingError says that a service does not answer, and what to do.
type MissingError struct {
	Service Service
	Err     error // of the attempt
}

// Error implements error.
func (e *MissingError) Error() string {
	s := e.Service
	return fmt.Sprintf("%s does not answer at %s: %v\n  start it:  %s\n  or say with %s where another is", s.Name, s.Where, e.Err, s.Start, s.Flag)
}

// Unwrap is the error of the attempt.
func (e *MissingError) Unwrap() error { return e.Err }

// patience is how long a service may take to answer.
const patience = 10 * time.Second

// Find asks all at once. The error is the [MissingError] of each that does not
// answer, joined.
func Find(ctx context.Context, services ...Service) ([]Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	findings, errs := make([]Finding, len(services)), make([]error, len(services))
	var all sync.WaitGroup
	for i, s := range services {
		all.Go(func() {
			version, err := s.Version(ctx)
			if err != nil {
				errs[i] = &MissingError{s, err}
			}
			findings[i] = Finding{s.Name, version, s.Where}
		})
	}
	all.Wait()
	return findings, errors.Join(errs...)
}
