package broker

// via is what the broker is called to those who look at a system.
const via = "memory"

// Via returns "memory", for [ViaOf].
func (*memoryPublisher) Via() string { return via }

// Via returns "memory", for [ViaOf].
func (*memorySubscriber) Via() string { return via }
