package cairn

// A jsonScanner goes over JSON once and allocates nothing. It is as strict as
// encoding/json, and several times as fast, because a store runs it on events
// on their way into the log.
type jsonScanner struct {
	b     []byte
	at    int
	depth int
}

// jsonDepth is how deep objects and lists may lie in each other, as in
// encoding/json.
const jsonDepth = 10_000

// whole reports whether all there is is one object. It calls member with the
// object's members: keys as they are written, without their quotes, and values
// as they are written.
func (s *jsonScanner) whole(member func(key, value []byte)) bool {
	ok := s.peek() == '{' && s.object(member)
	s.space()
	return ok && s.at == len(s.b)
}

func (s *jsonScanner) space() {
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte behind white space; zero at the end.
func (s *jsonScanner) peek() byte {
	s.space()
	if s.at == len(s.b) {
		return 0
	}
	return s.b[s.at]
}

// next takes the byte if it comes next.
func (s *jsonScanner) next(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *jsonScanner) value() bool {
	switch s.peek() {
	case '"':
		return s.text()
	case '{':
		return s.object(nil)
	case '[':
		return s.list()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

// object takes an object, whose members it shows to member unless that is nil.
func (s *jsonScanner) object(member func(key, value []byte)) bool {
	if !s.enter() {
		return false
	}
	for first := true; !s.next('}'); first = false {
		if !first && !s.next(',') || s.peek() != '"' {
			return false
		}
		start := s.at
		if !s.text() {
			return false
		}
		key := s.b[start+1 : s.at-1]
		if !s.next(':') {
			return false
		}
		s.space()
		start = s.at
		if !s.value() {
			return false
		}
		if member != nil {
			member(key, s.b[start:s.at])
		}
	}
	s.depth--
	return true
}

func (s *jsonScanner) list() bool {
	if !s.enter() {
		return false
	}
	for first := true; !s.next(']'); first = false {
		if !first && !s.next(',') || !s.value() {
			return false
		}
	}
	s.depth--
	return true
}

// enter takes a bracket that opens.
func (s *jsonScanner) enter() bool {
	s.at++
	s.depth++
	return s.depth <= jsonDepth
}

func (s *jsonScanner) word(w string) bool {
	if n := s.at + len(w); n <= len(s.b) && string(s.b[s.at:n]) == w {
		s.at = n
		return true
	}
	return false
}

// text takes a string, the quotes included.
func (s *jsonScanner) text() bool {
	for i := s.at + 1; i < len(s.b); i++ {
		c := s.b[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		if c == '"' {
			s.at = i + 1
			return true
		}
		n := escape(s.b[i:])
		if n == 0 {
			return false
		}
		i += n - 1
	}
	return false
}

// escape is how many bytes the escape takes that begins b; zero if none does.
func escape(b []byte) int {
	if len(b) < 2 || b[0] != '\\' {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) > 5 && hexadecimal(b[2]) && hexadecimal(b[3]) && hexadecimal(b[4]) && hexadecimal(b[5]) {
			return 6
		}
	}
	return 0
}

func hexadecimal(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func (s *jsonScanner) number() bool {
	s.one('-')
	if !s.one('0') && !s.digits() {
		return false
	}
	if s.one('.') && !s.digits() {
		return false
	}
	if s.one('e') || s.one('E') {
		_ = s.one('+') || s.one('-')
		return s.digits()
	}
	return true
}

// one takes the byte if it is right there.
func (s *jsonScanner) one(c byte) bool {
	if s.at < len(s.b) && s.b[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *jsonScanner) digits() bool {
	start := s.at
	for s.at < len(s.b) && '0' <= s.b[s.at] && s.b[s.at] <= '9' {
		s.at++
	}
	return s.at > start
}
