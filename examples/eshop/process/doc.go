// Package process is what leads an order from service to service: a saga. It
// hears what others say, decides what is to be done next, and says so; who does it
// is not its business. When a step fails, or the payment does not come in time, it
// asks for what was done to be made good.
//
//	created ──▶ paid ──▶ validation pending ──▶ validated ──▶ allocation pending ──▶ allocated
//	   │                        │                                    │
//	   ▼                        ▼                                    ▼
//	payment exception    validation exception               allocation exception
//	(refused, overdue)      refund                         release of stock, refund
//
// and at any time before the end: cancelled, with whatever is to be made good.
//
// It has no words of its own: what it hears and says is the contract of the shop.
// It keeps what it has heard in streams processheard-ORDER, through an inbox, so
// each fact counts once; and what it has to say in streams processsaid-ORDER,
// which a relay publishes. Between the two is the saga, whose steps are stored
// with what they say, in one batch.
package process
