package rest_test

import (
	"testing"

	"github.com/cairndb/cairn"
)

// Whoever may write the defining stream of a group, and read the streams that it
// selects, takes part in it without being an administrator.
func TestWhoMayTakePartInAGroup(t *testing.T) {
	s, _ := secured(t)
	s.put("s", "one")
	s.own("s", "ann")
	ask := `{"wait":"0s","group":{"query":[{"streams":["s"]}]}}`
	if p := s.problem(s.do("POST", "/groups/g/receive", ask, as("ann")...), 403, "denied"); p.Stream != definition {
		t.Errorf("got %+v", p)
	}
	s.limit(definition, &cairn.ACL{Write: []string{"ann", "bob"}})
	s.want(s.do("POST", "/groups/g/receive", ask, as("ann")...), 200)
	for ask, stream := range map[string]string{ask: "s", `{"wait":"0s","group":{}}`: "$all", `{"wait":"0s"}`: "s", `{"wait":"0s","group":{"query":[{"streams":["s"]},{"types":["one"]}]}}`: "s"} {
		if p := s.problem(s.do("POST", "/groups/g/receive", ask, as("bob")...), 403, "denied"); p.Stream != stream {
			t.Errorf("%s: got %+v", ask, p)
		}
	}
	// To take part is not to look at it, nor to delete it.
	s.problem(s.do("GET", "/groups/g", "", as("ann")...), 403, "denied")
	s.problem(s.do("DELETE", "/groups/g?force", "", as("ann")...), 403, "denied")
}

// Who loses the right while waiting gets nothing, and what came for them is given
// back.
func TestARightIsWithdrawnWhileWaiting(t *testing.T) {
	s, _ := secured(t)
	s.own("s", "ann")
	s.own("$all", "ann")
	s.own(definition, "ann")
	told := make(chan answer, 1)
	go func() { told <- s.do("POST", "/groups/g/receive", `{"wait":"1m","group":{}}`, as("ann")...) }()
	for {
		if info, err := s.store.StreamInfo(t.Context(), "$group-g-members"); err != nil || info.Last >= 0 {
			break
		}
	}
	s.own(definition, "bob")
	s.put("s", "secret")
	s.problem(<-told, 403, "denied")
	s.own(definition, "ann")
	a := s.want(s.do("POST", "/groups/g/receive", `{}`, as("ann")...), 200)
	if d := unmarshal[deliveries](t, a).Deliveries; len(d) != 1 || d[0].Attempt != 1 {
		t.Errorf("got %s", a.body)
	}
}
