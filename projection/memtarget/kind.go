package memtarget

// Kind returns "memory", for projection.Status.
func (*Target) Kind() string { return "memory" }
