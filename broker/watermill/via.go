package watermill

// via is what the broker is called to those who look at a system.
const via = "watermill"

// Via returns "watermill", for broker.ViaOf.
func (*Publisher) Via() string { return via }

// Via returns "watermill", for broker.ViaOf.
func (*Subscriber) Via() string { return via }
