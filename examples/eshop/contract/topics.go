package contract

// The topics: one for each service that says something. All that is said of one
// order on a topic arrives in order, as the order is the key.
const (
	Orders     = "eshop.orders"
	Process    = "eshop.process"
	Payments   = "eshop.payments"
	Validation = "eshop.validation"
	Inventory  = "eshop.inventory"
	Catalogue  = "eshop.catalogue"
	Reviews    = "eshop.reviews"
)

// Topics are all that there are.
var Topics = []string{Orders, Process, Payments, Validation, Inventory, Catalogue, Reviews}

// A Subscription says who hears a topic.
type Subscription struct {
	Topic string
	Name  string // of the service
}

// Subscriptions are all that there are. A broker that keeps nothing for those who
// have never been there, such as RabbitMQ, is told of them before anything is said.
var Subscriptions = []Subscription{
	{Process, "order"},
	{Orders, "process"}, {Payments, "process"}, {Validation, "process"}, {Inventory, "process"},
	{Process, "payment"},
	{Process, "catalogue"}, {Process, "inventory"}, {Catalogue, "inventory"},
	{Orders, "notification"}, {Payments, "notification"},
}
