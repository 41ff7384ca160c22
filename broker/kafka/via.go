package kafka

// via is what the broker is called to those who look at a system.
const via = "kafka"

// Via returns "kafka", for broker.ViaOf.
func (*Publisher) Via() string { return via }

// Via returns "kafka", for broker.ViaOf.
func (*Subscriber) Via() string { return via }
