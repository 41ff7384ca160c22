package storefront

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// pages are the templates, by name. A page stands in the frame of all; a fragment
// is the part of one that its script asks for alone.
type pages map[string]*template.Template

// fragments are templates that are also part of a page.
var fragments = map[string]string{"status": "order", "then": "history"}

func parsePages() (pages, error) {
	all := pages{}
	base := template.New("frame").Funcs(functions)
	if _, err := base.ParseFS(pageFiles, "pages/frame.html", "pages/parts.html"); err != nil {
		return nil, err
	}
	for _, name := range []string{"home", "product", "basket", "orders", "order", "history", "emails", "sales", "failures", "failed"} {
		t, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if all[name], err = t.ParseFS(pageFiles, "pages/"+name+".html"); err != nil {
			return nil, err
		}
	}
	for fragment, page := range fragments {
		all[fragment] = all[page]
	}
	return all, nil
}

func (p pages) isFragment(name string) bool { return fragments[name] != "" }

func (p pages) execute(w io.Writer, name string, f frame) error {
	if p.isFragment(name) {
		return p[name].ExecuteTemplate(w, name, f.Page)
	}
	return p[name].ExecuteTemplate(w, "frame", f)
}

// functions are what the templates call.
var functions = template.FuncMap{
	"euros":   euros,
	"clock":   func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05") },
	"stars":   stars,
	"tenths":  func(n int64) string { return fmt.Sprintf("%d.%d", n/10, n%10) },
	"pretty":  pretty,
	"says":    says,
	"share":   share,
	"most":    most,
	"tens":    func(n int64) int64 { return 10 * n },
	"int":     func(n int64) int { return int(n) },
	"plural":  plural,
	"numbers": func(from, to int) (all []int) { return slices.Collect(between(from, to)) },
}

func between(from, to int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for n := from; n <= to && yield(n); n++ {
		}
	}
}

// euros groups thousands, as in €1,234.50.
func euros(cents int64) string {
	whole := fmt.Sprint(cents / 100)
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("€%s.%02d", whole, max(cents%100, -cents%100))
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// stars are five, some of them full, for tenths of a star.
func stars(tenths int64) string {
	full := int(min(max((tenths+4)/10, 0), 5))
	return strings.Repeat("★", full) + strings.Repeat("☆", 5-full)
}

// The most of an event's data that is shown, in bytes, and how many objects and
// lists are set line by line: each level moves all within it to the right.
const (
	maxShown  = 16 << 10
	maxPretty = 500
)

// pretty is JSON with a line for each field. What is no JSON, or too much of it,
// stays as it is, as far as it is shown.
func pretty(b json.RawMessage) string {
	if len(b) > maxShown {
		return strings.ToValidUTF8(string(b[:maxShown]), "") + " …"
	}
	var out bytes.Buffer
	if bytes.Count(b, []byte("{"))+bytes.Count(b, []byte("[")) > maxPretty || json.Indent(&out, b, "", "  ") != nil {
		return string(b)
	}
	return out.String()
}

// share is how wide a bar is, of a hundred.
func share(n, most int64) int64 {
	if most <= 0 || n <= 0 {
		return 0
	}
	return max(100*n/most, 1)
}

func most(bars []count) (n int64) {
	for _, b := range bars {
		n = max(n, b.Count)
	}
	return n
}

// says is what an event of an order means, in words.
func says(event string) string {
	if s := meanings[event]; s != "" {
		return s
	}
	return "Something happened: " + event
}

var meanings = map[string]string{
	"OrderPlaced":         "The customer placed the order",
	"ProductAdded":        "The customer wanted more",
	"ProductRemoved":      "The customer wanted less",
	"OrderPaid":           "The order was paid",
	"ValidationRequested": "The catalogue was asked whether it can be sold",
	"OrderValidated":      "The catalogue said that it can be sold",
	"AllocationRequested": "The stock was asked to set the goods aside",
	"OrderAllocated":      "The goods were set aside",
	"OrderCancelled":      "The customer cancelled it",
	"OrderFailed":         "It could not be carried out",
	"OrderRefunded":       "The money was paid back",
}
