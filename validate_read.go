package cairn

// Validate checks the options. The error is an [*InvalidError].
func (o *ReadOptions) Validate() error {
	switch {
	case o.From < 0:
		return invalid("from", "revision %d is below 0", int64(o.From))
	case o.Before < 0:
		return invalid("before", "revision %d is below 0", int64(o.Before))
	case o.Limit < 0:
		return invalid("limit", "%d is below 0", o.Limit)
	case o.Follow && o.Backward:
		return invalid("follow", "a backward read cannot follow")
	}
	return nil
}

// Validate checks the options. The error is an [*InvalidError].
func (o *AllOptions) Validate() error {
	switch {
	case o.Limit < 0:
		return invalid("limit", "%d is below 0", o.Limit)
	case o.Follow && o.Backward:
		return invalid("follow", "a backward read cannot follow")
	}
	return o.Query.Validate()
}
