package projection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

type (
	money   interface{ money() }
	payment struct{ Cents int64 }
	refund  struct{ Cents int64 }
	// payments used to be in euros, of somebody.
	oldPayment struct {
		Euros int64
		From  string
	}
)

func (payment) money() {}
func (refund) money()  {}

var errNobody = errors.New("nobody has paid")

var moneyCodec = codec.JSON(codec.Types[money]{"paid.v2": payment{}, "refunded": refund{}},
	codec.Upcast("paid", func(old oldPayment) (payment, error) {
		if old.From == "" {
			return payment{}, errNobody
		}
		if old.From == "panic" {
			panic("oh")
		}
		return payment{100 * old.Euros}, nil
	}))

// history holds payments of all forms, and in between what can break an upcaster.
func history(seeded ...string) *pile {
	log := newPile()
	for i := range 20 {
		log.add(fmt.Sprint("account-", i%4), "paid", fmt.Sprintf(`{"Euros":%d,"From":"ann"}`, i))
		log.add(fmt.Sprint("account-", i%4), "paid.v2", fmt.Sprintf(`{"Cents":%d}`, i))
		log.add("note-1", "noted", `{"text":"x"}`)
		log.add("$system", "$noted", `{}`)
	}
	for _, data := range seeded {
		name, data, _ := strings.Cut(data, " ")
		log.add("account-1", name, data)
		log.add("account-2", "paid.v2", `{"Cents":1}`)
	}
	return log
}

func check(t *testing.T, log *pile, o CheckOptions, subjects ...Subject) CheckReport {
	t.Helper()
	report, err := Check(t.Context(), log, o, subjects...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestCheckFindsNothingWrong(t *testing.T) {
	report := check(t, history(), CheckOptions{}, Decodes("account", moneyCodec, nil))
	want := []string{
		"account: fine paid {Euros:integer, From:string}: 20 events, from position 1 to 77",
		"account: fine paid.v2 {Cents:integer}: 20 events, from position 2 to 78",
	}
	var got []string
	for _, f := range report.Findings {
		got = append(got, f.String())
	}
	if !slices.Equal(got, want) || report.Err() != nil || report.Read != 40 || report.Head != 80 {
		t.Errorf("%q, %+v", got, report)
	}
}

// TestCheckSeededFaults: each is found, alone, with its place and reason; also the
// one event among many of its shape whose value is what breaks.
func TestCheckSeededFaults(t *testing.T) {
	for _, c := range []struct {
		event, shape string
		reason       error
	}{
		{`paid {"Euros":1,"From":""}`, "{Euros:integer, From:string}", errNobody},
		{`paid {"Euros":1,"From":"panic"}`, "{Euros:integer, From:string}", nil},
		{`paid {"Euros":"1","From":"ann"}`, "{Euros:string, From:string}", codec.ErrUndecodable},
		{`paid {"Euros":1.5,"From":"ann"}`, "{Euros:number, From:string}", codec.ErrUndecodable},
		{`paid {"Euros":1}`, "{Euros:integer}", errNobody},
		{`paid null`, "null", codec.ErrUndecodable},
		{`paid []`, "[]", codec.ErrUndecodable},
		{`paid {"Euros":1`, "not JSON", codec.ErrUndecodable},
		{`paid `, "nothing", codec.ErrUndecodable},
		{`paid {"Euros":1,"Euros":"x","From":"ann"}`, "{Euros:integer|string, From:string}", codec.ErrUndecodable},
		{`paid.v1 {"Euros":1,"From":"ann"}`, "{Euros:integer, From:string}", codec.ErrUnknownType},
	} {
		report := check(t, history(c.event), CheckOptions{}, Decodes("account", moneyCodec, cairn.ByCategory("account")))
		name, _, _ := strings.Cut(c.event, " ")
		bad := report.With(Breaks)
		if len(bad) != 1 || bad[0].Failed != 1 || bad[0].Example != 81 || bad[0].Type != name || bad[0].Shape != c.shape {
			t.Errorf("%s: %+v", c.event, bad)
			continue
		}
		if c.reason != nil && !errors.Is(report.Err(), c.reason) || !strings.Contains(report.Err().Error(), "position 81") {
			t.Errorf("%s: %v", c.event, report.Err())
		}
	}
}

func TestCheckOnProjection(t *testing.T) {
	s := newShelf()
	s.rows["sum"] = map[string]int64{"account-1": 7}
	before := fmt.Sprint(s.rows)
	log := history(`refunded {"Cents":1000}`, `paid.v2 {"Cents":-1}`, `paid.v2 {"Cents":1,"to":"bob"}`)
	report := check(t, log, CheckOptions{}, Projects(s, balance()))
	got := map[string]Outcome{}
	for _, f := range report.Findings {
		got[f.Type+f.Shape] = f.Outcome
	}
	want := fmt.Sprint(map[string]Outcome{
		"paid{Euros:integer, From:string}": Fine, "paid.v2{Cents:integer}": Fine,
		"paid.v2{Cents:integer, to:string}": Fine, "refunded{Cents:integer}": Fine,
	})
	if fmt.Sprint(got) != want {
		t.Errorf("%v; want %v", got, want)
	}
	if fmt.Sprint(s.rows) != before || len(s.values) > 0 {
		t.Errorf("something was left behind: %v", s.rows)
	}
}

// balance is a projection that refuses to refund what an account does not have.
func balance() Projection[shelfTx] {
	return Projection[shelfTx]{
		Name: testName, Tables: []string{"sum"}, Setup: makeSum,
		Handler: On(moneyCodec, func(_ context.Context, tx shelfTx, e money, at *Event) error {
			table := at.Name("sum")
			switch e := e.(type) {
			case payment:
				return tx.add(table, at.Stream, e.Cents)
			case refund:
				if tx[table][at.Stream] < e.Cents {
					return fmt.Errorf("account %s has less than that", at.Stream)
				}
				return tx.add(table, at.Stream, -e.Cents)
			}
			return nil
		}),
	}
}

// TestCheckOnProjectionJudges: what is said of an event that fails.
func TestCheckOnProjectionJudges(t *testing.T) {
	refunds := func(p Projection[shelfTx]) Projection[shelfTx] { return p }
	other := func(p Projection[shelfTx]) Projection[shelfTx] { // needs a row of another key
		p.Handler = OnEvent(func(_ context.Context, tx shelfTx, at *Event) error {
			table := at.Name("sum")
			if at.Type == "refunded" && tx[table]["account-3"] == 0 {
				return errors.New("no such account")
			}
			return tx.add(table, at.Stream, 1)
		}, "paid", "refunded")
		return p
	}
	for _, c := range []struct {
		name    string
		change  func(Projection[shelfTx]) Projection[shelfTx]
		events  []string
		before  int
		outcome Outcome
		says    string
	}{
		{"too large a refund", refunds, []string{`refunded {"Cents":999999}`}, 0, Breaks, "less than that"},
		{"too large a refund, though it may be skipped", func(p Projection[shelfTx]) Projection[shelfTx] {
			p.Failures = SkipOnFailure
			return p
		}, []string{`refunded {"Cents":999999}`}, 0, Breaks, "less than that"},
		{"undecodable, too many before", refunds, []string{`refunded {"Cents":"x"}`}, 1, Breaks, "Cents"},
		{"too much before", refunds, []string{`refunded {"Cents":999999}`}, 1, Unjudged, "too much comes before"},
		{"undecodable, few before", refunds, []string{`refunded {"Cents":"x"}`}, 30, Breaks, "Cents"},
		{"a row of another key", other, []string{`refunded {}`}, 0, Fine, ""},
		{"a row of another key, too many before", other, []string{`refunded {}`}, 11, Unjudged, "only the events of its own key"},
		{"behind one that fails", refunds, []string{`paid.v2 {"Cents":"x"}`, `refunded {"Cents":1}`}, 0, Unjudged, "before it fails"},
		{"behind one that is parked", func(p Projection[shelfTx]) Projection[shelfTx] {
			p.Failures = ParkOnFailure
			return p
		}, []string{`paid.v2 {"Cents":"x"}`, `refunded {"Cents":1}`}, 0, Unjudged, "parked, at position 81"},
		{"behind one that is skipped", func(p Projection[shelfTx]) Projection[shelfTx] {
			p.Failures = SkipOnFailure
			return p
		}, []string{`paid.v2 {"Cents":"x"}`, `refunded {"Cents":1}`}, 0, Fine, ""},
		{"panics", func(p Projection[shelfTx]) Projection[shelfTx] {
			p.Handler = OnEvent(func(context.Context, shelfTx, *Event) error { panic("oh") }, "refunded")
			return p
		}, []string{`refunded {}`}, 0, Breaks, "panicked"},
		{"no tables", func(p Projection[shelfTx]) Projection[shelfTx] { p.Tables = nil; return p }, []string{`refunded {}`}, 0, Unjudged, "without Tables"},
		{"setup fails", func(p Projection[shelfTx]) Projection[shelfTx] {
			p.Setup = func(context.Context, shelfTx, Names) error { return errors.New("no rights") }
			return p
		}, []string{`refunded {}`}, 0, Breaks, "no rights"},
	} {
		report := check(t, history(c.events...), CheckOptions{Before: c.before}, Projects(newShelf(), c.change(balance())))
		i := slices.IndexFunc(report.Findings, func(f Finding) bool { return f.Type == "refunded" })
		f := report.Findings[i]
		if f.Outcome != c.outcome || !strings.Contains(fmt.Sprint(f.Err), c.says) || (f.Err == nil) != (c.outcome == Fine) {
			t.Errorf("%s: %v", c.name, &f)
		}
	}
}

func TestCheckBoundsItsMemory(t *testing.T) {
	log := newPile()
	for i := range 100 {
		log.add("account-1", "paid", fmt.Sprintf(`{"Euros":1,"From":"ann","k%c%c":1}`, 'a'+i/26, 'a'+i%26))
	}
	log.add("account-1", "paid", `{"Euros":1,"From":""}`)
	log.add("account-1", "refunded", `{}`)
	report := check(t, log, CheckOptions{Shapes: 10}, Decodes("account", moneyCodec, nil))
	if len(report.Findings) != 12 {
		t.Fatalf("%d findings", len(report.Findings))
	}
	others := report.With(Breaks)
	if len(others) != 1 || others[0].Shape != OtherShapes || others[0].Count != 91 || others[0].Failed != 1 || others[0].Example != 101 {
		t.Errorf("%+v", others)
	}
	log = newPile()
	for i := range mostFindings + 5 {
		log.add("account-1", fmt.Sprint("t", i), "{}")
	}
	report = check(t, log, CheckOptions{}, Decodes("account", moneyCodec, cairn.ByCategory("account")))
	if n := len(report.Findings); n != mostFindings+1 {
		t.Errorf("%d findings", n)
	}
	if f := report.Findings[0]; f.Type != OtherTypes || f.Count != 5 || f.Failed != 5 {
		t.Errorf("%+v", f)
	}
}

func TestCheckSystemEvents(t *testing.T) {
	everything := check(t, history(), CheckOptions{}, Projects(newShelf(), Projection[shelfTx]{
		Name: testName, Tables: []string{"sum"}, Setup: makeSum,
		Handler: OnEvent(func(context.Context, shelfTx, *Event) error { return nil }),
	}))
	if everything.Read != 60 {
		t.Errorf("read %d", everything.Read)
	}
	system := check(t, history(), CheckOptions{}, Projects(newShelf(), Projection[shelfTx]{
		Name: testName, Tables: []string{"sum"}, Setup: makeSum,
		Handler: OnEvent(func(context.Context, shelfTx, *Event) error { return nil }, "$noted"),
	}))
	if system.Read != 20 {
		t.Errorf("read %d", system.Read)
	}
}

func TestCheckReports(t *testing.T) {
	var told []cairn.Position
	report := check(t, history(`paid {}`), CheckOptions{After: 60, Progress: func(at, _ cairn.Position) { told = append(told, at) }},
		Decodes("account", moneyCodec, nil), Projects(newShelf(), balance()))
	var text bytes.Buffer
	n, err := report.WriteTo(&text)
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if err != nil || n != int64(text.Len()) || len(lines) != 6 || !strings.HasPrefix(lines[0], "account: breaks paid {}: 1 events, 1 of which fail, from position 81 to 81; position 81: ") {
		t.Errorf("%v\n%s", err, &text)
	}
	b, err := json.Marshal(report)
	if err != nil || !bytes.Contains(b, []byte(`"outcome":"breaks","failed":1,"example":81,"error":"codec: `)) {
		t.Errorf("%s, %v", b, err)
	}
	if !slices.Equal(told, []cairn.Position{82}) {
		t.Errorf("told %v", told)
	}
}

func TestCheckRefuses(t *testing.T) {
	if _, err := Check(t.Context(), newPile(), CheckOptions{}); !errors.Is(err, cairn.ErrInvalid) {
		t.Error(err)
	}
	p := balance()
	p.Query = cairn.ByType("unheard of")
	if _, err := Check(t.Context(), newPile(), CheckOptions{}, Projects(newShelf(), p)); !errors.Is(err, cairn.ErrInvalid) {
		t.Error(err)
	}
	s := newShelf()
	s.fault = FaultDown
	if _, err := Check(t.Context(), history(`refunded {"Cents":999999}`), CheckOptions{}, Projects(s, balance())); err == nil {
		t.Error("a database that is down is no outcome")
	}
}

// TestCheckOfAKeyThatPanics: a Key that cannot bear an event is a finding.
func TestCheckOfAKeyThatPanics(t *testing.T) {
	p := balance()
	p.Key = func(e *cairn.Recorded) string {
		if e.Stream == "account-0" {
			panic("oh")
		}
		return e.Stream
	}
	report, err := Check(t.Context(), history(), CheckOptions{}, Projects(newShelf(), p))
	if err != nil || report.Err() == nil {
		t.Errorf("got %+v, %v", report, err)
	}
}
