package platform

import (
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// patience is how long a request waits for what was written to be in a read model.
const patience = 5 * time.Second

// Fresh has a read model answer when it shows what the client has written, as
// [projection.Fresh] does, and who has written nothing wait until there is a read
// model at all: a service that was just set up answers a moment later, and not
// with an error.
func Fresh(store cairn.Store, db *Database, model string, h http.Handler) http.Handler {
	fresh := projection.Fresh(store, db.Target, model, patience)(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(projection.TokenHeader) == "" && !r.URL.Query().Has(projection.TokenQuery) {
			r.Header.Set(projection.TokenHeader, projection.FormatToken(1)) // the first event of all
		}
		fresh.ServeHTTP(w, r)
	})
}
