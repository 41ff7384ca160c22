package mqtt

// via is what the broker is called to those who look at a system.
const via = "mqtt"

// Via returns "mqtt", for broker.ViaOf.
func (*Publisher) Via() string { return via }

// Via returns "mqtt", for broker.ViaOf.
func (*Subscriber) Via() string { return via }
