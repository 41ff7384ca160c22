package webhook_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/webhook"
)

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"1.1.1.1": true, "93.184.216.34": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "fec0::1": false,
		"::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:db8::1": false, "::a00:1": false,
	} {
		if got := webhook.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// What a name leads to is looked at when it is connected to.
func TestANameThatLeadsInside(t *testing.T) {
	t.Parallel()
	o, asked := serve(t, answers(204))
	o.AllowPrivate = false
	o.URL = strings.Replace(o.URL, "127.0.0.1", "localhost", 1)
	err := publisher(t, o).Publish(t.Context(), message("1"))
	refused(t, err, broker.ErrUnavailable, "AllowPrivate")
	if !errors.Is(err, webhook.ErrPrivate) || asked.Load() != 0 {
		t.Errorf("got %v after %d requests", err, asked.Load())
	}
}
