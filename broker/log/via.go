package log

// via is what the broker is called to those who look at a system.
const via = "log"

// Via returns "log", for broker.ViaOf.
func (*Publisher) Via() string { return via }

// Via returns "log", for broker.ViaOf.
func (*Subscriber) Via() string { return via }
