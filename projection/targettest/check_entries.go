package targettest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection"
)

func entriesOfNothing[Tx any](k *kit[Tx]) {
	k.entries("")
	k.entries("p/nobody/")
}

func entriesChange[Tx any](k *kit[Tx]) {
	k.apply(put("p/a/deployment", `{"n":1}`))
	k.entries("p/a/", projection.Entry{Key: "p/a/deployment", Value: `{"n":1}`})
	k.apply(put("p/a/deployment", `{"n":2}`))
	k.entries("p/a/", projection.Entry{Key: "p/a/deployment", Value: `{"n":2}`})
	k.apply(put("p/a/deployment", ""))
	k.apply(put("p/a/deployment", ""))
	k.entries("p/a/")
	k.entries("")
}

// entriesByPrefix compares with a model. The keys are made so that what is special
// to a pattern, a collation or the end of a range is met.
func entriesByPrefix[Tx any](k *kit[Tx]) {
	var c projection.Change
	model := map[string]bool{}
	for len(model) < 200 {
		key := someKey()
		if !model[key] {
			model[key] = true
			c.Put = append(c.Put, projection.Entry{Key: key, Value: fmt.Sprintf("%q", key)})
		}
	}
	k.apply(c)
	slices.SortFunc(c.Put, func(a, b projection.Entry) int { return strings.Compare(a.Key, b.Key) })
	for _, prefix := range append([]string{"", "a", "z", "_", ".", "p/a_", "zzzz", "0/"}, someKeys(20)...) {
		var want []projection.Entry
		for _, e := range c.Put {
			if strings.HasPrefix(e.Key, prefix) {
				want = append(want, e)
			}
		}
		k.entries(prefix, want...)
	}
}

func someKeys(n int) (all []string) {
	for range n {
		all = append(all, someKey())
	}
	return all
}

// someKey is short, of few characters: those between which orders differ.
func someKey() string {
	const letters = "abz019/-_."
	key := make([]byte, 1+rand.IntN(4))
	for i := range key {
		key[i] = letters[rand.IntN(len(letters))]
	}
	return string(key)
}

// entriesLimits has the longest keys, all characters, and the longest values.
func entriesLimits[Tx any](k *kit[Tx]) {
	long := strings.Repeat("p/abcdefghijklmnopqrstuvwxyz-0123456789_.", 7)[:254]
	value := func(c string) string { return `"` + strings.Repeat(c, (64<<10-2)/len(c)) + `"` }
	ends := []string{"-", ".", "/", "0", "9", "_", "a", "z"} // in order
	var want []projection.Entry
	for i, end := range ends {
		want = append(want, projection.Entry{Key: long + end, Value: value([]string{"x", "ä", "日", "😀"}[i%4])})
	}
	k.apply(projection.Change{Put: want})
	k.entries(long, want...)
	k.entries(long+"_", want[5])
	for i, e := range want {
		k.apply(move(e.Key, e.Value, fmt.Sprint(i)))
	}
	k.apply(move(long+"a", "6", value("y")))
	k.entries(long+"a", projection.Entry{Key: long + "a", Value: value("y")})
}

// entriesToTheByte has values that a database may take to be the same, or think
// that it may write in another way.
func entriesToTheByte[Tx any](k *kit[Tx]) {
	texts := []string{
		`1`, `1 `, ` 1`, "1\n", `1.0`, `"a"`, `"A"`, `"ä"`, `"a\u0308"`, "\"a\u0308\"", `"ß"`, `"ss"`,
		`{"b":1,"a":2}`, `{"a":2,"b":1}`, `{"a": 2, "b": 1}`, `{"a":1,"a":2,"b":1}`, `"\u0000"`, `"😀"`, `"'"`, `"\\"`, `"%"`, `"?"`, `"$1"`, `[]`, `null`, `12345678901234567890.10`, `1e400`,
	}
	now := ""
	for _, text := range texts {
		for _, other := range texts {
			if other != now {
				k.moved(fmt.Sprintf("expecting %q where there is %q", other, now), k.Target.Apply(k.ctx, move("exact", other, `"wrong"`)))
			}
		}
		k.apply(move("exact", now, text))
		k.entries("exact", projection.Entry{Key: "exact", Value: text})
		now = text
	}
}

// entriesMany is as much as a batch of parked events with their lineage may take:
// more than a statement has parameters.
func entriesMany[Tx any](k *kit[Tx]) {
	n := 17_000
	if testing.Short() {
		n = 2_000
	}
	var c projection.Change
	for i := range n {
		c.Put = append(c.Put, projection.Entry{Key: fmt.Sprintf("many/%020d", i), Value: `{"parked":true}`})
	}
	k.apply(c)
	k.entries("many/", c.Put...)
	want := slices.Clone(c.Put[n/2:])
	for i := range c.Put {
		c.Put[i].Value = ""
	}
	c.Put = c.Put[:n/2]
	k.apply(c)
	k.entries("many/", want...)
}

// entriesAtOnce has two entries that always change together, and somebody who
// looks all the time.
func entriesAtOnce[Tx any](k *kit[Tx]) {
	set := func(i int) projection.Change {
		return projection.Change{Put: []projection.Entry{{Key: "pair/a", Value: fmt.Sprint(i)}, {Key: "pair/b", Value: fmt.Sprint(i)}}}
	}
	k.apply(set(0))
	k.whileLooking(func() error {
		got, err := k.Second.Entries(k.ctx, "pair/")
		if err != nil || len(got) != 2 || got[0].Value != got[1].Value {
			return fmt.Errorf("entries that change together: %v, %v", got, err)
		}
		return nil
	}, func() {
		for i := range k.rounds(200) {
			k.apply(set(i + 1))
		}
	})
}
