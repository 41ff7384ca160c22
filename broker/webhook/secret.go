package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/cairndb/cairn/broker"
)

// minSecret is how many bytes a secret has at least.
const minSecret = 24

// ErrSignature is matched by the error of a request that is not signed as it has
// to be: not at all, with another secret, too long ago, or for another body.
var ErrSignature = errors.New("webhook: the signature does not hold")

// secrets read what options hold. What they say never has the secret in it.
func secrets(all []string) (parsed []*standardwebhooks.Webhook, err error) {
	for i, s := range all {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		if err != nil || len(key) < minSecret {
			return nil, invalid("Secrets", fmt.Sprintf("must each be the base64 of %d bytes or more, and number %d is not", minSecret, i))
		}
		w, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return nil, invalid("Secrets", "cannot be used")
		}
		parsed = append(parsed, w)
	}
	return parsed, nil
}

// idOf is the ID that a receiver knows a message by, however often it comes. It
// is made of all that makes a message one: source and ID, and where it goes.
func idOf(m *broker.Message) string {
	sum := sha256.Sum256([]byte(m.Event.Source() + "\x00" + m.Event.ID() + "\x00" + m.Topic))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// sign adds the headers that prove where a body is from and when it was sent.
func sign(h http.Header, with []*standardwebhooks.Webhook, id string, at time.Time, body []byte) error {
	if len(with) == 0 {
		return nil
	}
	var all []string
	for _, w := range with {
		s, err := w.Sign(id, at, body)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(all, " "))
	return nil
}

// verify checks that one of the secrets has signed a body, not longer ago, nor
// later, than the tolerance.
func verify(h http.Header, with []*standardwebhooks.Webhook, now time.Time, tolerance time.Duration, body []byte) error {
	stamp := h.Get(standardwebhooks.HeaderWebhookTimestamp)
	sent, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || stamp != strconv.FormatInt(sent, 10) {
		return fmt.Errorf("%w: the timestamp is not a number of seconds", ErrSignature)
	}
	if d := now.Unix() - sent; sent < 0 || d > int64(tolerance/time.Second) || -d > int64(tolerance/time.Second) {
		return fmt.Errorf("%w: the timestamp is not within %v", ErrSignature, tolerance)
	}
	for _, w := range with {
		if err = w.VerifyIgnoringTimestamp(body, h); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %w", ErrSignature, err)
}
