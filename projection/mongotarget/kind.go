package mongotarget

// Kind returns "mongodb", for projection.Status.
func (*Target) Kind() string { return "mongodb" }
