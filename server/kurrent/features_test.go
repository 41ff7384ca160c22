package kurrent_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/projections"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/serverfeatures"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// TestSupportedMethods: clients are told of all that is registered and of
// nothing else.
func TestSupportedMethods(t *testing.T) {
	p := newPeer(t, kurrent.Options{Version: "25.7.9"})
	got, err := serverfeatures.NewServerFeaturesClient(p.conn).GetSupportedMethods(t.Context(), &shared.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	if got.GetEventStoreServerVersion() != "25.7.9" {
		t.Errorf("the version is %s", got.GetEventStoreServerVersion())
	}
	var told []string
	features := map[string]string{}
	for _, m := range got.GetMethods() {
		name := m.GetServiceName() + "/" + m.GetMethodName()
		told = append(told, name)
		if len(m.GetFeatures()) > 0 {
			features[name] = strings.Join(m.GetFeatures(), " ")
		}
	}
	want := registered(p)
	slices.Sort(told)
	if !slices.Equal(told, want) {
		t.Errorf("told are\n%s\nregistered are\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	for _, name := range []string{
		"event_store.client.streams.streams/batchappend",
		"event_store.client.persistent_subscriptions.persistentsubscriptions/truncateparked",
		"kurrentdb.protocol.v2.streams.streamsservice/appendsession",
		"kurrentdb.protocol.v2.streams.streamsservice/appendrecords",
		"event_store.client.server_features.serverfeatures/getsupportedmethods",
	} {
		if !slices.Contains(told, name) {
			t.Errorf("%s is missing", name)
		}
	}
	for name, has := range features {
		if strings.HasPrefix(name, "event_store.client.persistent_subscriptions.persistentsubscriptions/") {
			equal(t, name, has, "stream all")
			delete(features, name)
		}
	}
	if len(features) != 2 || features["event_store.client.streams.streams/read"] != "position events" ||
		features["event_store.client.streams.streams/batchappend"] != "deadline_duration" {
		t.Errorf("the features are %v", features)
	}
}

// registered is what a service puts into a server.
func registered(p *peer) (all []string) {
	server := grpc.NewServer()
	kurrent.New(p.store, access.Open(), kurrent.Options{}).Register(server)
	for service, info := range server.GetServiceInfo() {
		for _, m := range info.Methods {
			all = append(all, strings.ToLower(service+"/"+m.Name))
		}
	}
	slices.Sort(all)
	return all
}

// TestDefaultVersion is one that clients can read: three numbers.
func TestDefaultVersion(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	got, err := serverfeatures.NewServerFeaturesClient(p.conn).GetSupportedMethods(t.Context(), &shared.Empty{})
	if err != nil || got.GetEventStoreServerVersion() != kurrent.DefaultVersion || strings.Count(kurrent.DefaultVersion, ".") != 2 {
		t.Errorf("got %s, %v", got.GetEventStoreServerVersion(), err)
	}
}

// TestNotServed: what is not there is answered as clients expect of a server
// that does not know it.
func TestNotServed(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	_, err := projections.NewProjectionsClient(p.conn).Create(t.Context(), &projections.CreateReq{})
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}
}
