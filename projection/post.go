package projection

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// The streams of the store in which programs that run a projection are asked for
// something. Their category is not that of the reports, which are listed by it.
const (
	postPrefix  = "$projectionrequests-"
	typeRequest = "$projection-request"
	typeTaken   = "$projection-taken"
	typeAnswer  = "$projection-answer"
	keepPosts   = 100 // events
)

// PostStream is the stream in which the programs that run a projection are asked
// for something by [Post], and answer. Whoever may write to it may ask: it can
// switch readers to another build, and give up parked events. A server takes who
// may write it for who may operate the projection; as the name begins with "$", that
// is administrators, unless the stream's ACL says otherwise.
func PostStream(name string) string { return postPrefix + name }

// How long a request may wait to be taken, by the clock of the store, and how long
// after that there must be an answer.
const (
	takenWithin  = 15 * time.Second
	actWithin    = 30 * time.Second
	answerWithin = actWithin + 15*time.Second // the answer has to be written, too
)

// A PostStore is what is needed of a store to ask through it.
type PostStore interface {
	cairn.Appender
	cairn.Inspector
}

// Post asks the programs that run a projection for something, through the log: by
// somebody who does not know the database that holds the read model. It returns at
// once, with what [Posted] calls the request. Asked and Answer are not looked at.
//
// One of the programs that run now takes the request and carries it out, by the same
// code as [Switch], [Rollback], [Rebuild], [RetryParked] and [DropParked], and says
// what became of it. It is carried out once, or not at all: programs that begin
// later leave it alone, and so do all of them 15 s after it was asked, by the
// clock of the store, as nobody expects it any more. Programs take no requests if
// their options say so, or if the log that they were given cannot be appended to.
func Post(ctx context.Context, store PostStore, name string, q Request) (cairn.ID, error) {
	if err := q.checkPost(name); err != nil {
		return cairn.ID{}, err
	}
	if err := boundPosts(ctx, store, PostStream(name)); err != nil {
		return cairn.ID{}, err
	}
	q.Asked, q.Answer = time.Time{}, nil
	e := cairn.Event{ID: cairn.NewID(), Type: typeRequest, Data: []byte(encode(q))}
	_, err := store.Append(ctx, PostStream(name), cairn.Any, e)
	return e.ID, err
}

// maxBy is how many bytes the name of who asks may have.
const maxBy = 256

func (q *Request) checkPost(name string) error {
	needsBuild := q.What == AskSwitch || q.What == AskRollback || q.What == AskSkip
	known := needsBuild || q.What == AskRetry || q.What == AskRebuild
	switch {
	case !known:
		return &cairn.InvalidError{Field: "what", Problem: fmt.Sprintf("%.40q is none of %s", q.What, strings.Join([]string{AskSwitch, AskRollback, AskRebuild, AskRetry, AskSkip}, ", "))}
	case q.Active <= 0:
		return &cairn.InvalidError{Field: "active", Problem: "must be the number of the build that readers see"}
	case needsBuild && q.Build <= 0:
		return &cairn.InvalidError{Field: "build", Problem: "must be the number of a build"}
	case q.What == AskSkip && q.First == 0:
		return &cairn.InvalidError{Field: "first", Problem: "must be the position of the first event that is parked under the key"}
	case len(q.Key) > maxKey || !utf8.ValidString(q.Key):
		return &cairn.InvalidError{Field: "key", Problem: "must be a text (UTF-8) of at most 8 KiB", Limit: maxKey}
	case len(q.By) > maxBy:
		return &cairn.InvalidError{Field: "by", Problem: "must have at most 256 bytes", Limit: maxBy}
	}
	return checkName("name", name)
}

// boundPosts makes sure that only the last requests are kept. What else is said of
// the stream, its ACL above all, stays.
func boundPosts(ctx context.Context, store PostStore, stream string) error {
	info, err := store.StreamInfo(ctx, stream)
	if err != nil || info.Metadata.MaxCount > 0 {
		return err
	}
	m := info.Metadata
	m.MaxCount = keepPosts
	_, err = cairn.SetMetadata(ctx, store, stream, info.MetadataRevision, m)
	return unlessConflict(err)
}

// A takenData is the event of a program that takes a request, and an answerData that
// of what became of it.
type takenData struct {
	Request cairn.ID `json:"request"`
	By      string   `json:"by"`
}

type answerData struct {
	Request cairn.ID `json:"request"`
	Text    string   `json:"text,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// read is false of what somebody else has written.
func read[T any](e *cairn.Recorded) (data T, ok bool) {
	return data, json.Unmarshal(e.Data, &data) == nil
}
