package ui

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/cairndb/cairn/server/access"
)

// sessionCookie names the cookie of a session. Over TLS the browser holds it to
// this host and to encryption, which is what the prefix says.
func sessionCookie(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-cairn-session"
	}
	return "cairn-session"
}

// identified finds out who calls and puts that into the request's context: by the
// session, or else as the rest of the server does. Whoever cannot be known any
// more logs in again.
func (u *ui) identified(next http.Handler) http.Handler {
	byHeader := u.access.Identify(next, func(w http.ResponseWriter, r *http.Request, err error) { u.problem(w, r, err) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, ok := u.session(r)
		if u.access.Insecure() || !ok {
			byHeader.ServeHTTP(w, r)
			return
		}
		who, err := u.access.Resume(r.Context(), s)
		switch {
		case errors.Is(err, access.ErrUnauthenticated):
			u.toLogin(w, r)
		case err != nil:
			u.problem(w, r, err)
		default:
			next.ServeHTTP(w, r.WithContext(access.With(r.Context(), who)))
		}
	})
}

func (u *ui) session(r *http.Request) (access.Session, bool) {
	c, err := r.Cookie(sessionCookie(r))
	if err != nil {
		return access.Session{}, false
	}
	return u.sessions.find(c.Value)
}

// anonymous reports whether the caller might be allowed more after logging in.
func (u *ui) anonymous(r *http.Request) bool {
	return !u.access.Insecure() && access.From(r.Context()).Anonymous()
}

// loggedIn is who is shown as such; nobody on a server that asks nobody.
func (u *ui) loggedIn(r *http.Request) string {
	if u.access.Insecure() {
		return ""
	}
	return access.From(r.Context()).Name
}

// toLogin sends somebody to log in, and back to where they wanted to go. A script
// that asked for part of a page is told to load the whole page.
func (u *ui) toLogin(w http.ResponseWriter, r *http.Request) {
	to := Prefix + "/login"
	if r.Method == http.MethodGet && r.URL.Path != Prefix+"/" {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", Prefix+"/login")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// A loginForm is what the page to log in shows.
type loginForm struct {
	Login, To, Wrong string
}

func (u *ui) loginPage(w http.ResponseWriter, r *http.Request) error {
	if u.access.Insecure() {
		http.Redirect(w, r, Prefix+"/", http.StatusSeeOther)
		return nil
	}
	return u.render(w, r, "login", view{Title: "Log in", Data: loginForm{To: here(r.FormValue("to"))}})
}

// here is a path of the window to go to, whatever was asked for.
func here(to string) string {
	parsed, err := url.Parse(to)
	if err != nil || parsed.Host != "" || parsed.Scheme != "" || !strings.HasPrefix(to, Prefix+"/") {
		return Prefix + "/"
	}
	return to
}

// maxLogin is how many bytes the form to log in may have.
const maxLogin = 16 << 10

func (u *ui) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxLogin)
	form := loginForm{Login: r.PostFormValue("login"), To: here(r.PostFormValue("to"))}
	if u.access.Insecure() {
		http.Redirect(w, r, form.To, http.StatusSeeOther)
		return nil
	}
	s, err := u.access.Login(r.Context(), form.Login, r.PostFormValue("password"))
	if errors.Is(err, access.ErrUnauthenticated) {
		form.Wrong = "There is no such user, or the password is wrong."
		return u.renderStatus(w, r, http.StatusUnauthorized, "login", view{Title: "Log in", Data: form})
	}
	if err != nil {
		return err
	}
	setCookie(w, r, u.sessions.begin(s), 0)
	http.Redirect(w, r, form.To, http.StatusSeeOther)
	return nil
}

func (u *ui) logout(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(sessionCookie(r)); err == nil {
		u.sessions.end(c.Value)
	}
	setCookie(w, r, "", -1)
	http.Redirect(w, r, Prefix+"/login", http.StatusSeeOther)
	return nil
}

func setCookie(w http.ResponseWriter, r *http.Request, token string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie(r), Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}
