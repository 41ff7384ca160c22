package mongotarget

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cairndb/cairn/projection"
)

// showing answers as a server does whose readers see tables.
func showing(tables bson.M, stands string) func(name string, cmd bson.M) bson.M {
	return func(name string, cmd bson.M) bson.M {
		if name != "find" {
			return usual(name, cmd)
		}
		answer := nothing()
		batch := bson.A{bson.M{"_id": headID, "version": int64(7), "tables": tables}}
		if fmt.Sprint(cmd["filter"]) != fmt.Sprint(bson.D{{Key: "_id", Value: headID}}) {
			batch = bson.A{bson.M{"_id": "lane", "value": stands}}
		}
		answer["cursor"].(bson.M)["firstBatch"] = batch
		return answer
	}
}

// sets are the tables that an update of the head leaves, if there was one.
func (s *script) sets(t *testing.T) (tables any, found bool) {
	t.Helper()
	for _, cmd := range s.asked {
		if cmd["update"] == nil {
			continue
		}
		for _, u := range cmd["updates"].(bson.A) {
			u := u.(bson.M)
			if fmt.Sprint(u["q"].(bson.D)[0].Value) != headID {
				continue
			}
			for _, e := range u["u"].(bson.D) {
				if e.Key != "$set" {
					continue
				}
				for _, f := range e.Value.(bson.D) {
					if f.Key == "tables" {
						tables, found = f.Value, true
					}
				}
			}
		}
	}
	return tables, found
}

// TestWithdraw looks at what is sent, with transactions and without: what is left is
// written, and only if it is less. Names that are paths are nobody's.
func TestWithdraw(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"balance", "never"}, fmt.Sprint(bson.D{{Key: "total", Value: int32(2)}})},
		{[]string{"total", "balance"}, fmt.Sprint(bson.D{})},
		{[]string{"never", "total.x", "$total", ""}, "untouched"},
		{nil, "untouched"},
	} {
		for _, transactions := range []bool{false, true} {
			t.Run(fmt.Sprint(c.names, transactions), func(t *testing.T) {
				s := play(t, showing(bson.M{"balance": int32(1), "total": int32(2)}, "1"))
				change := projection.Change{Expect: []projection.Entry{{Key: "lane", Value: "1"}}, Put: []projection.Entry{{Key: "lane", Value: "2"}}}
				if err := New(s.db, &Options{Transactions: transactions}).Withdraw(t.Context(), change, c.names); err != nil {
					t.Fatal(err)
				}
				got := "untouched"
				if tables, found := s.sets(t); found {
					got = fmt.Sprint(tables)
				}
				if got != c.want {
					t.Errorf("left are %s, want %s", got, c.want)
				}
				if first := s.asked[1]; transactions && fmt.Sprint(first["updates"].(bson.A)[0].(bson.M)["q"]) != fmt.Sprint(bson.D{{Key: "_id", Value: "lane"}, {Key: "value", Value: "1"}}) {
					t.Errorf("entries are not compared first, but: %v", first)
				}
				if transactions != slices.Contains(s.names(), "commitTransaction") || !slices.Contains(s.names(), "update") {
					t.Errorf("asked %v", s.names())
				}
			})
		}
	}
}

// TestWithdrawMoved has an entry that stands elsewhere.
func TestWithdrawMoved(t *testing.T) {
	change := projection.Change{Expect: []projection.Entry{{Key: "lane", Value: "1"}}, Put: []projection.Entry{{Key: "lane", Value: "2"}}}
	for _, transactions := range []bool{false, true} {
		answer := showing(bson.M{"balance": int32(1)}, "9")
		s := play(t, func(name string, cmd bson.M) bson.M {
			if name == "update" {
				return bson.M{"n": 0}
			}
			return answer(name, cmd)
		})
		err := New(s.db, &Options{Transactions: transactions}).Withdraw(t.Context(), change, []string{"balance"})
		if !errors.Is(err, projection.ErrMoved) {
			t.Errorf("got %v, want ErrMoved", err)
		}
		if _, found := s.sets(t); found || slices.Contains(s.names(), "commitTransaction") {
			t.Errorf("asked %v", s.names())
		}
	}
}

// TestWithdrawOvertaken has somebody publish between looking and writing: what is
// left is read again.
func TestWithdrawOvertaken(t *testing.T) {
	lost := false
	before, after := showing(bson.M{"balance": int32(1)}, "1"), showing(bson.M{"balance": int32(1), "new": int32(3)}, "1")
	s := play(t, func(name string, cmd bson.M) bson.M {
		switch {
		case lost:
			return after(name, cmd)
		case name == "update":
			lost = true
			return bson.M{"n": 0}
		}
		return before(name, cmd)
	})
	if err := New(s.db, nil).Withdraw(t.Context(), projection.Change{}, []string{"balance"}); err != nil {
		t.Fatal(err)
	}
	if tables, _ := s.sets(t); fmt.Sprint(tables) != fmt.Sprint(bson.D{{Key: "new", Value: int32(3)}}) {
		t.Errorf("left are %v", tables)
	}
}
