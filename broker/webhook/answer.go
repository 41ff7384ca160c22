package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cairndb/cairn/broker"
)

var (
	// ErrRedirect is matched by the error of a destination that answers with a
	// redirect. They are not followed: whoever redirects would choose where the
	// message goes.
	ErrRedirect = errors.New("webhook: the destination redirects")

	errGone    = errors.New("the destination is gone")
	errLater   = errors.New("the destination wants to be left alone")
	errTimeout = errors.New("the destination did not answer in time")
	errCaller  = errors.New("the caller did not wait")
)

const hintGone = "it answered 410; end its relay, or make a new publisher if it is back"

const (
	maxAnswer = 4 << 10   // bytes that are read, so that the connection can be used again
	maxWait   = time.Hour // that Retry-After is heeded
)

// An AnswerError is an answer that does not say that the message was taken.
type AnswerError struct {
	Status   int
	Location string // of a redirect
}

// Error says what was answered.
func (e *AnswerError) Error() string {
	if e.Location != "" {
		return fmt.Sprintf("it answered %d to %q", e.Status, e.Location)
	}
	return fmt.Sprintf("it answered %d %s", e.Status, http.StatusText(e.Status))
}

// Unwrap returns [ErrRedirect] if the answer is one.
func (e *AnswerError) Unwrap() error {
	if e.Status/100 == 3 {
		return ErrRedirect
	}
	return nil
}

// post sends a request and reads the answer.
func (p *Publisher) post(ctx context.Context, r *http.Request, m *broker.Message) error {
	resp, err := p.client.Do(r)
	if err != nil {
		return unanswered(ctx, r, m, err)
	}
	defer resp.Body.Close()
	// Whether the rest of the answer comes does not matter, its status does.
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	if resp.StatusCode/100 == 2 {
		return nil
	}
	return p.refused(resp, m)
}

// unanswered says why there is no answer.
func unanswered(ctx context.Context, r *http.Request, m *broker.Message, err error) error {
	if ctx.Err() != nil {
		return fail(m, broker.ErrUnavailable, fmt.Errorf("%w: %w", errCaller, context.Cause(ctx)), "")
	}
	if cause := context.Cause(r.Context()); cause != nil {
		return fail(m, broker.ErrUnavailable, cause, "")
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // without the URL, which may hold a secret
	}
	hint := ""
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		hint = "its certificate is not one that is trusted"
	}
	if errors.Is(err, ErrPrivate) {
		hint = "set AllowPrivate if that is meant"
	}
	return fail(m, broker.ErrUnavailable, err, hint)
}

// refused says what an answer means for the message.
func (p *Publisher) refused(resp *http.Response, m *broker.Message) error {
	err := &AnswerError{Status: resp.StatusCode}
	switch s := resp.StatusCode; {
	case s == http.StatusGone:
		if !p.gone.Swap(true) {
			p.o.OnGone()
		}
		return fail(m, broker.ErrRejected, err, hintGone)
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable:
		p.pause(resp.Header.Get("Retry-After"))
		return fail(m, broker.ErrUnavailable, err, "")
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusBadGateway, s == http.StatusGatewayTimeout:
		return fail(m, broker.ErrUnavailable, err, "")
	case s/100 == 3:
		err.Location = resp.Header.Get("Location")
		return fail(m, broker.ErrUnavailable, err, "redirects are not followed, change the URL")
	case s/100 == 4:
		return fail(m, broker.ErrRejected, err, "")
	}
	return fail(m, nil, err, "")
}

// pause heeds Retry-After, which is a number of seconds or a date.
func (p *Publisher) pause(retryAfter string) {
	if d := delay(retryAfter, time.Now()); d > 0 {
		p.wait.Store(time.Now().Add(d).UnixNano())
	}
}

func delay(retryAfter string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(retryAfter, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(maxWait/time.Second))) * time.Second
	}
	at, err := http.ParseTime(retryAfter)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxWait)
}
