package webhook

// via is what the broker is called to those who look at a system.
const via = "webhook"

// Via returns "webhook", for broker.ViaOf.
func (*Publisher) Via() string { return via }

// Via returns "webhook", for broker.ViaOf.
func (*Subscriber) Via() string { return via }
