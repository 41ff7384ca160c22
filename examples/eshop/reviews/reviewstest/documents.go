package reviewstest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/examples/eshop/reviews"
)

// Documents holds an implementation to its contract, alone and in a service. It
// calls open for each test, with the test that they are for, and wants documents
// that are empty and that nobody else uses. Each call of what open returns opens
// the same documents, as a service does that is started again.
func Documents(t *testing.T, open func(t *testing.T) func() reviews.Documents) {
	for name, test := range map[string]func(*testing.T, func() reviews.Documents){
		"Insert": testInsert, "Most": testMost, "Tell": testTell, "Ratings": testRatings,
		"Service": testService, "Told": testTold,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// hostile is what nobody may take for anything but text.
const hostile = "<script>alert(1)</script>' \"; DROP TABLE x; $ne {\"$gt\":\"\"} é\u2028\U0001F9F1"

// id is the n-th by the time.
func id(n int) string { return fmt.Sprintf("01890000-0000-7000-8000-%012d", n) }

func review(n int, sku string, stars int) reviews.Review {
	at := time.Date(2026, 2, 3, 4, 5, n, int(6*time.Millisecond), time.UTC)
	return reviews.Review{ID: id(n), SKU: sku, Customer: "Ann", Stars: stars, Text: fmt.Sprint("review ", n), At: at}
}

// testInsert inserts one, and another one with its ID. What is there is whole, and
// is there for who opens it later.
func testInsert(t *testing.T, open func() reviews.Documents) {
	first := review(1, "tent", 4)
	first.Customer, first.Text = "Zoë $set", hostile
	d := open()
	must(t, d.Insert(t.Context(), first))
	must(t, d.Insert(t.Context(), review(1, "map", 1)))
	d = open()
	if all, err := d.Of(t.Context(), "map", 10); err != nil || len(all) != 0 || all == nil {
		t.Errorf("of what has none: %+v, %v", all, err)
	}
	all, err := d.Of(t.Context(), "tent", 10)
	must(t, err)
	if len(all) != 1 || !all[0].At.Equal(first.At) {
		t.Fatalf("reviews: %+v, want %+v", all, first)
	}
	if all[0].At = first.At; all[0] != first {
		t.Errorf("review: %+v, want %+v", all[0], first)
	}
}

// testMost reads no more than it is asked for: the newest of a product, and the
// oldest that are to be told of, in whatever order they came.
func testMost(t *testing.T, open func() reviews.Documents) {
	d := open()
	for _, n := range []int{3, 1, 5, 2, 4} {
		must(t, d.Insert(t.Context(), review(n, []string{"tent", "map"}[n%2], 5)))
	}
	newest, err := d.Of(t.Context(), "map", 2)
	wantIDs(t, "newest of map", newest, err, 5, 3)
	oldest, err := d.Untold(t.Context(), 4)
	wantIDs(t, "untold", oldest, err, 1, 2, 3, 4)
}

// testTell marks some, one of them twice and one that is not there.
func testTell(t *testing.T, open func() reviews.Documents) {
	d := open()
	for n := range 4 {
		must(t, d.Insert(t.Context(), review(n, "tent", 5)))
	}
	for _, n := range []int{2, 0, 2, 9} {
		must(t, d.Told(t.Context(), id(n)))
	}
	must(t, d.Insert(t.Context(), review(0, "tent", 5))) // once more, by a retry
	left, err := open().Untold(t.Context(), 10)
	wantIDs(t, "untold", left, err, 1, 3)
	all, err := d.Of(t.Context(), "tent", 10)
	wantIDs(t, "all", all, err, 3, 2, 1, 0)
}

// testRatings counts by product. One name is the beginning of another.
func testRatings(t *testing.T, open func() reviews.Documents) {
	d := open()
	if all, err := d.Ratings(t.Context()); err != nil || len(all) != 0 || all == nil {
		t.Errorf("no ratings: %+v, %v", all, err)
	}
	n, want := 0, []reviews.Rating{{SKU: "a", Count: 15, Stars: 55}, {SKU: "a-1", Count: 1, Stars: 1}, {SKU: "b", Count: 2, Stars: 10}, {SKU: "z", Count: 3, Stars: 7}}
	for sku, given := range map[string][]int{"z": {5, 1, 1}, "b": {5, 5}, "a-1": {1}, "a": {5, 4, 4, 3, 3, 3, 2, 2, 2, 2, 5, 5, 5, 5, 5}} {
		for _, stars := range given {
			n++
			must(t, d.Insert(t.Context(), review(n, sku, stars)))
		}
	}
	if all, err := d.Ratings(t.Context()); err != nil || !slices.Equal(all, want) {
		t.Errorf("ratings: %+v, %v; want %+v", all, err, want)
	}
}

func wantIDs(t *testing.T, what string, all []reviews.Review, err error, want ...int) {
	t.Helper()
	var got, ids []string
	for _, r := range all {
		got = append(got, r.ID)
	}
	for _, n := range want {
		ids = append(ids, id(n))
	}
	if err != nil || !slices.Equal(got, ids) {
		t.Errorf("%s: %s, %v; want %s", what, strings.Join(got, " "), err, strings.Join(ids, " "))
	}
}
