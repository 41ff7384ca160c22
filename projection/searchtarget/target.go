package searchtarget

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

var (
	_ projection.Target[*Tx] = (*Target)(nil)
	_ projection.Publisher   = (*Target)(nil)
)

// Options are the settings of a target. The zero value is right for a server that
// wants no credentials.
type Options struct {
	// Client sends the requests. Nil means one that gives up on a request after
	// two minutes. A client of one's own needs a Timeout too.
	Client *http.Client

	// Header is added to each request, such as an Authorization of "ApiKey …".
	// Basic authentication can also be a part of the address.
	Header http.Header

	// Prefix begins the names of all indices and aliases, that of the ledger
	// included. It must be of what the names of indices may be of: small letters,
	// digits, "-", "_" and ".".
	Prefix string

	// Refresh says when a batch is finished.
	Refresh Refresh

	// MaxBytes is how large one bulk request may become; what exceeds it is sent
	// in another one. Zero means 10 MiB. The servers refuse more than 100 MB as
	// they come (http.max_content_length).
	MaxBytes int
}

// Refresh says when a batch is finished: what [projection.Wait] waits for.
type Refresh uint8

const (
	// Searchable finishes a batch when searches find its documents. The server
	// makes that so at each refresh_interval of an index, a second as it comes, so
	// that each batch takes up to that long; batches are large then. It is what
	// reading one's own writes needs.
	Searchable Refresh = iota
	// Stored finishes a batch when its documents are stored. To get a document by
	// its ID is enough for seeing it; searches see it up to a refresh_interval
	// later. It is for loading fast, and for read models where that does not matter.
	Stored
)

// A Target keeps read models in indices of Elasticsearch or OpenSearch. It has
// nothing to close. All methods may be called concurrently, in any number of processes.
type Target struct {
	base   string
	client *http.Client
	o      Options
}

// New makes a target of a server, by its address, such as "https://127.0.0.1:9200".
// Nil options are those of the zero value. A malformed argument is a
// [*cairn.InvalidError]; whether there is a server shows later.
func New(address string, o *Options) (*Target, error) {
	if o == nil {
		o = &Options{}
	}
	base, err := url.Parse(address)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" {
		return nil, &cairn.InvalidError{Field: "address", Problem: `must be that of a server, such as "https://127.0.0.1:9200"`}
	}
	if strings.Trim(o.Prefix, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || strings.ContainsAny(first(o.Prefix), "-_.") {
		return nil, &cairn.InvalidError{Field: "prefix", Problem: "must be of small letters, digits, -, _ and ., and begin with a letter or digit"}
	}
	if o.MaxBytes < 0 || o.Refresh > Stored {
		return nil, &cairn.InvalidError{Field: "max bytes and refresh", Problem: "must be positive, and Searchable or Stored"}
	}
	t := &Target{base: address, client: o.Client, o: *o}
	t.o.MaxBytes = cmp.Or(o.MaxBytes, 10<<20)
	if t.client == nil {
		t.client = &http.Client{Timeout: 2 * time.Minute}
	}
	return t, nil
}

func first(s string) string { return s[:min(1, len(s))] }

// Traits says that documents are stored before the checkpoint.
func (t *Target) Traits() projection.Traits { return projection.Traits{} }

// Index is what a table is called on the server: the prefix and the table's name, in
// its build or plain.
func (t *Target) Index(name string) string { return t.o.Prefix + name }
