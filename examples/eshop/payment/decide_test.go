package payment_test

import (
	"testing"

	"github.com/cairndb/cairn/decider/decidertest"
	. "github.com/cairndb/cairn/examples/eshop/payment"
)

var (
	payments = decidertest.With(State.Evolve)
	charged  = payments.Given(Requested{"Ann", 100}, Charged{"Ann", 100, 100})
	closed   = charged.Given(Refunded{"Ann", 100, "why"})
	asked    = payments.Given(Requested{"Ann", 100})
)

func TestAsk(t *testing.T) {
	payments.When(Ask("Ann", 100, OK)).Then(t, Requested{"Ann", 100}, Charged{"Ann", 100, 100})
	payments.When(Ask("Ann", 100, Slow)).Then(t, Requested{"Ann", 100})
	payments.When(Ask("Ann", 100, Fail)).Then(t, Requested{"Ann", 100}, Refused{"Ann", "the bank has declined"})
	charged.When(Ask("Ann", 130, OK)).Then(t, Requested{"Ann", 130}, Charged{"Ann", 30, 130})
	for _, m := range []Mode{OK, Slow, Fail} { // what is given back never fails
		charged.When(Ask("Ann", 60, m)).Then(t, Requested{"Ann", 60}, Returned{"Ann", 40, 60})
		charged.When(Ask("Ann", 100, m)).Then(t, Requested{"Ann", 100}, Charged{"Ann", 0, 100})
		closed.When(Ask("Ann", 100, m)).Then(t)
	}
}

func TestSettle(t *testing.T) {
	asked.When(Settle).Then(t, Charged{"Ann", 100, 100})
	charged.When(Settle).Then(t)
	closed.When(Settle).Then(t)
	asked.Given(Refunded{"Ann", 0, "why"}).When(Settle).Then(t) // nobody wants it any more
}

func TestRefund(t *testing.T) {
	charged.When(Refund("why")).Then(t, Refunded{"Ann", 100, "why"})
	charged.When(Refund("why")).ThenState(t, State{Customer: "Ann", Asked: 100, Closed: true})
	asked.When(Refund("why")).Then(t, Refunded{"Ann", 0, "why"})
	payments.When(Refund("why")).Then(t, Refunded{"", 0, "why"})
	closed.When(Refund("why")).Then(t)
}
