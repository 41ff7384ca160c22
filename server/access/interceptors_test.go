package access_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/server/access"
)

func incoming(ctx context.Context, headers ...string) context.Context {
	md := metadata.MD{}
	md.Append("authorization", headers...)
	return metadata.NewIncomingContext(ctx, md)
}

// certified is the context of a call with a client's certificate.
func certified(ctx context.Context, name string) context.Context {
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}, VerifiedChains: [][]*x509.Certificate{{leaf}}}
	return peer.NewContext(ctx, &peer.Peer{AuthInfo: credentials.TLSInfo{State: state}})
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

func TestInterceptors(t *testing.T) {
	secure, _ := newControl(t, access.Options{})
	for _, test := range []struct {
		name string
		c    *access.Control
		ctx  context.Context
		want string
		code codes.Code
	}{
		{"right", secure, incoming(t.Context(), basic("ops", "changeit")), "ops", codes.OK},
		{"nothing", secure, t.Context(), "", codes.OK},
		{"wrong", secure, incoming(t.Context(), basic("ops", "wrong")), "", codes.Unauthenticated},
		{"two", secure, incoming(t.Context(), basic("ops", "changeit"), basic("admin", "changeit")), "", codes.Unauthenticated},
		{"a certificate", secure, certified(t.Context(), "ops"), "ops", codes.OK},
		{"no connection to speak of", secure, peer.NewContext(t.Context(), &peer.Peer{}), "", codes.OK},
		{"insecure", access.Open(), incoming(t.Context(), "nonsense"), "admin", codes.OK},
	} {
		t.Run(test.name, func(t *testing.T) {
			called := access.Principal{Name: "nobody was called"}
			_, unary := test.c.UnaryInterceptor()(test.ctx, nil, nil, func(ctx context.Context, _ any) (any, error) {
				called = access.From(ctx)
				return nil, nil
			})
			checkCall(t, called, unary, test.want, test.code)
			called = access.Principal{Name: "nobody was called"}
			streamed := test.c.StreamInterceptor()(nil, stream{ctx: test.ctx}, nil, func(_ any, s grpc.ServerStream) error {
				ctx, cancel := context.WithCancel(s.Context()) // what is derived knows, too
				defer cancel()
				called = access.From(ctx)
				return nil
			})
			checkCall(t, called, streamed, test.want, test.code)
		})
	}
}

func checkCall(t *testing.T, called access.Principal, err error, want string, code codes.Code) {
	t.Helper()
	if status.Code(err) != code {
		t.Fatalf("got %v", err)
	}
	if code == codes.OK && called.Name != want {
		t.Errorf("the caller is %q", called.Name)
	}
	if code != codes.OK && (called.Name != "nobody was called" || status.Convert(err).Message() != "Unauthenticated") {
		t.Errorf("refused with %v; the caller was %q", err, called.Name)
	}
}

func TestInterceptorsWithoutAStore(t *testing.T) {
	c, store := newControl(t, access.Options{})
	_ = store.Close()
	_, err := c.UnaryInterceptor()(incoming(t.Context(), basic("ops", "changeit")), nil, nil, nil)
	if status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestMiddleware(t *testing.T) {
	secure, _ := newControl(t, access.Options{})
	for _, test := range []struct {
		name    string
		c       *access.Control
		headers []string
		want    string
		code    int
	}{
		{"right", secure, []string{basic("ops", "changeit")}, "ops", 200},
		{"nothing", secure, nil, "", 200},
		{"wrong", secure, []string{basic("ops", "wrong")}, "", 401},
		{"two", secure, []string{basic("ops", "changeit"), "x"}, "", 401},
		{"insecure", access.Open(), []string{"x", "y"}, "admin", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := test.c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(access.From(r.Context()).Name))
			}))
			r := httptest.NewRequest("GET", "/", nil)
			r.Header["Authorization"] = test.headers
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != test.code || w.Code == 200 && w.Body.String() != test.want {
				t.Errorf("got %d %q", w.Code, w.Body)
			}
			if got := w.Header().Get("WWW-Authenticate"); (got == `X-Basic realm="ESDB"`) != (test.code == 401) {
				t.Errorf("the challenge is %q", got)
			}
		})
	}
}

func TestMiddlewareWithoutAStore(t *testing.T) {
	c, store := newControl(t, access.Options{})
	_ = store.Close()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", basic("ops", "changeit"))
	w := httptest.NewRecorder()
	c.Middleware(nil).ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d", w.Code)
	}
}
