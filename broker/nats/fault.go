package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
)

var (
	errSubject      = errors.New("this is no subject to publish to")
	errDisconnected = errors.New("there is no connection")
)

func failed(m *broker.Message, kind, err error, hint string) error {
	return &broker.PublishError{Broker: "nats", Topic: m.Topic, ID: m.Event.ID(), Kind: kind, Err: err, Hint: hint}
}

// explain says what the client's error means for a message.
func (p *Publisher) explain(ctx context.Context, m *broker.Message, err error) error {
	api, isAPI := errors.AsType[*jetstream.APIError](err)
	switch {
	case isAPI:
		hint, kind := refusal(api)
		return failed(m, kind, err, hint)
	case errors.Is(err, client.ErrMaxPayload):
		return failed(m, broker.ErrRejected, err, fmt.Sprintf("the server takes messages of up to %d bytes (max_payload)", p.conn.MaxPayload()))
	case errors.Is(err, client.ErrHeadersNotSupported):
		return failed(m, broker.ErrRejected, err, "servers before version 2.2 have no headers")
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return p.homeless(ctx, m, err)
	case errors.Is(err, errDisconnected):
		return p.disconnected(m)
	case errors.Is(err, jetstream.ErrAsyncPublishTimeout) && p.forbidden(m.Topic):
		return failed(m, broker.ErrRejected, p.conn.LastError(), "give the user the permission to publish to this subject")
	case errors.Is(err, context.Canceled):
		return failed(m, nil, err, "")
	}
	return failed(m, broker.ErrUnavailable, err, "")
}

// disconnected names the reason why there is no connection, if it is known.
func (p *Publisher) disconnected(m *broker.Message) error {
	err, hint := errDisconnected, ""
	if last := p.conn.why(); last != nil {
		err = fmt.Errorf("%w: %w", errDisconnected, last)
		hint = hintOf(last)
	}
	if p.conn.IsClosed() {
		hint = "the connection was closed for good by whoever has lent it"
	}
	return failed(m, broker.ErrUnavailable, err, hint)
}

// hintOf says what to do about a connection that fails.
func hintOf(err error) string {
	for _, auth := range []error{client.ErrAuthorization, client.ErrAuthExpired, client.ErrAuthRevoked, client.ErrAccountAuthExpired} {
		if errors.Is(err, auth) {
			return "the server does not accept the credentials: check the user, password, token or credentials file"
		}
	}
	return ""
}

// homeless asks why no stream has answered: because none has the subject, or
// because the one that has it cannot now.
func (p *Publisher) homeless(ctx context.Context, m *broker.Message, err error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, lookup := p.js.StreamNameBySubject(ctx, m.Topic)
	switch {
	case errors.Is(lookup, jetstream.ErrStreamNotFound):
		return failed(m, broker.ErrRejected, err, "no stream takes this subject: create one, or add the subject to one")
	case lookup == nil:
		return failed(m, broker.ErrUnavailable, err, "the stream has no leader now")
	}
	return failed(m, broker.ErrUnavailable, errors.Join(err, lookup), "JetStream does not answer: see that the server has it enabled for this account")
}

// forbidden tells whether the server has lately complained that we may not
// publish to a subject. It does not answer such a message at all.
func (p *Publisher) forbidden(subject string) bool {
	last := p.conn.LastError()
	return errors.Is(last, client.ErrPermissionViolation) && strings.Contains(last.Error(), `"`+subject+`"`)
}

// The codes of the refusals that need more than their class to be understood.
const (
	codeAccountFull    = 10002
	codeOtherStream    = 10060
	codeTooLarge       = 10054
	codeHeaderTooLarge = 10097
	codeStoreFailed    = 10077
)

// refusal says what a stream's answer means. Its classes are those of HTTP.
func refusal(e *jetstream.APIError) (hint string, kind error) {
	switch e.ErrorCode {
	case codeAccountFull:
		return "the account has used up what it may store", broker.ErrUnavailable
	case codeStoreFailed:
		return "the stream is full and discards what is new, or its disk fails: raise its limits or have somebody consume", broker.ErrUnavailable
	case codeTooLarge:
		return "the message is over the stream's max_msg_size", broker.ErrRejected
	case codeHeaderTooLarge:
		return "the attributes of an event must fit into the 64 KiB of a header", broker.ErrRejected
	case codeOtherStream:
		return "another stream has the subject than the one in the options", broker.ErrRejected
	case jetstream.JSErrCodeJetStreamNotEnabled, jetstream.JSErrCodeJetStreamNotEnabledForAccount:
		return "enable JetStream for this account", broker.ErrUnavailable
	}
	if e.Code >= 400 && e.Code < 500 {
		return "", broker.ErrRejected
	}
	return "", broker.ErrUnavailable
}
