package persistent

import "github.com/cairndb/cairn"

// All is what the log as a whole is called where a stream is expected.
const All = "$all"

// A Key names a subscription: a group of consumers of a stream, or of the log.
type Key struct{ Stream, Group string }

// String is the subscription's ID as the protocol has it. Two keys of the same
// text are the same subscription.
func (k Key) String() string { return k.Stream + "::" + k.Group }

// checkpoint is the stream that says how far the subscription has come.
func (k Key) checkpoint() string { return "$persistentsubscription-" + k.String() + "-checkpoint" }

// parked is the stream of links to what was parked.
func (k Key) parked() string { return "$persistentsubscription-" + k.String() + "-parked" }

// validate refuses names that no stream can have.
func (k Key) validate() error {
	if k.Stream == "" || k.Group == "" {
		return &FailedError{Key: k, Reason: "the stream and the group must have a name"}
	}
	for _, name := range []string{k.Stream, k.checkpoint()} {
		if name == All {
			continue
		}
		if err := cairn.ValidateStream("stream", name); err != nil {
			return &FailedError{Key: k, Reason: err.Error()}
		}
	}
	return nil
}
