package ui

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

func (u *ui) userPages() []page {
	return []page{
		{"GET /operations/users", u.users},
		{"POST /operations/users", u.userCreate},
		{"GET /operations/users/{login}", u.user},
		{"POST /operations/users/{login}/describe", u.userDescribe},
		{"POST /operations/users/{login}/password", u.userPassword},
		{"POST /operations/users/{login}/enable", u.userEnable},
		{"POST /operations/users/{login}/disable/ask", u.userDisableAsk},
		{"POST /operations/users/{login}/disable", u.userDisable},
		{"POST /operations/users/{login}/delete/ask", u.userDeleteAsk},
		{"POST /operations/users/{login}/delete", u.userDelete},
	}
}

// usersShown is how many users a page shows.
const usersShown = 100

// A userForm is what was typed about a user, without the password.
type userForm struct {
	Login, FullName string
	Admin, Ops      bool
	Groups          string // the others, a line for each
	Wrong           string // what is wrong with it
}

// userFormOf reads a form. What it makes of the groups is checked by access.
func userFormOf(r *http.Request) userForm {
	return userForm{
		Login: r.PostFormValue("login"), FullName: r.PostFormValue("name"),
		Admin: r.PostFormValue("admin") != "", Ops: r.PostFormValue("ops") != "", Groups: r.PostFormValue("groups"),
	}
}

// formOfUser is the form as it is before anything is changed.
func formOfUser(user access.User) userForm {
	f := userForm{Login: user.Login, FullName: user.FullName}
	var others []string
	for _, g := range user.Groups {
		switch g {
		case access.Admins:
			f.Admin = true
		case access.Operations:
			f.Ops = true
		default:
			others = append(others, g)
		}
	}
	f.Groups = strings.Join(others, "\n")
	return f
}

// groups are all that were chosen, each once.
func (f userForm) groups() (all []string) {
	if f.Admin {
		all = append(all, access.Admins)
	}
	if f.Ops {
		all = append(all, access.Operations)
	}
	for line := range strings.Lines(f.Groups) {
		if g := strings.TrimSpace(line); g != "" && !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}

// errTwice is what is wrong with a password that was typed once so and once
// otherwise.
var errTwice = &cairn.InvalidError{Field: "password", Problem: "was typed differently the second time"}

// newPassword is the one that was typed, twice.
func newPassword(r *http.Request) (string, error) {
	password := r.PostFormValue("password")
	if password != r.PostFormValue("again") {
		return "", errTwice
	}
	return password, nil
}

// typo is what to write next to a form, if that is where an error belongs.
func typo(err error) string {
	if errors.Is(err, cairn.ErrInvalid) {
		return err.Error()
	}
	if errors.Is(err, access.ErrUserExists) {
		return "There is such a user already."
	}
	return ""
}

// A usersPage is what the page of users shows.
type usersPage struct {
	None bool // the server has no users
	Q    string
	All  []access.User
	More bool // than are shown
	Form userForm
}

func (u *ui) users(w http.ResponseWriter, r *http.Request) error {
	return u.showUsers(w, r, http.StatusOK, userForm{})
}

// showUsers shows those whose login holds what was asked for.
func (u *ui) showUsers(w http.ResponseWriter, r *http.Request, status int, f userForm) (err error) {
	p := usersPage{None: u.access.Insecure(), Q: r.URL.Query().Get("q"), Form: f}
	if !p.None {
		p.All, p.More, err = u.usersWith(r.Context(), p.Q)
	}
	if err != nil {
		return err
	}
	return u.operated(w, r, status, "users", "users", p)
}

func (u *ui) usersWith(ctx context.Context, part string) (all []access.User, more bool, err error) {
	for user, err := range u.access.Users().Each(ctx) {
		if err != nil {
			return nil, false, err
		}
		if !strings.Contains(user.Login, part) {
			continue
		}
		if len(all) == usersShown {
			return all, true, nil
		}
		all = append(all, user)
	}
	return all, false, nil
}

func (u *ui) userCreate(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	users, err := u.managed()
	if err != nil {
		return err
	}
	f := userFormOf(r)
	password, err := newPassword(r)
	if err == nil {
		err = users.Create(r.Context(), access.User{Login: f.Login, FullName: f.FullName, Groups: f.groups()}, password)
	}
	if f.Wrong = typo(err); f.Wrong != "" {
		return u.showUsers(w, r, http.StatusBadRequest, f)
	}
	if err != nil {
		return err
	}
	u.note(r, "a user was created", f.Login)
	return done(w, r, pagePath("/operations/users"), "The user "+f.Login+" is created.")
}

// managed are the users, if there are any.
func (u *ui) managed() (*access.Users, error) {
	if users := u.access.Users(); users != nil {
		return users, nil
	}
	return nil, notThere("This server has no users.")
}

// note logs who did what to whom.
func (u *ui) note(r *http.Request, what, login string) {
	u.o.Logger.Info(what, "user", login, "by", access.From(r.Context()).Name)
}
