package access

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"slices"

	"github.com/cairndb/cairn"
)

// administrator is who calls an insecure server.
var administrator = Principal{Name: "admin", Groups: []string{Admins}}

// Authenticate finds out who calls from the value of an Authorization header,
// which may be empty, and from the state of the connection, which is nil without
// TLS. A header counts for more than a client certificate, whose common name is
// that of a user. It fails with [ErrUnauthenticated], with [ErrBusy], or with an
// error of the store.
func (c *Control) Authenticate(ctx context.Context, authorization string, conn *tls.ConnectionState) (Principal, error) {
	switch {
	case c.Insecure():
		return administrator, nil
	case authorization != "":
		return c.byHeader(ctx, authorization)
	}
	if login, ok := certified(conn); ok {
		return c.byCertificate(ctx, login)
	}
	return Principal{}, nil
}

func (c *Control) byHeader(ctx context.Context, header string) (Principal, error) {
	login, password, ok := parseHeader(header)
	if !ok {
		return Principal{}, ErrUnauthenticated
	}
	user, err := c.users.get(ctx, userStream(login))
	if err != nil {
		return Principal{}, err
	}
	right, err := c.verdicts.judge(ctx, c.verdicts.fingerprint(header), user.revision, func(ctx context.Context) (bool, error) {
		return c.hasher.verify(ctx, user.hash, password)
	})
	if err != nil {
		return Principal{}, err
	}
	if !right || !user.active() {
		return Principal{}, ErrUnauthenticated
	}
	return user.principal(), nil
}

func (c *Control) byCertificate(ctx context.Context, login string) (Principal, error) {
	if validateLogin(login) != nil {
		return Principal{}, ErrUnauthenticated
	}
	user, err := c.users.get(ctx, userStream(login))
	if err != nil {
		return Principal{}, err
	}
	if !user.active() {
		return Principal{}, ErrUnauthenticated
	}
	return user.principal(), nil
}

// certified is the common name of a client's certificate, if one was verified
// that is for clients.
func certified(conn *tls.ConnectionState) (name string, ok bool) {
	if conn == nil || len(conn.VerifiedChains) == 0 || len(conn.PeerCertificates) == 0 {
		return "", false
	}
	leaf := conn.PeerCertificates[0]
	return leaf.Subject.CommonName, slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
}

func (c *Control) loadUser(ctx context.Context, info cairn.StreamInfo) (record, error) {
	return loadRecord(ctx, c.store, info)
}

// active reports whether the user exists and may call.
func (r *record) active() bool { return r.exists && !r.Disabled }

func (r *record) principal() Principal { return Principal{Name: r.Login, Groups: r.Groups} }
