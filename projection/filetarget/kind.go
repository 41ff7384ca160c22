package filetarget

// Kind returns "files", for projection.Status.
func (*Target) Kind() string { return "files" }
