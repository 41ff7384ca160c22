package fold_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/fold"
)

// folded merges data in order, as of revisions 0, 1, 2, …
func folded(t testing.TB, data ...string) *fold.State {
	t.Helper()
	s := new(fold.State)
	for i, d := range data {
		if err := s.Merge([]byte(d), cairn.Revision(i)); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
	}
	return s
}

// text is a state as compact JSON.
func text(t testing.TB, s *fold.State) string {
	t.Helper()
	lines, more := s.Lines(1 << 20)
	if more {
		t.Fatal("the state has more lines than the test bears")
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Text + "\n")
	}
	var v any
	d := json.NewDecoder(strings.NewReader(b.String()))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v:\n%s", err, b.String())
	}
	compact, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(compact)
}

// The examples of RFC 7396, appendix A, whose target and patch are objects.
func TestMergesAsTheStandardSays(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"a":"foo"}`, `{"b":[null]}`, `{"a":"foo","b":[null]}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"a":{"b":1}}`, `{"a":null}`, `{}`},
		{`{"a":12345678901234567890.10}`, `{"b":1e400}`, `{"a":12345678901234567890.10,"b":1e400}`},
		{`{"a/b":1,"a~b":2,"":3}`, `{"":{"":4}}`, `{"":{"":4},"a/b":1,"a~b":2}`},
	} {
		if got := text(t, folded(t, c[0], c[1])); got != c[2] {
			t.Errorf("%s and %s are %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestWhatIsNotMerged(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for data, want := range map[string]error{
		"": fold.ErrNoObject, "null": fold.ErrNoObject, "[1]": fold.ErrNoObject, `"a"`: fold.ErrNoObject, `{"a":`: fold.ErrNoObject,
		`{} {}`: fold.ErrNoObject, "{}x": fold.ErrNoObject, deep(65): fold.ErrTooDeep, deep(20_000): fold.ErrNoObject,
		`{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`: fold.ErrTooDeep,
		`{"a":"` + strings.Repeat("x", fold.MaxSize) + `"}`:               fold.ErrTooLarge,
	} {
		s := folded(t, `{"a":{"b":1}}`)
		if err := s.Merge([]byte(data), 7); err != want {
			t.Errorf("%.40s: %v, want %v", data, err, want)
		}
		if got := text(t, s); got != `{"a":{"b":1}}` {
			t.Errorf("%.40s has changed the state to %s", data, got)
		}
	}
	folded(t, deep(64), `{"a":1} `)
}

func TestSizeIsWhatIsThere(t *testing.T) {
	for data, want := range map[string]int{
		`{}`: 0, `{"ab":123}`: 5, `{"ab":{"c":"d"}}`: 6, `{"a":1}|{"a":null}`: 0, `{"a":{"b":{"c":1}}}|{"a":{"b":null}}`: 1,
		`{"a":{"b":1}}|{"a":12}`: 3, `{"a":12}|{"a":{"b":1}}`: 3, `{"a":1}|{"a":null}|{"a":22}`: 3, `{"a":null}|{"a":null}`: 0, `{"a":{"b":1}}|{"a":null}|{"a":{}}`: 1,
	} {
		if got := folded(t, strings.Split(data, "|")...).Size(); got != want {
			t.Errorf("%s: %d, want %d", data, got, want)
		}
	}
}

// TestDiff holds what a difference says, and whom it blames, to a history.
func TestDiff(t *testing.T) {
	history := []string{
		`{"name":"ann","address":{"city":"Bonn","zip":"1"},"tags":[1,2],"gone":{"a":1,"b":2}}`,
		`{"address":{"city":"Köln"}}`,
		`{"tags":[1,3],"paid":true}`,
		`{"gone":null,"address":{"zip":null,"city":null}}`,
		`{"name":"ann","paid":{"at":"noon"}}`,
	}
	for _, c := range []struct {
		from, at int
		want     string
	}{
		{1, 2, `changed /address/city "Bonn" "Köln" 1`},
		{2, 2, ``},
		{2, 3, `added /paid  true 2|changed /tags [1,2] [1,3] 2`},
		{2, 4, `added /address  {} 3|removed /address/city "Köln"  3|removed /address/zip "1"  3|removed /gone/a 1  3|removed /gone/b 2  3|added /paid  true 2|changed /tags [1,2] [1,3] 2`},
		{4, 5, `removed /paid true  4|added /paid/at  "noon" 4`},
		{0, 1, `added /address/city  "Bonn" 0|added /address/zip  "1" 0|added /gone/a  1 0|added /gone/b  2 0|added /name  "ann" 0|added /tags  [1,2] 0`},
	} {
		before := folded(t, history[:c.from]...)
		after := before.Clone()
		for i := c.from; i < c.at; i++ {
			if err := after.Merge([]byte(history[i]), cairn.Revision(i)); err != nil {
				t.Fatal(err)
			}
		}
		changes, all := fold.Diff(before, after, 100)
		if got := says(changes); got != c.want || all != len(changes) {
			t.Errorf("%d to %d:\n got %s\nwant %s", c.from, c.at, got, c.want)
		}
		if got := text(t, before); got != text(t, folded(t, history[:c.from]...)) {
			t.Errorf("the clone shares with what it was made of: %s", got)
		}
	}
}

func says(changes []fold.Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%s %s %s %s %d", c.Kind(), fold.Pointer(c.Path), c.Old, c.New, c.By))
	}
	return strings.Join(all, "|")
}

func TestDiffIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `,"%04d":%d`, i, i)
	}
	changes, all := fold.Diff(new(fold.State), folded(t, "{"+b.String()[1:]+"}"), 10)
	if len(changes) != 10 || all != 1000 || changes[9].Path[0] != "0009" {
		t.Errorf("%d of %d changes, the last of %v", len(changes), all, changes[9].Path)
	}
}

func TestLinesSayWhoWroteThem(t *testing.T) {
	s := folded(t, `{"a":{"b":1},"d":[]}`, `{"a":{"c":"<x>"},"d":[1,{"e":2}]}`, `{"f":{}}`, `{"a":{"b":null}}`)
	want := "0 {|0   \"a\": {|1     \"c\": \"<x>\"|0   },|1   \"d\": [|1     1,|1     {|1       \"e\": 2|1     }|1   ],|2   \"f\": {}|0 }"
	lines, more := s.Lines(100)
	var got []string
	for _, l := range lines {
		got = append(got, fmt.Sprint(l.By, " ", l.Text))
	}
	if strings.Join(got, "|") != want || more {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.ReplaceAll(want, "|", "\n"))
	}
	if lines, more = s.Lines(5); len(lines) != 5 || !more {
		t.Errorf("%d lines, more %v", len(lines), more)
	}
	if lines, more = s.Lines(len(got)); len(lines) != len(got) || more {
		t.Errorf("%d lines, more %v", len(lines), more)
	}
	if lines, _ = new(fold.State).Lines(5); len(lines) != 1 || lines[0].Text != "{}" {
		t.Errorf("nothing is %v", lines)
	}
}

// TestLongValuesAreNotSpread holds a hostile value to lines in proportion to it.
func TestLongValuesAreNotSpread(t *testing.T) {
	s := folded(t, `{"a":`+strings.Repeat("[", 60)+"1"+strings.Repeat(",1", 100_000)+strings.Repeat("]", 60)+`}`)
	if lines, _ := s.Lines(1000); len(lines) != 3 {
		t.Errorf("%d lines", len(lines))
	}
}

// FuzzFold merges any three data, as standard decoding would have them, and takes a
// difference to be what leads from one state to the other.
func FuzzFold(f *testing.F) {
	f.Add(`{"a":1}`, `{"a":null,"b":{"c":[null]}}`, `{"b":{"c":{}}}`)
	f.Add(`{"":{"":0}}`, `{"":{"":{"~/":"\u003c\ud800"}}}`, `[]`)
	f.Add(`{"a":{"b":{"c":1}}}`, `{"a":null}`, `{"a":{"d":1}}`)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s, model := new(fold.State), any(map[string]any{})
		for i, data := range []string{a, b, c} {
			before := s.Clone()
			if s.Merge([]byte(data), cairn.Revision(i)) != nil {
				continue
			}
			model = mergePatch(model, decoded(t, data))
			want, err := json.Marshal(model)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(t, s); got != string(want) {
				t.Fatalf("folded to %s, want %s", got, want)
			}
			changes, all := fold.Diff(before, s, 1<<30)
			if all != len(changes) {
				t.Fatalf("%d changes of %d", len(changes), all)
			}
			holds(t, before, s, changes)
		}
	})
}

// mergePatch is the algorithm of RFC 7396, section 2, word by word.
func mergePatch(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, value := range p {
		if value == nil {
			delete(object, name)
		} else {
			object[name] = mergePatch(object[name], value)
		}
	}
	return object
}

func decoded(t *testing.T, data string) (v any) {
	d := json.NewDecoder(strings.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// holds applies changes to what the values of one state are and expects the other's.
func holds(t *testing.T, before, after *fold.State, changes []fold.Change) {
	t.Helper()
	is, want := leaves(before), leaves(after)
	for _, c := range changes {
		at := fold.Pointer(c.Path)
		if is[at] != c.Old || c.Old == c.New {
			t.Fatalf("%s was %q, and the change says %q to %q", at, is[at], c.Old, c.New)
		}
		if is[at] = c.New; c.New == "" {
			delete(is, at)
		}
	}
	if !maps.Equal(is, want) {
		t.Fatalf("the changes lead to %v, want %v", is, want)
	}
}

// leaves are the values of a state by their paths, which its difference from nothing
// lists.
func leaves(s *fold.State) map[string]string {
	all := map[string]string{}
	changes, _ := fold.Diff(new(fold.State), s, 1<<30)
	for _, c := range changes {
		all[fold.Pointer(c.Path)] = c.New
	}
	return all
}

func TestPathsAreDistinct(t *testing.T) {
	seen := map[string][]string{}
	for _, path := range [][]string{{}, {""}, {"", ""}, {"/"}, {"~"}, {"~1"}, {"a", "b"}, {"a/b"}, {"a~1b"}, {"a~0b"}} {
		p := fold.Pointer(path)
		if other, ok := seen[p]; ok && !reflect.DeepEqual(other, path) {
			t.Errorf("%q is written as %q is", path, other)
		}
		seen[p] = path
	}
}
