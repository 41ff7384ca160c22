package torture

import "time"

// An order is what a process is told, as a line of JSON.
type order struct {
	Do       string   `json:"do"`
	Turn     uint32   `json:"turn,omitempty"`
	Settings settings `json:"settings,omitzero"`
}

// What a process can be told.
const (
	doTurn    = "turn"    // own the store until told to stop
	doStop    = "stop"    // end the turn in good order, and exit
	doIntrude = "intrude" // try to open the store, which somebody owns
)

// A message is what a process says, as a line of JSON.
type message struct {
	Said string `json:"said"`

	// Opened.
	Took time.Duration `json:"took,omitempty"`
	// Working.
	Audit audit `json:"audit,omitzero"`
	// Stopped.
	Work work `json:"work,omitzero"`
	// Failed; Promise is set for a violation.
	Error   string `json:"error,omitempty"`
	Promise string `json:"promise,omitempty"`
}

// What a process can say.
const (
	saidOpened  = "opened"  // the store is open
	saidWorking = "working" // the audit is over and the workers are at work
	saidStopped = "stopped" // the turn has ended in good order
	saidRefused = "refused" // an intruder could not open the store, as it should be
	saidFailed  = "failed"  // an error or violation has ended the turn
)

// An audit says what one has read.
type audit struct {
	Events uint64        `json:"events"` // new ones
	Acks   uint64        `json:"acks"`   // compared with them
	Took   time.Duration `json:"took"`
	Again  uint64        `json:"again"` // transfers made again, to see that they are not
}

// Work counts what was done in a turn.
type work struct {
	Transfers uint64 `json:"transfers"`
	Changes   uint64 `json:"changes"`
	Refused   uint64 `json:"refused"`
}

// failure is what a process says when it fails.
func failure(err error) message {
	m := message{Said: saidFailed, Error: err.Error()}
	if v, ok := asViolation(err); ok {
		m.Error, m.Promise = v.Details, v.Promise
	}
	return m
}

// err is the inverse of failure.
func (m message) err() error {
	if m.Promise != "" {
		return &Violation{Promise: m.Promise, Details: m.Error}
	}
	return &failedError{m.Error}
}

// A failedError is an error of another process.
type failedError struct{ text string }

func (e *failedError) Error() string { return e.text }
