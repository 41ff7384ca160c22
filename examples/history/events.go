package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// A line is an event as cairn import takes it.
type line struct {
	ID       string            `json:"id"`
	Stream   string            `json:"stream"`
	Type     string            `json:"type"`
	Data     change            `json:"data"`
	Metadata map[string]string `json:"metadata"`
	Created  time.Time         `json:"created"`
}

// A change is what a commit did to a file. Of binary files git counts no lines.
type change struct {
	Commit  string `json:"commit"`
	Added   int    `json:"added"`
	Deleted int    `json:"deleted"`
}

// A commit is the line that begins one.
type commit struct {
	hash string
	time time.Time
}

// events writes an event for each file of each commit. The IDs are made of the two,
// so that doing it again stores nothing twice.
func events(repository string, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	w := json.NewEncoder(out)
	var of commit
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		if strings.HasPrefix(text, "commit ") {
			if err := of.read(text); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			continue
		}
		if e, ok := of.changed(repository, text); ok {
			if err := w.Encode(e); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// read reads "commit HASH TIME".
func (c *commit) read(text string) (err error) {
	parts := strings.Fields(text)
	if len(parts) != 3 {
		return fmt.Errorf("%.60q is not «commit HASH TIME»: is git's format 'commit %%H %%cI'?", text)
	}
	c.hash = parts[1]
	c.time, err = time.Parse(time.RFC3339, parts[2])
	return err
}

// changed reads "ADDED TAB DELETED TAB FILE". Lines of another form are none.
func (c *commit) changed(repository, text string) (line, bool) {
	parts := strings.SplitN(text, "\t", 3)
	if len(parts) != 3 || c.hash == "" {
		return line{}, false
	}
	added, _ := strconv.Atoi(parts[0]) // "-" of a binary file
	deleted, _ := strconv.Atoi(parts[1])
	file := repository + "/" + parts[2]
	return line{
		ID: identity(c.hash, file), Stream: "file-" + file, Type: "FileChanged", Created: c.time.UTC(),
		Data:     change{c.hash, added, deleted},
		Metadata: map[string]string{"$correlationId": c.hash},
	}, true
}

// identity is a UUID of version 8: any sixteen bytes, and these are a hash.
func identity(commit, file string) string {
	sum := sha1.Sum([]byte(commit + "\x00" + file))
	var id cairn.ID
	copy(id[:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id.String()
}
