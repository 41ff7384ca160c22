package storetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// followersFallBehind stops followers, and a read, after one event, writes
// more than a store keeps at hand for them, and lets them go on.
func followersFallBehind(k *kit) {
	const batches, size, length = 40, 10, 64 << 10
	k.put("s-1", cairn.NoStream, numbered(0, 1, length)...)
	followers := map[string]*follower{
		"log":      k.follow(cairn.AllOptions{}),
		"filtered": k.follow(cairn.AllOptions{Query: cairn.ByTag("odd")}),
		"stream":   k.followStream("s-1", cairn.ReadOptions{}),
	}
	for i := range batches {
		k.put("s-1", cairn.Any, numbered(1+i*size, size, length)...)
	}
	const last = batches * size
	for name, f := range followers {
		step := map[bool]int{true: 2, false: 1}[name == "filtered"]
		want := step - 1
		for want <= last {
			e := f.event()
			if got := number(&e); got != want || e.Revision != cairn.Revision(want) || len(e.Data) != length {
				k.Fatalf("the follower of the %s sees event %d at revision %v, want %d", name, got, e.Revision, want)
			}
			want += step
		}
		f.stop()
	}
}

// numbered makes n events of which each holds its number, from first on.
func numbered(first, n, length int) (all []cairn.Event) {
	for i := first; i < first+n; i++ {
		data := bytes.Repeat(binary.BigEndian.AppendUint64(nil, uint64(i)), length/8)
		all = append(all, cairn.Event{Type: fmt.Sprint(i), Data: data, Tags: []string{"even", "odd"}[i%2 : i%2+1]})
	}
	return all
}

// number is what the event holds, or -1 if it is not all the same.
func number(e *cairn.Recorded) int {
	if len(e.Data) < 8 || !bytes.Equal(e.Data[8:], e.Data[:len(e.Data)-8]) {
		return -1
	}
	return int(binary.BigEndian.Uint64(e.Data))
}

// readsFallBehind stops reads in their body while the log grows.
func readsFallBehind(k *kit) {
	const length = 64 << 10
	k.put("s-1", cairn.NoStream, numbered(0, 30, length)...)
	for name, read := range everyRead(k.ctx, k) {
		had := len(k.read("s-1", cairn.ReadOptions{}))
		var got []int
		for e, err := range read {
			if err != nil {
				k.Fatalf("%s: %v", name, err)
			}
			if got = append(got, number(&e)); len(got) == 1 {
				k.put("s-1", cairn.Any, numbered(had, 40, length)...)
			}
		}
		if slices.Contains(got, -1) || len(got) != had || !slices.IsSortedFunc(got, up(got)) {
			k.Errorf("%s: reads %v of %d events", name, got, had)
		}
	}
}

// up compares in the direction in which the list begins.
func up(list []int) func(a, b int) int {
	if len(list) > 0 && list[0] > 0 {
		return func(a, b int) int { return b - a }
	}
	return func(a, b int) int { return a - b }
}
