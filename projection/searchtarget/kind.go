package searchtarget

// Kind returns "search", for projection.Status.
func (*Target) Kind() string { return "search" }
