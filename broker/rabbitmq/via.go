package rabbitmq

// via is what the broker is called to those who look at a system.
const via = "rabbitmq"

// Via returns "rabbitmq", for broker.ViaOf.
func (*Publisher) Via() string { return via }

// Via returns "rabbitmq", for broker.ViaOf.
func (*Subscriber) Via() string { return via }
