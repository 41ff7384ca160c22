package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
)

// A body is the value of --data or --metadata: the bytes themselves, @FILE for
// those of a file or - for those of standard input.
type body string

func (b body) read(stdin io.Reader) ([]byte, error) {
	file, named := strings.CutPrefix(string(b), "@")
	switch {
	case b == "":
		return nil, nil
	case b == "-":
		return readAtMost(stdin)
	case !named:
		return []byte(b), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f)
}

// readAtMost reads no more than an event may hold.
func readAtMost(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, cairn.MaxEventSize+1))
	if err != nil {
		return nil, err
	}
	if len(b) > cairn.MaxEventSize {
		return nil, fmt.Errorf("more than %d MiB; an event holds no more", cairn.MaxEventSize>>20)
	}
	return b, nil
}

// parseExpected reads a revision or the name of a state.
func parseExpected(s string) (cairn.Revision, error) {
	switch s {
	case "any":
		return cairn.Any, nil
	case "no-stream":
		return cairn.NoStream, nil
	case "stream-exists":
		return cairn.StreamExists, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("--expect %q is not a revision, no-stream, any or stream-exists", s)
	}
	return cairn.Revision(n), nil
}

func parseFormat(s string) (cairn.Format, error) {
	for f := cairn.JSON; f <= cairn.Avro; f++ {
		if f.String() == s {
			return f, nil
		}
	}
	return 0, fmt.Errorf("--format %q is not json, binary, protobuf or avro", s)
}

func parseEventID(s string) (cairn.ID, error) {
	if s == "" {
		return cairn.ID{}, nil
	}
	id, err := cairn.ParseID(s)
	if err != nil {
		return id, fmt.Errorf("--id %q is not a UUID such as 018f2b6e-7c31-7d3a-9d0b-0242ac120002", s)
	}
	if id.IsZero() {
		return id, errors.New("--id is the zero UUID, which identifies nothing")
	}
	return id, nil
}
