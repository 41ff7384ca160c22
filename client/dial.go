package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
)

// Options are the settings of a client. The zero value is right for most.
type Options struct {
	// MaxWait is how long a call waits for a server while there is no
	// connection. Followers wait for as long as their context lets them. Zero
	// means 30 seconds.
	MaxWait time.Duration

	// Logger is told of connections that break and come back, which nobody is
	// there to receive as an error. Nil is silent.
	Logger *slog.Logger

	// Dial are further settings of the connection, such as interceptors that
	// measure or a dialer.
	Dial []grpc.DialOption
}

func (o *Options) withDefaults() Options {
	var all Options
	if o != nil {
		all = *o
	}
	if all.MaxWait <= 0 {
		all.MaxWait = 30 * time.Second
	}
	if all.Logger == nil {
		all.Logger = slog.New(slog.DiscardHandler)
	}
	return all
}

// Dial connects to the server at a URL, which [ParseURL] describes. Options may be
// nil.
//
// It returns when the server has answered. While there is none it tries again,
// until ctx ends; the error then says what stood in the way. It fails at once if
// waiting cannot help: a server that refuses the user, shows a certificate that
// is not trusted, or speaks another protocol.
func Dial(ctx context.Context, url string, o *Options) (*Client, error) {
	a, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	return Connect(ctx, a, o)
}

// Connect is [Dial] for an address that was made otherwise.
func Connect(ctx context.Context, a Address, o *Options) (*Client, error) {
	options := o.withDefaults()
	conn, err := grpc.NewClient(a.Host, append(settings(a), options.Dial...)...)
	if err != nil {
		return nil, fmt.Errorf("client: %s: %w", a, err)
	}
	stub := cairnv1.NewStoreClient(conn)
	info, err := reach(ctx, a, stub)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return open(a, options, conn, stub, cairn.ID(info.Store)), nil
}

// quiet is after how much silence a connection is tested.
const quiet = 10 * time.Second

func settings(a Address) []grpc.DialOption {
	security := insecure.NewCredentials()
	if a.TLS != nil {
		security = credentials.NewTLS(a.TLS)
	}
	all := []grpc.DialOption{
		grpc.WithTransportCredentials(security),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: quiet, Timeout: quiet}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		// How much of a read is fetched ahead, and so kept for a slow reader.
		grpc.WithInitialWindowSize(512 << 10), grpc.WithInitialConnWindowSize(8 << 20),
		grpc.WithDisableServiceConfig(),
		grpc.WithIdleTimeout(0),
	}
	if a.User != "" {
		all = append(all, grpc.WithPerRPCCredentials(basic{a}))
	}
	return all
}

// basic proves who calls by name and password.
type basic struct{ Address }

func (b basic) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	pair := base64.StdEncoding.EncodeToString([]byte(b.User + ":" + b.Password))
	return map[string]string{"authorization": "Basic " + pair}, nil
}

// RequireTransportSecurity lets a password travel in clear text where TLS was
// turned off: that was the user's word.
func (b basic) RequireTransportSecurity() bool { return b.TLS != nil }

// reach asks until the server answers.
func reach(ctx context.Context, a Address, stub cairnv1.StoreClient) (*cairnv1.InfoResponse, error) {
	pause := pacer{}
	for {
		info, err := stub.Info(ctx, &cairnv1.InfoRequest{})
		if err == nil && len(info.Store) == len(cairn.ID{}) {
			return info, nil
		}
		if err == nil {
			err = status.Error(codes.Unimplemented, "the answer names no store")
		}
		if last := final(err); last != nil {
			return nil, last
		}
		if hint, hopeless := diagnose(err); hopeless {
			return nil, fmt.Errorf("client: %s: %w%s", a, err, hint)
		}
		if pause.wait(ctx) != nil {
			return nil, unavailable(a.Host, fmt.Errorf("%w; %w", err, context.Cause(ctx)))
		}
	}
}

// diagnose finds out whether it makes no sense to try again, and what may help.
func diagnose(err error) (hint string, hopeless bool) {
	text := status.Convert(err).Message()
	switch {
	case strings.Contains(text, "first record does not look like a TLS handshake"):
		return "; if the server uses no TLS, say tls=false", true
	case strings.Contains(text, "certificate signed by unknown authority"):
		return "; name the authority's certificate with tlsCaFile", true
	case strings.Contains(text, "tls: failed to verify certificate"), strings.Contains(text, "remote error: tls:"):
		return "", true
	case strings.Contains(text, "error reading server preface"):
		return "; if the server uses TLS, do not say tls=false", false
	}
	return "", false
}
