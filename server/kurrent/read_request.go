package kurrent

import (
	"math"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
)

// allStream is what the log as a whole is called where a stream is expected.
const allStream = "$all"

// A readRequest is what a client asks for, checked.
type readRequest struct {
	stream   string // empty means the log
	start    startAt
	backward bool
	resolve  bool
	limit    int // of a read that ends; zero is no limit
	follow   bool
	filter   *filter // nil means everything
	text     bool    // IDs are sent as text
	details  bool    // the client understands where a stream begins and ends
}

// A startAt is where a read begins: at the start, at the end, or at a place.
type startAt struct {
	end      bool
	given    bool
	revision cairn.Revision // of a stream
	position cairn.Position // of the log
	before   bool           // the place lies just before the position, not on it
}

// parseRead checks a request. What it combines wrongly is an invalid argument.
func parseRead(o *streams.ReadReq_Options) (r readRequest, err error) {
	if err := r.parseCombination(o); err != nil {
		return r, err
	}
	if o.GetUuidOption().GetContent() == nil {
		return r, invalidArgument("a UUID option is required")
	}
	_, r.text = o.GetUuidOption().GetContent().(*streams.ReadReq_Options_UUIDOption_String_)
	r.backward = o.GetReadDirection() == streams.ReadReq_Options_Backwards
	r.resolve = o.GetResolveLinks()
	r.details = o.GetControlOption().GetCompatibility() >= 1
	if err := r.parseCount(o); err != nil {
		return r, err
	}
	if err := r.parseStart(o); err != nil {
		return r, err
	}
	if f := o.GetFilter(); f != nil {
		r.filter, err = parseFilter(f, r.follow)
	}
	return r, err
}

// parseCombination refuses what does not go together.
func (r *readRequest) parseCombination(o *streams.ReadReq_Options) error {
	_, stream := o.GetStreamOption().(*streams.ReadReq_Options_Stream)
	_, all := o.GetStreamOption().(*streams.ReadReq_Options_All)
	_, r.follow = o.GetCountOption().(*streams.ReadReq_Options_Subscription)
	_, count := o.GetCountOption().(*streams.ReadReq_Options_Count)
	_, filtered := o.GetFilterOption().(*streams.ReadReq_Options_Filter)
	forwards := o.GetReadDirection() == streams.ReadReq_Options_Forwards
	switch {
	case !forwards && o.GetReadDirection() != streams.ReadReq_Options_Backwards,
		!stream && !all, !count && !r.follow, o.GetFilterOption() == nil,
		stream && filtered, r.follow && !forwards:
		return invalidArgument("The combination of options of this read is invalid.")
	}
	return nil
}

func (r *readRequest) parseCount(o *streams.ReadReq_Options) error {
	if r.follow {
		return nil
	}
	switch n := o.GetCount(); {
	case n == 0:
		return unhandled()
	case n <= math.MaxInt:
		r.limit = int(n)
	}
	return nil
}

func (r *readRequest) parseStart(o *streams.ReadReq_Options) error {
	if all := o.GetAll(); all != nil {
		return r.start.parseAll(all)
	}
	at := o.GetStream()
	if at.GetStreamIdentifier() == nil {
		return invalidArgument("a stream identifier is required")
	}
	r.stream = string(at.GetStreamIdentifier().GetStreamName())
	if err := cairn.ValidateStream("stream", r.stream); err != nil {
		return err
	}
	return r.start.parseStream(at, r.follow)
}

// parseStream finds where to begin in a stream. A subscription may leave it out.
func (s *startAt) parseStream(o *streams.ReadReq_Options_StreamOptions, follow bool) error {
	switch at := o.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		s.given, s.revision = true, cairn.Revision(min(at.Revision, math.MaxInt64))
		s.end = at.Revision == math.MaxUint64
	case *streams.ReadReq_Options_StreamOptions_End:
		s.end = true
	case *streams.ReadReq_Options_StreamOptions_Start:
	default:
		if !follow {
			return unhandled()
		}
	}
	return nil
}

// parseAll finds where to begin in the log. A position whose prepare position is
// smaller lies just before the event at its commit position.
func (s *startAt) parseAll(o *streams.ReadReq_Options_AllOptions) error {
	switch at := o.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		commit, prepare := at.Position.GetCommitPosition(), at.Position.GetPreparePosition()
		if prepare > commit {
			return invalidArgument("prepare position %d is beyond commit position %d", prepare, commit)
		}
		s.given, s.position, s.before = true, cairn.Position(commit), prepare < commit
		s.end = prepare == math.MaxUint64
	case *streams.ReadReq_Options_AllOptions_End:
		s.end = true
	case *streams.ReadReq_Options_AllOptions_Start:
	default:
		return unhandled()
	}
	return nil
}
