package kurrent_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/gossip"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/server/kurrent"
)

// TestGossip: a server that is alone says that it leads, and where it is.
func TestGossip(t *testing.T) {
	for name, tt := range map[string]struct {
		options kurrent.Options
		called  string
		host    string
		port    uint32
	}{
		"as it was called":   {kurrent.Options{}, "events.example:2115", "events.example", 2115},
		"called by number":   {kurrent.Options{}, "[::1]:2115", "::1", 2115},
		"called without":     {kurrent.Options{}, "events.example", "events.example", 2113},
		"advertised":         {kurrent.Options{AdvertiseHost: "outside", AdvertisePort: 99}, "inside:2115", "outside", 99},
		"advertised host":    {kurrent.Options{AdvertiseHost: "outside"}, "inside:2115", "outside", 2115},
		"advertised port":    {kurrent.Options{AdvertisePort: 99}, "inside:2115", "inside", 99},
		"a port that is not": {kurrent.Options{}, "inside:99999999", "inside", 2113},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, tt.options)
			got, err := gossip.NewGossipClient(p.conn).Read(t.Context(), &shared.Empty{}, grpc.CallAuthority(tt.called))
			if err != nil || len(got.GetMembers()) != 1 {
				t.Fatalf("got %v, %v", got, err)
			}
			m := got.GetMembers()[0]
			if m.GetState() != gossip.MemberInfo_Leader || !m.GetIsAlive() {
				t.Errorf("it is %v, alive %v", m.GetState(), m.GetIsAlive())
			}
			if e := m.GetHttpEndPoint(); e.GetAddress() != tt.host || e.GetPort() != tt.port {
				t.Errorf("it is at %s port %d, want %s port %d", e.GetAddress(), e.GetPort(), tt.host, tt.port)
			}
			if age := time.Since(time.Unix(0, m.GetTimeStamp()*100)); age < 0 || age > time.Minute {
				t.Errorf("it says it is %v ago", age)
			}
			info, err := p.store.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if id := m.GetInstanceId().GetStructured(); uint64(id.GetMostSignificantBits()) != binary.BigEndian.Uint64(info.ID[:8]) ||
				uint64(id.GetLeastSignificantBits()) != binary.BigEndian.Uint64(info.ID[8:]) {
				t.Errorf("its ID is %v, the store's %v", id, info.ID)
			}
		})
	}
}

// TestGossipOfAClosedStore is an error, not a member.
func TestGossipOfAClosedStore(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	if err := p.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := gossip.NewGossipClient(p.conn).Read(t.Context(), &shared.Empty{})
	if status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}
