package contract

import "github.com/cairndb/cairn/broker"

// What the order process says.
type (
	PaymentRequestedV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Cents    int64  `json:"cents" doc:"What shall have been paid for the order, all in all."`
	}
	PaymentConfirmedV1 struct {
		Order string `json:"order"`
		Cents int64  `json:"cents" doc:"What has been paid for the order, all in all."`
	}
	RefundRequestedV1 struct {
		Order  string `json:"order"`
		Reason string `json:"reason"`
	}
	RefundConfirmedV1 struct {
		Order string `json:"order"`
		Cents int64  `json:"cents" doc:"What was paid back; zero if nothing had been paid."`
	}
	ValidationRequestedV1 struct {
		Order string `json:"order"`
		Lines []Line `json:"lines"`
	}
	ValidationConfirmedV1 struct {
		Order string `json:"order"`
	}
	AllocationRequestedV1 struct {
		Order string `json:"order"`
		Lines []Line `json:"lines"`
	}
	AllocationConfirmedV1 struct {
		Order string `json:"order"`
	}
	ReleaseRequestedV1 struct {
		Order  string `json:"order"`
		Reason string `json:"reason"`
	}
	ProcessFailedV1 struct {
		Order  string `json:"order"`
		Stage  string `json:"stage" doc:"payment, validation or allocation"`
		Reason string `json:"reason"`
	}
)

// The events of the order process, by order.
var (
	PaymentRequested = broker.EventType[PaymentRequestedV1]{
		Name: "payment.requested", Topic: Process, Description: "An order is to be paid.",
		Key: func(e PaymentRequestedV1) string { return e.Order },
	}
	PaymentConfirmed = broker.EventType[PaymentConfirmedV1]{
		Name: "payment.confirmed", Topic: Process, Description: "The process has heard that an order was paid.",
		Key: func(e PaymentConfirmedV1) string { return e.Order },
	}
	RefundRequested = broker.EventType[RefundRequestedV1]{
		Name: "payment.refund-requested", Topic: Process, Description: "What was paid for an order is to be paid back, and no more is to be taken.",
		Key: func(e RefundRequestedV1) string { return e.Order },
	}
	RefundConfirmed = broker.EventType[RefundConfirmedV1]{
		Name: "payment.refund-confirmed", Topic: Process, Description: "The process has heard that what was paid for an order is paid back.",
		Key: func(e RefundConfirmedV1) string { return e.Order },
	}
	ValidationRequested = broker.EventType[ValidationRequestedV1]{
		Name: "validation.requested", Topic: Process, Description: "It is to be checked whether an order can be sold like this.",
		Key: func(e ValidationRequestedV1) string { return e.Order },
	}
	ValidationConfirmed = broker.EventType[ValidationConfirmedV1]{
		Name: "validation.confirmed", Topic: Process, Description: "The process has heard that an order is valid.",
		Key: func(e ValidationConfirmedV1) string { return e.Order },
	}
	AllocationRequested = broker.EventType[AllocationRequestedV1]{
		Name: "allocation.requested", Topic: Process, Description: "The goods of an order are to be set aside.",
		Key: func(e AllocationRequestedV1) string { return e.Order },
	}
	AllocationConfirmed = broker.EventType[AllocationConfirmedV1]{
		Name: "allocation.confirmed", Topic: Process, Description: "The process has heard that the goods of an order are set aside.",
		Key: func(e AllocationConfirmedV1) string { return e.Order },
	}
	ReleaseRequested = broker.EventType[ReleaseRequestedV1]{
		Name: "allocation.release-requested", Topic: Process, Description: "What was set aside for an order is for others again.",
		Key: func(e ReleaseRequestedV1) string { return e.Order },
	}
	ProcessFailed = broker.EventType[ProcessFailedV1]{
		Name: "process.failed", Topic: Process, Description: "An order cannot be carried out; what was done for it is being made good.",
		Key: func(e ProcessFailedV1) string { return e.Order },
	}
)

// ByProcess is the contract of the order process.
func ByProcess() (*broker.Contract, error) {
	return broker.NewContract("/eshop/process",
		PaymentRequested, PaymentConfirmed, RefundRequested, RefundConfirmed, ValidationRequested, ValidationConfirmed,
		AllocationRequested, AllocationConfirmed, ReleaseRequested, ProcessFailed)
}
