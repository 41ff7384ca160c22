package redistarget

// Kind returns "redis", for projection.Status.
func (*Target) Kind() string { return "redis" }
