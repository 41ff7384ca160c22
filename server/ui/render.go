package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed all:pages
var pageFiles embed.FS

// templates are those of each page, by the name of its file.
type templates map[string]*template.Template

// parsed reads the templates: each page together with the layout and the parts
// that pages share, which are the files whose names begin with "_". They are part
// of the program, so one that is wrong panics in any test.
func parsed() templates {
	shared := template.Must(template.New("").Funcs(functions()).ParseFS(pageFiles, "pages/_*.html"))
	files, err := fs.Glob(pageFiles, "pages/[a-z]*.html")
	if err != nil {
		panic(err)
	}
	all := templates{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		all[name] = template.Must(template.Must(shared.Clone()).ParseFS(pageFiles, file))
	}
	return all
}

// A view is what a page shows, as the layout sees it.
type view struct {
	Title   string // of the window; the page writes its own heading
	Section string // whose entry in the navigation is marked
	Data    any    // for the page's template, as .Data

	// What the layout adds.
	Sections []section
	User     string // who is logged in; empty where nobody has to
	Version  string
	Notice   string // what came of the act that led here
	Path     string // of this page, for forms that come back to it
}

// render writes a page: the template "main" of its file within the layout.
func (u *ui) render(w http.ResponseWriter, r *http.Request, name string, v view) error {
	return u.renderStatus(w, r, http.StatusOK, name, v)
}

func (u *ui) renderStatus(w http.ResponseWriter, r *http.Request, status int, name string, v view) error {
	v.Sections, v.Version, v.Path = sections, u.o.Version, r.URL.RequestURI()
	v.User = u.loggedIn(r)
	v.Notice = takeNotice(w, r)
	return u.execute(w, status, name, "layout", v)
}

// execute writes nothing before all of it is there.
func (u *ui) execute(w http.ResponseWriter, status int, name, block string, data any) error {
	text, err := u.text(name, block, data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // nobody is left to be told
	return nil
}

// text is a block of a page as HTML.
func (u *ui) text(name, block string, data any) ([]byte, error) {
	t := u.templates[name]
	if t == nil {
		return nil, fmt.Errorf("ui: there is no page %q", name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, block, data); err != nil {
		return nil, fmt.Errorf("ui: page %s: %w", name, err)
	}
	return b.Bytes(), nil
}
