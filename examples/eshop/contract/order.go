package contract

import "github.com/cairndb/cairn/broker"

// A Line is so many of one product, at a price for each.
type Line struct {
	SKU      string `json:"sku" doc:"Which product."`
	Name     string `json:"name" doc:"What it was called when it was ordered."`
	Quantity int    `json:"quantity" doc:"How many."`
	Cents    int64  `json:"cents" doc:"The price of one."`
}

// What the order service says.
type (
	OrderPlacedV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Lines    []Line `json:"lines"`
		Cents    int64  `json:"cents" doc:"All lines together."`
	}
	ProductAddedV1 struct {
		Order string `json:"order"`
		Line  Line   `json:"line" doc:"What came in addition, also to a line that is there."`
		Cents int64  `json:"cents" doc:"What the order comes to now."`
	}
	ProductRemovedV1 struct {
		Order string `json:"order"`
		SKU   string `json:"sku" doc:"The line that is there no longer."`
		Cents int64  `json:"cents" doc:"What the order comes to now."`
	}
	OrderPaidV1 struct {
		Order string `json:"order"`
		Cents int64  `json:"cents"`
	}
	OrderCompletedV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
	}
	OrderFailedV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Stage    string `json:"stage" doc:"payment, validation or allocation"`
		Reason   string `json:"reason"`
	}
	OrderCancelledV1 struct {
		Order    string `json:"order"`
		Customer string `json:"customer"`
		Reason   string `json:"reason"`
	}
)

// The events of the order service, by order.
var (
	OrderPlaced = broker.EventType[OrderPlacedV1]{
		Name: "order.placed", Topic: Orders, Description: "A customer has placed an order.",
		Key: func(e OrderPlacedV1) string { return e.Order },
	}
	ProductAdded = broker.EventType[ProductAddedV1]{
		Name: "order.product-added", Topic: Orders, Description: "A customer wants more, before paying.",
		Key: func(e ProductAddedV1) string { return e.Order },
	}
	ProductRemoved = broker.EventType[ProductRemovedV1]{
		Name: "order.product-removed", Topic: Orders, Description: "A customer wants less, before paying.",
		Key: func(e ProductRemovedV1) string { return e.Order },
	}
	OrderPaid = broker.EventType[OrderPaidV1]{
		Name: "order.paid", Topic: Orders, Description: "An order is paid in full and cannot be changed any more.",
		Key: func(e OrderPaidV1) string { return e.Order },
	}
	OrderCompleted = broker.EventType[OrderCompletedV1]{
		Name: "order.completed", Topic: Orders, Description: "An order is paid, and its goods are set aside.",
		Key: func(e OrderCompletedV1) string { return e.Order },
	}
	OrderFailed = broker.EventType[OrderFailedV1]{
		Name: "order.failed", Topic: Orders, Description: "An order will not be delivered, for a reason that is not the customer's.",
		Key: func(e OrderFailedV1) string { return e.Order },
	}
	OrderCancelled = broker.EventType[OrderCancelledV1]{
		Name: "order.cancelled", Topic: Orders, Description: "An order will not be delivered, because the customer does not want it.",
		Key: func(e OrderCancelledV1) string { return e.Order },
	}
)

// ByOrders is the contract of the order service.
func ByOrders() (*broker.Contract, error) {
	return broker.NewContract("/eshop/order", OrderPlaced, ProductAdded, ProductRemoved, OrderPaid, OrderCompleted, OrderFailed, OrderCancelled)
}
