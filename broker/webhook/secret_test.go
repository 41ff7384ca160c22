package webhook_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/cairndb/cairn/broker/webhook"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func TestSignaturesHoldWithAnyOfTheSecrets(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	if err := webhook.Sign(h, []string{oldSecret, newSecret}, "msg_1", noon, []byte("body")); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{oldSecret, newSecret} {
		if err := webhook.Verify(h, []string{s}, noon, []byte("body")); err != nil {
			t.Error(err)
		}
	}
	if n := len(strings.Fields(h.Get("webhook-signature"))); n != 2 {
		t.Errorf("%d signatures", n)
	}
}

// The library of the standard reads what is signed here.
func TestTheStandardAgrees(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	if err := webhook.Sign(h, []string{newSecret}, "msg_1", time.Now(), []byte("body")); err != nil {
		t.Fatal(err)
	}
	w, err := standardwebhooks.NewWebhook(newSecret)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Verify([]byte("body"), h); err != nil {
		t.Error(err)
	}
}

func TestSignaturesThatDoNotHold(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	for name, c := range map[string]struct {
		change func(http.Header)
		now    time.Time
		body   string
	}{
		"another body":      {body: "other"},
		"too old":           {now: noon.Add(6 * time.Minute)},
		"from tomorrow":     {now: noon.Add(-6 * time.Minute)},
		"no ID":             {change: set("webhook-id", "")},
		"another ID":        {change: set("webhook-id", "msg_2")},
		"no timestamp":      {change: set("webhook-timestamp", "")},
		"another timestamp": {change: set("webhook-timestamp", "1777636801")},
		"a strange number":  {change: set("webhook-timestamp", "+1777636800")},
		"a huge number":     {change: set("webhook-timestamp", "9223372036854775807")},
		"a tiny number":     {change: set("webhook-timestamp", "-9223372036854775808")},
		"no signature":      {change: set("webhook-signature", "")},
		"another version":   {change: func(h http.Header) { h.Set("webhook-signature", "v2"+h.Get("webhook-signature")[2:]) }},
		"half a signature":  {change: func(h http.Header) { h.Set("webhook-signature", h.Get("webhook-signature")[:20]) }},
	} {
		h := http.Header{}
		if err := webhook.Sign(h, []string{newSecret}, "msg_1", noon, []byte("body")); err != nil {
			t.Fatal(err)
		}
		body, now := "body", noon
		if c.change != nil {
			c.change(h)
		}
		if c.body != "" {
			body = c.body
		}
		if !c.now.IsZero() {
			now = c.now
		}
		if err := webhook.Verify(h, []string{newSecret}, now, []byte(body)); !errors.Is(err, webhook.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the headers are, they hold only as they were made.
func FuzzVerify(f *testing.F) {
	good := http.Header{}
	if err := webhook.Sign(good, []string{newSecret}, "msg_1", noon, []byte("body")); err != nil {
		f.Fatal(err)
	}
	id, at, signature := good.Get("webhook-id"), good.Get("webhook-timestamp"), good.Get("webhook-signature")
	f.Add(id, at, signature, []byte("body"))
	f.Add(id, at, "v1,x "+signature, []byte("body"))
	f.Add("", "-1", "v1", []byte{})
	f.Fuzz(func(t *testing.T, i, a, s string, body []byte) {
		h := http.Header{"Webhook-Id": {i}, "Webhook-Timestamp": {a}, "Webhook-Signature": {s}}
		if err := webhook.Verify(h, []string{newSecret}, noon, body); err == nil &&
			(i != id || a != at || string(body) != "body" || !strings.Contains(s, signature[3:])) {
			t.Fatalf("%q %q %q %q holds", i, a, s, body)
		}
	})
}
