package ui

import (
	"net/http"

	"github.com/cairndb/cairn"
)

func (u *ui) overviewPages() []page {
	return []page{{"GET /{$}", u.overview}}
}

type overview struct {
	Info    cairn.Info
	Storage Storage
}

func (u *ui) overview(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.CheckRole(r.Context()); err != nil {
		return err
	}
	info, err := u.store.Info(r.Context())
	if err != nil {
		return err
	}
	v := overview{Info: info}
	if u.o.Storage != nil {
		if v.Storage, err = u.o.Storage(r.Context()); err != nil {
			return err
		}
	}
	return u.render(w, r, "overview", view{Title: "Overview", Section: "overview", Data: v})
}
