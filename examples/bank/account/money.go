package account

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Money is an amount in cents. Cents are whole, so sums are exact.
type Money int64

// MaxMoney is the most that an account may hold and that can be moved at once:
// ten million million. Sums of two amounts in range cannot overflow.
const MaxMoney Money = 1_000_000_000_000_000

// ErrMoney is matched by the error of a text that is not an amount.
var ErrMoney = errors.New("not an amount of money")

// ParseMoney reads an amount such as "12", "12.5", "12.50" or "-3.10". More than
// two decimals are refused, not rounded.
func ParseMoney(s string) (Money, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, decimals, point := strings.Cut(digits, ".")
	if !isDigits(whole) || point && !isDigits(decimals) || len(decimals) > 2 {
		return 0, fmt.Errorf("%w: %.40q; write it like 12 or 12.50", ErrMoney, s)
	}
	n, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	if err != nil || n > int64(MaxMoney) {
		return 0, fmt.Errorf("%w: %.40q is more than %v", ErrMoney, s, MaxMoney)
	}
	if negative {
		n = -n
	}
	return Money(n), nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// String writes the amount with two decimals and no separators, as
// [ParseMoney] reads it.
func (m Money) String() string {
	sign, abs := "", uint64(m)
	if m < 0 {
		sign, abs = "-", -abs
	}
	return fmt.Sprintf("%s%d.%02d", sign, abs/100, abs%100)
}

// MarshalText stores amounts as they are read by people: in JSON, "12.50". A
// JSON number would tempt a reader in another language to use a float.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Money) UnmarshalText(b []byte) (err error) {
	*m, err = ParseMoney(string(b))
	return err
}
