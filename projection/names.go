package projection

import (
	"strconv"
	"strings"
)

// Name is what the table is called in this build: "balance_b2" for "balance" in
// build 2, and "balance" itself where builds are not kept apart.
func (n Names) Name(table string) string {
	if n.Build == 0 {
		return table
	}
	return table + "_b" + strconv.Itoa(n.Build)
}

// BuildOf is the opposite of Name: the build that a table belongs to, by its name.
func BuildOf(table, name string) (Names, bool) {
	digits, ok := strings.CutPrefix(name, table+"_b")
	n, err := strconv.Atoi(digits)
	return Names{n}, ok && err == nil && n > 0 && digits == strconv.Itoa(n)
}
