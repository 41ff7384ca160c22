package account

import (
	"errors"
	"fmt"
	"strings"
)

// Category is the category of the streams that accounts are stored in.
const Category = "account"

// numberDigits is how many digits a number has.
const numberDigits = 10

// ErrNumber is matched by the error of a text that is not an account number.
var ErrNumber = errors.New("not an account number")

// A Number identifies an account for ever: ten digits. Unlike a name it is
// never used again.
type Number string

// NumberOf makes an account number of the last ten digits of n.
func NumberOf(n uint64) Number {
	return Number(fmt.Sprintf("%0*d", numberDigits, n%1e10))
}

// ParseNumber reads an account number.
func ParseNumber(s string) (Number, error) {
	if len(s) != numberDigits || !isDigits(s) {
		return "", fmt.Errorf("%w: %.40q; it has %d digits", ErrNumber, s, numberDigits)
	}
	return Number(s), nil
}

// Stream is the name of the stream that holds the account's events.
func (n Number) Stream() string { return Category + "-" + string(n) }

// NumberOfStream is the inverse of [Number.Stream], and whether the stream is
// that of an account.
func NumberOfStream(stream string) (Number, bool) {
	digits, ok := strings.CutPrefix(stream, Category+"-")
	n, err := ParseNumber(digits)
	return n, ok && err == nil
}
