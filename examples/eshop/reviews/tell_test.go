package reviews_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
	"github.com/cairndb/cairn/examples/eshop/reviews"
)

func TestPublisherClosed(t *testing.T) {
	db := platformtest.SQLite(t)
	documents, err := reviews.SQL(t.Context(), db.DB, db.Dialect)
	must(t, err)
	s, err := reviews.New(reviews.Options{Documents: documents, Publisher: closed{}})
	must(t, err)
	ask(t, s.Handler(), "POST", "/reviews/tent", `{"customer":"Ann","stars":4,"text":"x"}`)
	if err := s.Run(t.Context()); !errors.Is(err, broker.ErrClosed) {
		t.Errorf("Run: %v", err)
	}
}

type closed struct{}

func (closed) Publish(context.Context, broker.Message) error { return broker.ErrClosed }
func (closed) Close(context.Context) error                   { return nil }
