package config

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A value is a setting's place in a [Config], which it reads and writes as text.
type value interface {
	// Set fails with what is wrong and what would be right.
	Set(string) error
	String() string
}

type text struct{ to *string }

func (v text) Set(s string) error { *v.to = s; return nil }
func (v text) String() string     { return *v.to }

type yes struct{ to *bool }

func (v yes) Set(s string) error {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "on":
		*v.to = true
	case "false", "0", "no", "off":
		*v.to = false
	default:
		return fmt.Errorf("%q is neither true nor false", s)
	}
	return nil
}
func (v yes) String() string { return strconv.FormatBool(*v.to) }

type number struct {
	to       *int
	min, max int
}

func (v number) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < v.min || n > v.max {
		return fmt.Errorf("%q is not a whole number from %d to %d", s, v.min, v.max)
	}
	*v.to = n
	return nil
}
func (v number) String() string { return strconv.Itoa(*v.to) }

type size struct {
	to       *int
	min, max int
}

// units are the factors of the letters that a size may end in, largest first.
var units = []struct {
	letter string
	bytes  int
}{{"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}}

func (v size) Set(s string) error {
	digits, unit := s, 1
	for _, u := range units {
		if rest, ok := strings.CutSuffix(strings.ToUpper(s), u.letter); ok {
			digits, unit = rest, u.bytes
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > v.max/unit || n*unit < v.min {
		return fmt.Errorf("%q is not a number of bytes from %s to %s (K, M and G are multiples of 1,024)", s, sizeText(v.min), sizeText(v.max))
	}
	*v.to = n * unit
	return nil
}
func (v size) String() string { return sizeText(*v.to) }

// sizeText writes a size as shortly as it can be read again.
func sizeText(n int) string {
	for _, u := range units {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.Itoa(n/u.bytes) + u.letter
		}
	}
	return strconv.Itoa(n)
}

type span struct {
	to       *time.Duration
	min, max time.Duration
}

func (v span) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d < v.min || d > v.max {
		return fmt.Errorf("%q is not a time from %v to %v, such as 500ms or 30s", s, v.min, v.max)
	}
	*v.to = d
	return nil
}
func (v span) String() string { return v.to.String() }

type choice struct {
	to *string
	of []string
}

func (v choice) Set(s string) error {
	if !slices.Contains(v.of, strings.ToLower(s)) {
		return fmt.Errorf("%q is not one of %s", s, strings.Join(v.of, ", "))
	}
	*v.to = strings.ToLower(s)
	return nil
}
func (v choice) String() string { return *v.to }

type list struct{ to *[]string }

func (v list) Set(s string) error {
	*v.to = nil
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			*v.to = append(*v.to, item)
		}
	}
	return nil
}
func (v list) String() string { return strings.Join(*v.to, ",") }

// An address is a host and a port. It may be empty if nothing is listened on.
type address struct {
	to       *string
	optional bool
}

func (v address) Set(s string) error {
	if s == "" && v.optional {
		*v.to = ""
		return nil
	}
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is not a host and a port, such as 127.0.0.1:2113", s)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > maxPort {
		return fmt.Errorf("%q has no port from 0 to %d", s, maxPort)
	}
	*v.to = s
	return nil
}
func (v address) String() string { return *v.to }

const maxPort = 1<<16 - 1
