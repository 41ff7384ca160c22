package ui

import (
	"encoding/base64"
	"net/http"
)

// noticeCookie carries what came of an act to the page that is shown next.
const noticeCookie = "cairn-notice"

// maxNotice is how many bytes of one are kept.
const maxNotice = 500

// done sends the caller to a page after an act, with what came of it.
func done(w http.ResponseWriter, r *http.Request, to, notice string) error {
	if len(notice) > maxNotice {
		notice = notice[:maxNotice]
	}
	http.SetCookie(w, &http.Cookie{
		Name: noticeCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(notice)), Path: Prefix,
		MaxAge: 30, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// takeNotice is what the last act left for this page, and forgets it.
func takeNotice(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(noticeCookie)
	if err != nil {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: noticeCookie, Path: Prefix, MaxAge: -1, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(text) > maxNotice {
		return ""
	}
	return string(text)
}
