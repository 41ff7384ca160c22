package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"

	"github.com/cairndb/cairn/server"
	"github.com/cairndb/cairn/server/kurrent"
	"github.com/cairndb/cairn/server/rest"
)

// newServer makes the server of the parts that are there.
func (s *serving) newServer() (err error) {
	o := &server.Options{
		Access:      s.access,
		Insecure:    s.Insecure,
		Instruments: s.instruments,
		Logger:      s.log,
		Kurrent: kurrent.Options{
			MaxAppendSize:      s.MaxAppendSize,
			MaxAppendEventSize: s.MaxAppendEventSize,
			WriteTimeout:       s.WriteTimeout,
			AdvertiseHost:      s.AdvertiseHost,
			AdvertisePort:      s.AdvertisePort,
		},
		REST: rest.Options{CORS: s.CORSOrigins},
		UI:   s.window(),
		Limits: server.Limits{
			Connections:   s.MaxConnections,
			Streams:       s.MaxStreams,
			Reads:         s.MaxReads,
			MessageSize:   s.MaxMessageSize,
			HandshakeTime: s.HandshakeTimeout,
			HeaderTime:    s.HeaderTimeout,
			IdleTime:      s.IdleTimeout,
		},
	}
	if o.TLS, err = s.encryption(); err != nil {
		return err
	}
	s.server, err = server.New(s.store, o)
	return err
}

// encryption is nil if nothing is encrypted.
func (s *serving) encryption() (*tls.Config, error) {
	if !s.Secure() {
		return nil, nil
	}
	return server.LoadTLS(server.CertificateFiles{Certificate: s.TLSCert, Key: s.TLSKey, ClientCA: s.TLSCA, Logger: s.log})
}

// exposed says what to do about a server that would be unprotected.
func exposed(err error) error {
	if errors.Is(err, server.ErrExposed) {
		return hinted(err, "encrypt with --tls-cert and --tls-key, or listen on 127.0.0.1, or accept that everybody may do everything with --insecure")
	}
	return err
}

// collector is the host and port of a URL that traces are sent to, and whether
// they are sent without encryption.
func collector(endpoint string) (host string, plain bool, err error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false, fmt.Errorf("%q is not a URL such as http://localhost:4317", endpoint)
	}
	return u.Host, u.Scheme == "http", nil
}
