package group

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
)

// assign says whose each partition should be: all members get the same number,
// give or take one, and when a member comes or goes few partitions move. Each
// member works it out for itself and gets the same result.
func assign(partitions int, members []string) []string {
	owners := make([]string, partitions)
	if len(members) == 0 {
		return owners
	}
	members = slices.Sorted(slices.Values(members))
	share, larger := partitions/len(members), partitions%len(members)
	has := make(map[string]int, len(members))
	for n := range owners {
		best := preferred(n, members, func(m string) bool {
			return has[m] < share || has[m] == share && larger > 0
		})
		if has[best] == share {
			larger--
		}
		has[best]++
		owners[n] = best
	}
	return owners
}

// preferred is the member that a partition likes best of those that may.
func preferred(n int, members []string, may func(string) bool) (best string) {
	var most uint64
	for _, m := range members {
		if w := weight(n, m); may(m) && (best == "" || cmp.Less(most, w)) {
			best, most = m, w
		}
	}
	return best
}

func weight(n int, member string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(member))
	h.Write([]byte{0})
	h.Write([]byte(strconv.Itoa(n)))
	w := h.Sum64() // whose last bytes hardly reach the upper bits
	w ^= w >> 33
	w *= 0xff51afd7ed558ccd
	return w ^ w>>33
}
