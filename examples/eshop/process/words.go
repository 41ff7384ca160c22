package process

import (
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// An Event is something that the process has heard: an integration event of
// somebody, or the time being up.
type Event any

// PaymentOverdue says that the payment has not come in time.
type PaymentOverdue struct{}

// Heard are the events, by what they are stored as.
var Heard = codec.JSON(codec.Types[Event]{
	"HeardOrderPlaced":        contract.OrderPlacedV1{},
	"HeardProductAdded":       contract.ProductAddedV1{},
	"HeardProductRemoved":     contract.ProductRemovedV1{},
	"HeardOrderPaid":          contract.OrderPaidV1{},
	"HeardOrderCompleted":     contract.OrderCompletedV1{},
	"HeardOrderCancelled":     contract.OrderCancelledV1{},
	"HeardPaymentReceived":    contract.PaymentReceivedV1{},
	"HeardPaymentFailed":      contract.PaymentFailedV1{},
	"HeardPaymentRefunded":    contract.PaymentRefundedV1{},
	"HeardValidationPassed":   contract.ValidationPassedV1{},
	"HeardValidationFailed":   contract.ValidationFailedV1{},
	"HeardAllocationMade":     contract.AllocationMadeV1{},
	"HeardAllocationFailed":   contract.AllocationFailedV1{},
	"HeardAllocationReleased": contract.AllocationReleasedV1{},
	"PaymentOverdue":          PaymentOverdue{},
})

// A Message is something that the process has to say.
type Message any

// Said are the messages, by what they are stored as.
var Said = codec.JSON(codec.Types[Message]{
	"SaidPaymentRequested":    contract.PaymentRequestedV1{},
	"SaidPaymentConfirmed":    contract.PaymentConfirmedV1{},
	"SaidRefundRequested":     contract.RefundRequestedV1{},
	"SaidRefundConfirmed":     contract.RefundConfirmedV1{},
	"SaidValidationRequested": contract.ValidationRequestedV1{},
	"SaidValidationConfirmed": contract.ValidationConfirmedV1{},
	"SaidAllocationRequested": contract.AllocationRequestedV1{},
	"SaidAllocationConfirmed": contract.AllocationConfirmedV1{},
	"SaidReleaseRequested":    contract.ReleaseRequestedV1{},
	"SaidProcessFailed":       contract.ProcessFailedV1{},
})

// The categories of the streams, one stream for each order.
const (
	HeardCategory = "processheard"
	SaidCategory  = "processsaid"
)
