package kurrent

import (
	"context"
	"strings"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/serverfeatures"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"google.golang.org/grpc"
)

// noted notes what is registered, so that clients are told of that and of
// nothing else.
type noted struct {
	grpc.ServiceRegistrar
	methods []*serverfeatures.SupportedMethod
}

// features are what clients look for besides a method's name.
var features = map[string][]string{
	"event_store.client.streams.streams/read":        {"position", "events"},
	"event_store.client.streams.streams/batchappend": {"deadline_duration"},
}

// RegisterService implements [grpc.ServiceRegistrar].
func (n *noted) RegisterService(d *grpc.ServiceDesc, srv any) {
	for _, m := range d.Methods {
		n.note(d.ServiceName, m.MethodName)
	}
	for _, m := range d.Streams {
		n.note(d.ServiceName, m.StreamName)
	}
	n.ServiceRegistrar.RegisterService(d, srv)
}

func (n *noted) note(service, method string) {
	service, method = strings.ToLower(service), strings.ToLower(method)
	has := features[service+"/"+method]
	if service == strings.ToLower(persistentDescription.ServiceName) {
		has = []string{"stream", "all"}
	}
	n.methods = append(n.methods, &serverfeatures.SupportedMethod{ServiceName: service, MethodName: method, Features: has})
}

// featuresServer is the ServerFeatures service.
type featuresServer struct {
	serverfeatures.UnimplementedServerFeaturesServer
	*Service
	noted *noted
}

// GetSupportedMethods implements the call of that name. Everybody may ask: it is
// the first thing clients do.
func (s *featuresServer) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	return &serverfeatures.SupportedMethods{Methods: s.noted.methods, EventStoreServerVersion: s.opts.Version}, nil
}
