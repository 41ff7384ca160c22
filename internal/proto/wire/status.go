package wire

import (
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// errorURL is how the details of a status name an Error.
const errorURL = "type.googleapis.com/cairn.v1.Error"

// ToStatus makes an error that gRPC sends with the code and, for clients that
// understand it, with all that err says.
func ToStatus(code codes.Code, err error) error {
	detail := &anypb.Any{TypeUrl: errorURL, Value: AppendError(nil, err)}
	return grpcstatus.FromProto(&status.Status{Code: int32(code), Message: err.Error(), Details: []*anypb.Any{detail}}).Err()
}

// FromStatus is the error that [ToStatus] was given, or nil if the error of a
// call does not come from there.
func FromStatus(err error) error {
	s, ok := grpcstatus.FromError(err)
	if !ok {
		return nil
	}
	for _, detail := range s.Proto().GetDetails() {
		if detail.GetTypeUrl() != errorURL {
			continue
		}
		original, malformed := ParseError(detail.GetValue(), &Names{})
		if malformed != nil {
			return malformed
		}
		return original
	}
	return nil
}
