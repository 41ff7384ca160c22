// Package platform is what the services of the shop stand on and what they must
// not know: where the others run, which broker carries their integration events,
// which database holds their read models. The program chooses; the services are
// the same code in one process and in many.
//
// A service is made by New(Options) (*Service, error), has an http.Handler, and
// works while its Run blocks:
//
//	type Service interface {
//		Handler() http.Handler
//		Run(ctx context.Context) error
//	}
//
// [Network] is the way of requests, [Bus] that of integration events, and
// [Database] holds tables.
package platform

import (
	"context"
	"net/http"
)

// A Service is one of the shop's.
type Service interface {
	// Handler answers requests, before Run is called too.
	Handler() http.Handler

	// Run does what the service does without being asked: it hears and says
	// integration events and keeps its tables. It returns when ctx ends, with its
	// cause, and nothing of it runs then; or earlier, with what has failed.
	Run(ctx context.Context) error
}
