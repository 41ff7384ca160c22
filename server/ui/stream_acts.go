package ui

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// maxForm is how many bytes a form may have.
const maxForm = 1 << 20

// A confirmation asks once before something is done that cannot be undone by
// doing the opposite.
type confirmation struct {
	Title  string
	Says   []string
	Action string
	Fields map[string]string
	Button string
	Back   string
}

func (u *ui) confirm(w http.ResponseWriter, r *http.Request, section string, c confirmation) error {
	return u.render(w, r, "confirm", view{Title: c.Title, Section: section, Data: c})
}

// expectedRevision reads where the page saw the stream stand, so that what is
// done is done to what was seen.
func expectedRevision(r *http.Request) (cairn.Revision, error) {
	n, err := position("expected", r.PostFormValue("expected"))
	return cairn.Revision(n), err
}

func (u *ui) streamAppend(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	stream, err := u.streamOf(r, access.Write)
	if err != nil {
		return err
	}
	expected, err := expectedRevision(r)
	if err != nil {
		return err
	}
	data := r.PostFormValue("data")
	if data != "" && !json.Valid([]byte(data)) {
		return wrong("data", "is not JSON; nothing was appended")
	}
	at, err := u.store.Append(r.Context(), stream, expected, cairn.Event{Type: r.PostFormValue("type"), Data: []byte(data)})
	if err != nil {
		return err
	}
	return done(w, r, pagePath("/streams", stream), fmt.Sprintf("Appended at revision %d, position %d.", at.Revision, at.Position))
}

func (u *ui) streamDeleteAsk(w http.ResponseWriter, r *http.Request) error {
	stream, info, err := u.streamToErase(r)
	if err != nil {
		return err
	}
	return u.confirm(w, r, "streams", confirmation{
		Title: "Delete the stream " + stream + "?",
		Says: []string{
			fmt.Sprintf("Its %s events are read no more, by anybody, from the moment on.", grouped(info.Last+1)),
			"Read models keep what they have made of them; groups do not take anything back.",
			"Who appends to it later begins it anew, after the revisions that it had.",
		},
		Action: pagePath("/streams", stream) + "/delete", Fields: map[string]string{"expected": fmt.Sprint(info.Last)},
		Button: "Delete it", Back: pagePath("/streams", stream),
	})
}

func (u *ui) streamToErase(r *http.Request) (string, cairn.StreamInfo, error) {
	stream, err := u.streamOf(r, access.Delete)
	if err != nil {
		return "", cairn.StreamInfo{}, err
	}
	info, err := u.store.StreamInfo(r.Context(), stream)
	if err == nil && info.State != cairn.StreamLive {
		err = notThere("The stream %q has no events.", stream)
	}
	return stream, info, err
}

func (u *ui) streamDelete(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	stream, err := u.streamOf(r, access.Delete)
	if err != nil {
		return err
	}
	expected, err := expectedRevision(r)
	if err != nil {
		return err
	}
	if _, err := cairn.DeleteStream(r.Context(), u.store, stream, expected); err != nil {
		return err
	}
	return done(w, r, pagePath("/streams"), fmt.Sprintf("The stream %s is deleted.", stream))
}

func (u *ui) streamTruncateAsk(w http.ResponseWriter, r *http.Request) error {
	stream, err := u.streamOf(r, access.MetaWrite)
	if err != nil {
		return err
	}
	before, err := position("before", r.FormValue("before"))
	if err != nil {
		return err
	}
	return u.confirm(w, r, "streams", confirmation{
		Title: "Truncate the stream " + stream + "?",
		Says: []string{
			fmt.Sprintf("Its events before revision %s are read no more.", grouped(before)),
			"This sets $tb in its metadata; while they are not reclaimed, setting it back brings them back.",
		},
		Action: pagePath("/streams", stream) + "/truncate", Fields: map[string]string{"before": fmt.Sprint(before)},
		Button: "Truncate it", Back: pagePath("/streams", stream),
	})
}

func (u *ui) streamTruncate(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	stream, err := u.streamOf(r, access.MetaWrite)
	if err != nil {
		return err
	}
	before, err := position("before", r.PostFormValue("before"))
	if err != nil {
		return err
	}
	info, err := u.store.StreamInfo(r.Context(), stream)
	if err != nil {
		return err
	}
	m := info.Metadata
	m.TruncateBefore = cairn.Revision(before)
	if _, err := cairn.SetMetadata(r.Context(), u.store, stream, info.MetadataRevision, m); err != nil {
		return err
	}
	return done(w, r, pagePath("/streams", stream), fmt.Sprintf("Events before revision %s are read no more.", grouped(before)))
}
