package nats

// via is what the broker is called to those who look at a system.
const via = "nats"

// Via returns "nats", for broker.ViaOf.
func (*Publisher) Via() string { return via }

// Via returns "nats", for broker.ViaOf.
func (*Subscriber) Via() string { return via }
