package notification

import (
	"context"
	"database/sql"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

func (s *Service) routes() (*broker.Mux, error) {
	return broker.NewMux(broker.Ignore(nil),
		on(s, contract.OrderPlaced, placed),
		on(s, contract.OrderCompleted, completed),
		on(s, contract.OrderFailed, failed),
		on(s, contract.OrderCancelled, cancelled),
		on(s, contract.PaymentReceived, received),
		on(s, contract.PaymentFailed, refused),
		on(s, contract.PaymentRefunded, refunded))
}

// on has an event of this type followed by a letter, once.
func on[T any](s *Service, t broker.EventType[T], write func(T) letter) broker.Route {
	return broker.On(t, func(ctx context.Context, e T, d broker.Delivery) error {
		return s.inbox.Handle(ctx, d, func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
			return send(ctx, tx, write(e), d)
		})
	})
}

// send puts an e-mail among those that are sent.
func send(ctx context.Context, tx *sql.Tx, l letter, d broker.Delivery) error {
	if l == (letter{}) {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO notification_email (customer, order_id, subject, body, because, sent_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		l.customer, l.order, l.subject, l.text, d.Event.Type(), time.Now().UnixMilli())
	return err
}
