package contract

import "github.com/cairndb/cairn/broker"

// What those say who do the work of the process: payment, validation, inventory.
type (
	PaymentReceivedV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Cents    int64  `json:"cents" doc:"What has been paid for the order, all in all."`
	}
	PaymentFailedV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Reason   string `json:"reason"`
	}
	PaymentRefundedV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Cents    int64  `json:"cents" doc:"What was paid back; zero if nothing had been paid."`
	}
	ValidationPassedV1 struct {
		Order string `json:"order"`
	}
	ValidationFailedV1 struct {
		Order  string `json:"order"`
		Reason string `json:"reason"`
	}
	AllocationMadeV1 struct {
		Order string `json:"order"`
	}
	AllocationFailedV1 struct {
		Order  string `json:"order"`
		Reason string `json:"reason"`
	}
	AllocationReleasedV1 struct {
		Order string `json:"order"`
	}
)

// The events of the payment service, by order.
var (
	PaymentReceived = broker.EventType[PaymentReceivedV1]{
		Name: "payment.received", Topic: Payments, Description: "A customer has paid for an order.",
		Key: func(e PaymentReceivedV1) string { return e.Order },
	}
	PaymentFailed = broker.EventType[PaymentFailedV1]{
		Name: "payment.failed", Topic: Payments, Description: "A payment was refused.",
		Key: func(e PaymentFailedV1) string { return e.Order },
	}
	PaymentRefunded = broker.EventType[PaymentRefundedV1]{
		Name: "payment.refunded", Topic: Payments, Description: "A customer has back what was paid for an order.",
		Key: func(e PaymentRefundedV1) string { return e.Order },
	}
)

// The events of the validation service, by order.
var (
	ValidationPassed = broker.EventType[ValidationPassedV1]{
		Name: "validation.passed", Topic: Validation, Description: "An order can be sold as it is.",
		Key: func(e ValidationPassedV1) string { return e.Order },
	}
	ValidationFailed = broker.EventType[ValidationFailedV1]{
		Name: "validation.failed", Topic: Validation, Description: "An order names a product or a price that does not exist.",
		Key: func(e ValidationFailedV1) string { return e.Order },
	}
)

// The events of the inventory, by order.
var (
	AllocationMade = broker.EventType[AllocationMadeV1]{
		Name: "allocation.made", Topic: Inventory, Description: "The goods of an order are set aside.",
		Key: func(e AllocationMadeV1) string { return e.Order },
	}
	AllocationFailed = broker.EventType[AllocationFailedV1]{
		Name: "allocation.failed", Topic: Inventory, Description: "There is not enough of something; nothing is set aside.",
		Key: func(e AllocationFailedV1) string { return e.Order },
	}
	AllocationReleased = broker.EventType[AllocationReleasedV1]{
		Name: "allocation.released", Topic: Inventory, Description: "Nothing is set aside for an order any more.",
		Key: func(e AllocationReleasedV1) string { return e.Order },
	}
)

// ByPayments is the contract of the payment service.
func ByPayments() (*broker.Contract, error) {
	return broker.NewContract("/eshop/payment", PaymentReceived, PaymentFailed, PaymentRefunded)
}

// ByValidation is the contract of the validation service.
func ByValidation() (*broker.Contract, error) {
	return broker.NewContract("/eshop/validation", ValidationPassed, ValidationFailed)
}

// ByInventory is the contract of the inventory.
func ByInventory() (*broker.Contract, error) {
	return broker.NewContract("/eshop/inventory", AllocationMade, AllocationFailed, AllocationReleased)
}
