package rest

import (
	"math"
	"net/http"
	"strconv"

	"github.com/cairndb/cairn"
)

// maxEventID is the largest Last-Event-ID: that of the event that closes a
// stream comes after it.
const maxEventID = math.MaxInt64 - 1

// lastEventID is where a follower was cut off, if it was.
func lastEventID(r *http.Request) (last uint64, ok bool, err error) {
	s := r.Header.Get("Last-Event-ID")
	if s == "" {
		return 0, false, nil
	}
	if last, err = parseNumber(s, maxEventID); err != nil {
		return 0, false, wrong("Last-Event-ID", "%v", err)
	}
	return last, true, nil
}

// appendMessage appends a server-sent event. The data is on one line.
func appendMessage(dst []byte, name, id string, data []byte) []byte {
	if id != "" {
		dst = append(append(append(dst, "id: "...), id...), '\n')
	}
	dst = append(append(dst, "event: "...), name...)
	dst = append(append(dst, "\ndata: "...), data...)
	return append(dst, "\n\n"...)
}

// appendSent appends a stored event. It is called "message", which is what a
// browser listens to without being told; its type is in the data.
func appendSent(dst []byte, id uint64, e *cairn.Recorded) []byte {
	dst = append(dst, "id: "...)
	dst = strconv.AppendUint(dst, id, 10)
	dst = append(dst, "\nevent: message\ndata: "...)
	return append(appendEvent(dst, e), "\n\n"...)
}

// appendStanding appends the event that a follower of a stream has caught up.
// An empty stream has no place to resume at.
func appendStanding(dst []byte, at cairn.Revision) []byte {
	id := ""
	if at >= 0 {
		id = strconv.FormatInt(int64(at), 10)
	}
	return appendMessage(dst, "caught-up", id, []byte(`{"revision":`+string(mustJSON(standing(at)))+`}`))
}

// appendProgress appends an event that says how far the log was read.
func appendProgress(dst []byte, name string, p cairn.Position) []byte {
	id := position(p)
	return appendMessage(dst, name, id, []byte(`{"position":`+id+`}`))
}
