package server

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc/credentials"
)

// handshaken tells gRPC about the encryption of connections whose handshake is
// behind them.
type handshaken struct{}

// ServerHandshake implements [credentials.TransportCredentials].
func (handshaken) ServerHandshake(c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	ours, ok := c.(*conn)
	if !ok {
		return nil, nil, errors.New("server: a connection from elsewhere")
	}
	state := ours.secure()
	if state == nil {
		return c, nil, nil
	}
	level := credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}
	return c, credentials.TLSInfo{State: *state, CommonAuthInfo: level}, nil
}

// ClientHandshake implements [credentials.TransportCredentials].
func (handshaken) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.ErrUnsupported
}

// Info implements [credentials.TransportCredentials].
func (handshaken) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "tls"}
}

// Clone implements [credentials.TransportCredentials].
func (h handshaken) Clone() credentials.TransportCredentials { return h }

// OverrideServerName implements [credentials.TransportCredentials].
func (handshaken) OverrideServerName(string) error { return errors.ErrUnsupported }
