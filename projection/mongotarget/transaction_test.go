package mongotarget

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cairndb/cairn/projection"
)

var move = projection.Change{
	Expect: []projection.Entry{{Key: "lane", Value: "1"}, {Key: "key"}},
	Put:    []projection.Entry{{Key: "lane", Value: "2"}, {Key: "parked/1", Value: "p"}},
}

// apply is an update with a row.
func apply(ctx context.Context, s *script) (runs int, err error) {
	err = New(s.db, &Options{Transactions: true}).Update(ctx, move, func(_ context.Context, tx *Tx) error {
		runs++
		return tx.Upsert(7, "balance", "ann", bson.M{"$inc": bson.M{"cents": 5}})
	})
	return runs, err
}

// TestTransaction looks at what is sent: entries first, then rows, all in one
// transaction with a snapshot and a majority.
func TestTransaction(t *testing.T) {
	s := play(t, usual)
	if runs, err := apply(t.Context(), s); runs != 1 || err != nil {
		t.Fatal(runs, err)
	}
	if got, want := s.names(), []string{"find", "update", "delete", "update", "commitTransaction"}; !slices.Equal(got, want) {
		t.Fatalf("asked %v, want %v", got, want)
	}
	first := s.asked[1]
	if first["startTransaction"] != true || first["autocommit"] != false || first["update"] != LedgerName {
		t.Errorf("the transaction begins with %v", first)
	}
	for _, cmd := range s.asked[2:] {
		if cmd["txnNumber"] != first["txnNumber"] || cmd["startTransaction"] != nil {
			t.Errorf("not in the transaction: %v", cmd)
		}
	}
	row := s.asked[3]["updates"].(bson.A)[0].(bson.M)
	set := row["u"].(bson.D)
	if s.asked[3]["update"] != "balance" || len(row["q"].(bson.D)) != 1 || len(set) != 3 {
		t.Errorf("the row is written with %v", row)
	}
}

// TestTransactionMoved has an entry that stands elsewhere: there is none where one
// should be, or there is one where none should be.
func TestTransactionMoved(t *testing.T) {
	answers := map[string]bson.M{
		"not there": {"n": 2},
		"there":     {"n": 0, "writeErrors": bson.A{bson.M{"index": 1, "code": 11000, "errmsg": "E11000"}}},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			s := play(t, func(name string, cmd bson.M) bson.M {
				if name == "update" {
					return answer
				}
				return usual(name, cmd)
			})
			if runs, err := apply(t.Context(), s); runs != 0 || !errors.Is(err, projection.ErrMoved) {
				t.Fatalf("got %v after %d runs, want ErrMoved before one", err, runs)
			}
			if !slices.Contains(s.names(), "abortTransaction") || slices.Contains(s.names(), "commitTransaction") {
				t.Errorf("asked %v", s.names())
			}
		})
	}
}

// TestTransactionAgain loses against another transaction, twice.
func TestTransactionAgain(t *testing.T) {
	lost := 0
	s := play(t, func(name string, cmd bson.M) bson.M {
		if name == "update" && cmd["update"] == "balance" && lost < 2 {
			lost++
			return bson.M{"ok": 0, "code": 112, "codeName": "WriteConflict", "errmsg": "lost", "errorLabels": bson.A{errAgain}}
		}
		return usual(name, cmd)
	})
	if runs, err := apply(t.Context(), s); runs != 3 || err != nil {
		t.Fatalf("%v after %d runs, want 3", err, runs)
	}
}

// TestTransactionUndone returns fn's own error, and ends the transaction.
func TestTransactionUndone(t *testing.T) {
	s := play(t, usual)
	mine := errors.New("mine")
	err := New(s.db, &Options{Transactions: true}).Update(t.Context(), move, func(context.Context, *Tx) error { return mine })
	if !errors.Is(err, mine) || !slices.Equal(s.names(), []string{"find", "update", "delete", "abortTransaction"}) {
		t.Fatalf("%v; asked %v", err, s.names())
	}
}

// TestBlame names the event whose row the server refuses.
func TestBlame(t *testing.T) {
	s := play(t, func(name string, cmd bson.M) bson.M {
		if cmd["update"] == "balance" {
			return bson.M{"n": 0, "writeErrors": bson.A{bson.M{"index": 0, "code": 121, "errmsg": "Document failed validation"}}}
		}
		return usual(name, cmd)
	})
	_, err := apply(t.Context(), s)
	var e *projection.EventError
	if !errors.As(err, &e) || e.Position != 7 {
		t.Fatalf("got %v, want the failure of event 7", err)
	}
}

// TestFaults has the server answer in many ways, and hang up.
func TestFaults(t *testing.T) {
	cases := map[string]struct {
		answer bson.M
		want   projection.Fault
	}{
		"primary is gone": {bson.M{"ok": 0, "code": 10107, "errmsg": "not primary"}, projection.FaultDown},
		"stepping down":   {bson.M{"ok": 0, "code": 189, "errmsg": "down"}, projection.FaultDown},
		"disk is full":    {bson.M{"ok": 0, "code": 14031, "errmsg": "full"}, projection.FaultDown},
		"conflict":        {bson.M{"ok": 0, "code": 112, "errmsg": "lost"}, projection.FaultAgain},
		"unknown again":   {bson.M{"ok": 0, "code": 424242, "errmsg": "?", "errorLabels": bson.A{errAgain}}, projection.FaultAgain},
		"no rights":       {bson.M{"ok": 0, "code": 13, "errmsg": "not authorized"}, projection.FaultSetup},
		"no transactions": {bson.M{"ok": 0, "code": 20, "errmsg": "only on a replica set"}, projection.FaultSetup},
		"a bad value":     {bson.M{"ok": 0, "code": 2, "errmsg": "bad"}, projection.FaultEvent},
		"hangs up":        {nil, projection.FaultDown},
		"one that exists": {bson.M{"n": 0, "writeErrors": bson.A{bson.M{"index": 0, "code": 11000, "errmsg": "E11000"}}}, projection.FaultEvent},
		"no majority":     {bson.M{"n": 1, "writeConcernError": bson.M{"code": 64, "errmsg": "timeout"}}, projection.FaultDown},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := play(t, func(name string, cmd bson.M) bson.M {
				if name == "insert" {
					return c.answer
				}
				return usual(name, cmd)
			})
			_, err := s.db.Collection("balance").InsertOne(t.Context(), bson.M{"_id": "ann"})
			if got := fault(err); err == nil || got != c.want {
				t.Fatalf("%v is %v, want %v", err, got, c.want)
			}
		})
	}
}
