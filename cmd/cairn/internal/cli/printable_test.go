package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for s, want := range map[string]string{
		"plain é 世界 🪨":              "plain é 世界 🪨",
		"\x1b[31mred\x1b[0m":        `\x1b[31mred\x1b[0m`,
		"a\tb\r\nc\x00\x7f":         `a\tb\r\nc\x00\x7f`,
		"\u009b1m":                  `\u009b1m`,
		"\u202egnp.exe":             `\u202egnp.exe`,
		"zero\u200bwidth\ufeff":     `zero\u200bwidth\ufeff`,
		"line\u2028paragraph\u2029": `line\u2028paragraph\u2029`,
		"\xff\xc3(":                 `\xff\xc3(`,
		"\xed\xa0\x80":              `\xed\xa0\x80`,
		"\U000e0041":                `\U000e0041`,
		"replaced \ufffd":           `replaced \ufffd`,
	} {
		if got := printable(s); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}

func TestHarmlessJSON(t *testing.T) {
	in := "{\"a\":\"\u009b\u202e \u007f\U000e0041 é世\"}\n{}\n"
	got := harmlessJSON([]byte(in))
	if want := `{"a":"\u009b\u202e \u007f\udb40\udc41 é世"}` + "\n{}\n"; string(got) != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	var before, after map[string]string
	line, _, _ := bytes.Cut(got, []byte("\n"))
	if err := json.Unmarshal(line, &after); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(strings.Split(in, "\n")[0]), &before); err != nil || before["a"] != after["a"] {
		t.Fatalf("%q became %q, %v", before, after, err)
	}
}

func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"a", "\x1b[2J", "\u202e", "\xff", "世\u200d界"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		p := printable(s)
		if !utf8.ValidString(p) || strings.IndexFunc(p, hidden) >= 0 {
			t.Fatalf("%q became %q", s, p)
		}
		width = 3 + width&63
		for _, cut := range []string{clip(p, width), clipMiddle(p, width)} {
			if columns(cut) > width || !utf8.ValidString(cut) || columns(p) <= width && cut != p {
				t.Fatalf("%q cut to %d is %q, %d columns", p, width, cut, columns(cut))
			}
		}
	})
}

func TestClip(t *testing.T) {
	tests := []struct {
		s     string
		width int
		end   string
	}{
		{"short", 5, "short"},
		{"a longer one", 7, "a long…"},
		{"世界世界", 5, "世界…"},
		{"世界世界", 6, "世界…"},
		{"file-server/consumer.go", 12, "file-server…"},
	}
	for _, tt := range tests {
		if got := clip(tt.s, tt.width); got != tt.end {
			t.Errorf("clip(%q, %d) = %q, want %q", tt.s, tt.width, got, tt.end)
		}
		if got := clipMiddle(tt.s, tt.width); columns(got) > tt.width {
			t.Errorf("clipMiddle(%q, %d) = %q, which is wider", tt.s, tt.width, got)
		}
	}
}

func TestWrap(t *testing.T) {
	for width, want := range map[int]string{
		0: "some words, and morethanfits", -3: "some words, and morethanfits", 11: "some words,|and|morethanfits", 15: "some words, and|morethanfits",
		1: "some|words,|and|morethanfits",
	} {
		if got := strings.Join(wrap("some words, and morethanfits", width), "|"); got != want {
			t.Errorf("wrap to %d: got %q, want %q", width, got, want)
		}
	}
}
