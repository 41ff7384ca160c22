package rest

import (
	"net/http"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/access"
)

// A groupSummary says how far a group is.
type groupSummary struct {
	Group        string         `json:"group"`
	Position     cairn.Position `json:"position"`
	Lag          int64          `json:"lag"`
	LagSeconds   float64        `json:"lagSeconds"`
	ParkedKeys   int            `json:"parkedKeys"`
	ParkedEvents int            `json:"parkedEvents"`
}

// A groupList is a page of groups, by name.
type groupList struct {
	Groups []groupEntry `json:"groups"`
	Next   string       `json:"next,omitempty"`
}

type groupEntry struct {
	groupSummary
	Members int `json:"members"`
}

// A groupStatus is all that is known of a group. Without a query it selects
// everything.
type groupStatus struct {
	groupSummary
	Query      []filter          `json:"query,omitempty"`
	About      *component.About  `json:"about,omitempty"`
	Members    []memberStatus    `json:"members"`
	Partitions []partitionStatus `json:"partitions"`
}

type filter struct {
	Types      []string `json:"types,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Streams    []string `json:"streams,omitempty"`
	Prefixes   []string `json:"prefixes,omitempty"`
	Tags       []string `json:"tags,omitempty"`
}

type memberStatus struct {
	Member     string    `json:"member"`
	Seen       time.Time `json:"seen"`
	Partitions int       `json:"partitions"`
	Held       int       `json:"held"`
	Full       bool      `json:"full"`
}

type partitionStatus struct {
	Owner     string         `json:"owner,omitempty"`
	Epoch     uint64         `json:"epoch"`
	Position  cairn.Position `json:"position"`
	Unsettled int            `json:"unsettled"`
	Parked    int            `json:"parked"`
}

// groupOf is the group that a request is about, if the caller may do something
// to it: what permission there is for its defining stream.
func (s *service) groupOf(r *http.Request, a access.Action) (string, error) {
	name := r.PathValue("group")
	stream := group.DefinitionStream(name)
	if err := cairn.ValidateStream("group", stream); err != nil {
		return "", err
	}
	return name, s.may(r.Context(), a, stream)
}

// listGroups is GET /groups.
func (s *service) listGroups(w http.ResponseWriter, r *http.Request) error {
	if err := s.may(r.Context(), access.Read, theLog); err != nil {
		return err
	}
	q := query(r, "after", "limit")
	after, limit := q.text("after"), q.pageLimit()
	if q.err != nil {
		return q.err
	}
	names, err := group.List(r.Context(), s.store)
	if err != nil {
		return err
	}
	from, found := slices.BinarySearch(names, after)
	if found {
		from++
	}
	names = names[from:]
	answer := groupList{Groups: []groupEntry{}}
	if len(names) > limit {
		names = names[:limit]
		answer.Next = next(w, r, map[string]string{"after": names[limit-1]})
	}
	for _, name := range names {
		status, err := group.Status(r.Context(), s.store, name)
		if err != nil {
			return err
		}
		answer.Groups = append(answer.Groups, groupEntry{summarize(name, &status), len(status.Members)})
	}
	private(w, 0)
	return s.writeJSON(w, http.StatusOK, answer)
}

func summarize(name string, s *group.GroupStatus) groupSummary {
	return groupSummary{name, s.Position, s.Lag, s.Behind(time.Now()).Seconds(), s.ParkedKeys, s.ParkedEvents}
}

// readGroup is GET /groups/{group}.
func (s *service) readGroup(w http.ResponseWriter, r *http.Request) error {
	name, err := s.groupOf(r, access.Read)
	if err != nil {
		return err
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	status, err := group.Status(r.Context(), s.store, name)
	if err != nil {
		return err
	}
	answer := groupStatus{groupSummary: summarize(name, &status), Members: []memberStatus{}}
	if !status.About.IsZero() {
		answer.About = &status.About
	}
	for _, f := range status.Query {
		answer.Query = append(answer.Query, filter{f.Types, f.Categories, f.Streams, f.Prefixes, f.Tags})
	}
	for _, m := range status.Members {
		answer.Members = append(answer.Members, memberStatus(m))
	}
	for _, p := range status.Partitions {
		answer.Partitions = append(answer.Partitions, partitionStatus(p))
	}
	private(w, 0)
	return s.writeJSON(w, http.StatusOK, answer)
}

// deleteGroup is DELETE /groups/{group}.
func (s *service) deleteGroup(w http.ResponseWriter, r *http.Request) error {
	name, err := s.groupOf(r, access.Delete)
	if err != nil {
		return err
	}
	q := query(r, "force")
	force := q.flag("force")
	if q.err != nil {
		return q.err
	}
	if err := group.Delete(r.Context(), s.store, name, force); err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, map[string]string{"group": name})
}
