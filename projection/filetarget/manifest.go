package filetarget

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// manifestName is the file that readers go by.
const manifestName = "manifest.json"

// A Manifest says what readers see, as of one moment.
type Manifest struct {
	// Checksum is the CRC-32C, in hexadecimal, of the manifest as Go's
	// encoding/json writes it with this field empty.
	Checksum string `json:"checksum"`
	// Next is the number of files to come.
	Next int64 `json:"next"`
	// Journal is the file that holds what has happened since.
	Journal string `json:"journal"`
	// Published is the build that readers see of a table.
	Published map[string]int `json:"published,omitempty"`
	// Tables are those of all builds, by their own name, such as "payment_b2".
	Tables map[string]Table `json:"tables,omitempty"`
	// Obsolete are files that are about to be removed.
	Obsolete []Obsolete `json:"obsolete,omitempty"`
	// Ledger is the bookkeeping as of the files.
	Ledger map[string]string `json:"ledger,omitempty"`

	dir string
}

// A Table is the columns and the files of one.
type Table struct {
	Columns []Column `json:"columns"`
	Parts   []Part   `json:"parts"` // rows are in the order of the parts
}

// A Part is a file.
type Part struct {
	Name   string `json:"name"` // in the directory, with slashes
	Format Format `json:"format"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	// Checksum is the CRC-32C of the file, in hexadecimal.
	Checksum string `json:"checksum"`
}

// An Obsolete is a file that no table lists any more.
type Obsolete struct {
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
}

// Read returns the manifest of a directory: what readers see at this moment. It
// needs no lock. One that says that files lie outside of the directory is refused.
func Read(dir string) (*Manifest, error) {
	m, err := load(folder(dir))
	if m != nil {
		m.dir = dir
	}
	return m, err
}

// Rows returns how many rows readers see of a table.
func (m *Manifest) Rows(table string) (n int64) {
	for _, p := range m.Table(table).Parts {
		n += p.Rows
	}
	return n
}

// Table returns a table by its plain name: the build that is published, or else the
// table that is called so. It is zero if there is none.
func (m *Manifest) Table(name string) Table {
	if build, ok := m.Published[name]; ok {
		name = projection.Names{Build: build}.Name(name)
	}
	return m.Tables[name]
}

// Files returns the paths of a table's files, as Table finds it, in the order of
// their rows.
func (m *Manifest) Files(table string) []string {
	var paths []string
	for _, p := range m.Table(table).Parts {
		paths = append(paths, filepath.Join(m.dir, filepath.FromSlash(p.Name)))
	}
	return paths
}

// load reads the manifest. One that was never written is as good as new.
func load(d disk) (*Manifest, error) {
	data, err := d.Read(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &missingError{failed(err)}
	}
	if err != nil {
		return nil, failed(err)
	}
	return decodeManifest(data)
}

// A missingError says that there is no manifest.
type missingError struct{ error }

func (e *missingError) Unwrap() error { return e.error }

func (m *Manifest) encode() ([]byte, error) {
	m.Checksum = ""
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return nil, err
	}
	m.Checksum = hexadecimal(text)
	return json.MarshalIndent(m, "", "\t")
}

func decodeManifest(data []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, corrupt(manifestName, 0, err.Error())
	}
	said := m.Checksum
	if _, err := m.encode(); err != nil || m.Checksum != said {
		return nil, corrupt(manifestName, 0, "the checksum is "+said+" and should be "+m.Checksum)
	}
	return &m, m.check()
}

// check refuses what no target has written.
func (m *Manifest) check() error {
	names := []string{m.Journal}
	for _, o := range m.Obsolete {
		names = append(names, o.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Tables)) {
		if err := checkColumns(m.Tables[name].Columns); err != nil {
			return corrupt(manifestName, 0, err.Error())
		}
		for _, p := range m.Tables[name].Parts {
			names = append(names, p.Name)
		}
	}
	for _, name := range names {
		if !ours(name) {
			return corrupt(manifestName, 0, fmt.Sprintf("%q is no name of a file that a target writes", name))
		}
	}
	return nil
}

// ours reports whether a name is one that a target gives to a file: nothing else is
// ever removed.
func ours(name string) bool {
	name = strings.TrimSuffix(name, temporary)
	if digits, ok := strings.CutPrefix(name, "journal-"); ok {
		return numbered(digits)
	}
	table, part, ok := strings.Cut(name, "/")
	digits, format, dot := strings.Cut(part, ".")
	return name == manifestName || ok && dot && checkTable(table) == nil && numbered(digits) && (format == string(Parquet) || format == string(NDJSON))
}

func numbered(digits string) bool {
	return len(digits) >= 8 && strings.Trim(digits, "0123456789") == ""
}

// checkTable refuses names that cannot be those of a directory everywhere.
func checkTable(name string) error {
	const limit = 100
	if name == "" || len(name) > limit || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return &cairn.InvalidError{Field: "table", Limit: limit, Problem: fmt.Sprintf("%.120q must be 1 to 100 of the characters a to z, 0 to 9, - and _", name)}
	}
	return nil
}
