package mqtt

import (
	"crypto/tls"
	"fmt"
	"math"
	"net/url"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker/internal/lane"
)

// A Connection says how to reach a broker.
type Connection struct {
	// URL is like mqtt://host:1883, mqtts://host:8883 for TLS, or ws:// and
	// wss:// for WebSockets.
	URL string

	// User and Password may be empty, if the broker wants none.
	User     string
	Password string

	// TLS is for mqtts and wss. Nil trusts what the system trusts.
	TLS *tls.Config

	// KeepAlive is how long the connection may be silent before it is tested.
	// Zero means 15 s; at least 1 s, at most 18 h.
	KeepAlive time.Duration

	// Timeout is for connecting and for each acknowledgement. Zero means 10 s.
	Timeout time.Duration

	// Reconnect is how long to wait after so many failures in a row. Nil means
	// a time that doubles from 100 ms to 30 s.
	Reconnect func(failures int) time.Duration

	// OnConnection, if not nil, is told nil of every new connection, and
	// otherwise why there is none, or none any more. It must be quick.
	OnConnection func(error)
}

// An InvalidError is an option that cannot be.
type InvalidError struct {
	Field  string
	Reason string
}

// Error says which and why.
func (e *InvalidError) Error() string { return fmt.Sprintf("mqtt: %s %s", e.Field, e.Reason) }

func invalid(field, reason string) error { return &InvalidError{Field: field, Reason: reason} }

var schemes = map[string]bool{"mqtt": true, "tcp": true, "mqtts": true, "tls": true, "ssl": true, "ws": true, "wss": true}

// withDefaults checks what can be checked without a broker.
func (o Connection) withDefaults() (Connection, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || !schemes[u.Scheme]:
		return o, invalid("URL", "must be like mqtt://host:1883 or mqtts://host:8883")
	case u.User != nil:
		return o, invalid("URL", "must have no user or password; use User and Password")
	case o.KeepAlive != 0 && (o.KeepAlive < time.Second || o.KeepAlive > math.MaxUint16*time.Second):
		return o, invalid("KeepAlive", "must be from 1 s to 18 h")
	case o.Timeout < 0:
		return o, invalid("Timeout", "must not be negative")
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = 15 * time.Second
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Reconnect == nil {
		o.Reconnect = lane.Backoff(100*time.Millisecond, 30*time.Second)
	}
	if o.OnConnection == nil {
		o.OnConnection = func(error) {}
	}
	return o, nil
}

// config is what publisher and subscriber have in common.
func (o *Connection) config(l *link) autopaho.ClientConfig {
	u, _ := url.Parse(o.URL) // it was parsed before
	return autopaho.ClientConfig{
		ServerUrls:       []*url.URL{u},
		TlsCfg:           o.TLS,
		KeepAlive:        uint16(o.KeepAlive / time.Second),
		ConnectTimeout:   o.Timeout,
		ConnectUsername:  o.User,
		ConnectPassword:  []byte(o.Password),
		ReconnectBackoff: func(int) time.Duration { return l.pause() },
		OnConnectionUp:   l.up,
		OnConnectionDown: l.down,
		OnConnectError:   l.failed,
		ClientConfig: paho.ClientConfig{
			PacketTimeout:      o.Timeout,
			OnClientError:      func(err error) { l.remark(err) },
			OnServerDisconnect: func(d *paho.Disconnect) { l.remark(disconnected(d)) },
		},
	}
}
