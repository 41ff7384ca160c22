package projection

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// The bookkeeping of a projection lies under keys that begin with "p/<name>/":
//
//	deployment                       its builds, and which one readers see
//	ask/<id>                         what somebody asks its runners to do
//	<build>/lane/<n>                 how far a lane of a build has come
//	<build>/key/<key>                a parked key
//	<build>/parked/<key>/<position>  a parked event of it
//	<build>/skipped/<position>       an event that was left out
//	<build>/row/<row>/<position>     an event that had an effect on a row
//
// Keys and rows are any text, so that their hash stands in the entry's key and
// they themselves in its value. Positions have 20 digits, which keeps them in
// order, and so does the number of a lane with its 2.
type place string

func placeOf(name string) place { return place("p/" + name + "/") }

func (p place) prefix() string       { return string(p) }
func (p place) deployment() string   { return string(p) + "deployment" }
func (p place) asks() string         { return string(p) + "ask/" }
func (p place) ask(id string) string { return p.asks() + id }

func (p place) build(n int) string         { return fmt.Sprintf("%s%d/", string(p), n) }
func (p place) lanes(build int) string     { return p.build(build) + "lane/" }
func (p place) lane(build, n int) string   { return fmt.Sprintf("%s%02d", p.lanes(build), n) }
func (p place) keys(build int) string      { return p.build(build) + "key/" }
func (p place) parked(build int) string    { return p.build(build) + "parked/" }
func (p place) skipped(build int) string   { return p.build(build) + "skipped/" }
func (p place) key(b int, k string) string { return p.keys(b) + digest(k) }

func (p place) parkedOf(b int, key string) string { return p.parked(b) + digest(key) + "/" }

func (p place) parkedAt(b int, key string, at cairn.Position) string {
	return p.parkedOf(b, key) + digits(at)
}

func (p place) skippedAt(b int, at cairn.Position) string { return p.skipped(b) + digits(at) }

func (p place) row(b int, row string) string { return p.build(b) + "row/" + digest(row) + "/" }

func (p place) rowAt(b int, row string, at cairn.Position) string { return p.row(b, row) + digits(at) }

func digits(at cairn.Position) string { return fmt.Sprintf("%020d", uint64(at)) }

// digest is a text as part of an entry's key.
func digest(s string) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(s)) // never fails
	return hex.EncodeToString(h.Sum(nil))
}

// checkName refuses what cannot be part of an entry's key or of a table's name.
func checkName(field, name string) error {
	const limit = 48
	bad := strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != ""
	if name == "" || len(name) > limit || bad {
		return &cairn.InvalidError{Field: field, Problem: "must be 1 to 48 of the characters a to z, 0 to 9, - and _", Limit: limit}
	}
	return nil
}

// A deployment is what is known of all builds of a projection.
type deployment struct {
	Store    cairn.ID     `json:"store"`
	Active   int          `json:"active"`             // the build that readers see; 0 is none
	Previous int          `json:"previous,omitempty"` // the one they saw before, as long as it is kept
	Last     int          `json:"last"`               // the highest number ever given
	Builds   []Definition `json:"builds"`             // ordered by number
}

// A Phase is how far a build is.
type Phase string

// The phases, in the order in which a build goes through them. A build without a
// predecessor begins as active.
const (
	Building Phase = "building" // it has not reached the head yet
	Level    Phase = "level"    // it has, and can be switched to
	Active   Phase = "active"   // readers see it
	Warm     Phase = "warm"     // readers saw it, and can be taken back to it
	Dropping Phase = "dropping" // its tables are about to be removed
)

// A Definition is what a build was begun with, and what has become of it.
type Definition struct {
	Build   int         `json:"build"`
	Version int         `json:"version"`
	Phase   Phase       `json:"phase"`
	Query   cairn.Query `json:"query,omitempty"` // with the types of the handler
	Tables  []string    `json:"tables,omitempty"`
	Lanes   int         `json:"lanes"`
	Keyed   bool        `json:"keyed,omitempty"` // it has a Key of its own

	Begun    time.Time `json:"begun"`
	Leveled  time.Time `json:"leveled,omitzero"`
	Switched time.Time `json:"switched,omitzero"` // when readers last began to see it, or to see another one
	DropAt   time.Time `json:"dropAt,omitzero"`   // when it may be dropped
}

// A Checkpoint is how far a lane of a build has come. Every event up to Position
// that belongs to the lane was applied, parked or skipped.
type Checkpoint struct {
	Position cairn.Position `json:"position"`

	// Epoch is raised by each runner that takes the lane, and Owner is its name.
	Epoch uint64 `json:"epoch"`
	Owner string `json:"owner,omitempty"`

	// Tally is of the events up to Position, for Audit.
	Tally

	Parked  int64     `json:"parked,omitempty"`  // how many of them were parked, ever
	Skipped int64     `json:"skipped,omitempty"` // and skipped
	Updated time.Time `json:"updated"`           // when this was written
}
