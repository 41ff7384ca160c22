package cairntest

import (
	"net/url"

	"github.com/cairndb/cairn"
)

// Addr is the host and port where the server listens.
func (s *Server) Addr() string { return s.addr }

// Store is the store that is served.
func (s *Server) Store() cairn.Store { return s.store }

// KurrentDB is the connection string for a client of KurrentDB. With [TLS] it
// names the user admin.
func (s *Server) KurrentDB() string {
	if s.certs == nil {
		return "kurrentdb://" + s.addr + "?tls=false"
	}
	return "kurrentdb://admin:changeit@" + s.addr + "?tls=true&tlsCaFile=" + url.QueryEscape(s.certs.file)
}

// Cairn is the connection string for Cairn's own client. With [TLS] it names the
// user admin.
func (s *Server) Cairn() string {
	if s.certs == nil {
		return "cairn://" + s.addr + "?tls=false"
	}
	return "cairn://admin:changeit@" + s.addr + "?tls=true&tlsCaFile=" + url.QueryEscape(s.certs.file)
}

// HTTP is the URL that requests over HTTP begin with, such as
// http://127.0.0.1:33123.
func (s *Server) HTTP() string {
	if s.certs == nil {
		return "http://" + s.addr
	}
	return "https://" + s.addr
}

// CAFile is the file with the certificate that vouches for the server's; empty
// without [TLS].
func (s *Server) CAFile() string {
	if s.certs == nil {
		return ""
	}
	return s.certs.file
}
