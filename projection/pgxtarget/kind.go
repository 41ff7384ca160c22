package pgxtarget

// Kind returns "postgresql", for projection.Status.
func (*Target) Kind() string { return "postgresql" }
