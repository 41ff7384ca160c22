package ui

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/cairndb/cairn/server/access"
)

// A userPage is what the page of a user shows.
type userPage struct {
	access.User
	Self          bool // it is who looks at it
	Form          userForm
	WrongPassword string
}

func (u *ui) user(w http.ResponseWriter, r *http.Request) error {
	user, err := u.userOf(r)
	if err != nil {
		return err
	}
	return u.showUser(w, r, http.StatusOK, userPage{User: user, Form: formOfUser(user)})
}

func (u *ui) showUser(w http.ResponseWriter, r *http.Request, status int, p userPage) error {
	p.Self = p.Login == access.From(r.Context()).Name
	return u.operated(w, r, status, "user", "users", p)
}

// userOf is the user that a request is about.
func (u *ui) userOf(r *http.Request) (access.User, error) {
	users, err := u.managed()
	if err != nil {
		return access.User{}, err
	}
	return users.Get(r.Context(), unescapeSegment(r.PathValue("login")))
}

// act does something to the user of a request.
func (u *ui) act(w http.ResponseWriter, r *http.Request, does func(*access.Users, access.User) error) (access.User, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	user, err := u.userOf(r)
	if err == nil {
		err = does(u.access.Users(), user)
	}
	return user, err
}

// acted ends an act that went well.
func (u *ui) acted(w http.ResponseWriter, r *http.Request, login, what, says string) error {
	u.note(r, what, login)
	return done(w, r, pagePath("/operations/users", login), says)
}

func (u *ui) userDescribe(w http.ResponseWriter, r *http.Request) error {
	var f userForm
	user, err := u.act(w, r, func(users *access.Users, user access.User) error {
		f = userFormOf(r)
		f.Login = user.Login
		change := func() error { return users.Update(r.Context(), user.Login, f.FullName, f.groups()) }
		if f.Admin {
			return change()
		}
		return u.sparing(r.Context(), user, change)
	})
	if f.Wrong = typo(err); f.Wrong != "" {
		return u.showUser(w, r, http.StatusBadRequest, userPage{User: user, Form: f})
	}
	if err != nil {
		return err
	}
	return u.acted(w, r, user.Login, "a user was changed", "The user "+user.Login+" is changed.")
}

func (u *ui) userPassword(w http.ResponseWriter, r *http.Request) error {
	user, err := u.act(w, r, func(users *access.Users, user access.User) error {
		password, err := newPassword(r)
		if err != nil {
			return err
		}
		return users.ResetPassword(r.Context(), user.Login, password)
	})
	if says := typo(err); says != "" {
		return u.showUser(w, r, http.StatusBadRequest, userPage{User: user, Form: formOfUser(user), WrongPassword: says})
	}
	if err != nil {
		return err
	}
	return u.acted(w, r, user.Login, "a password was set", "The user "+user.Login+" has a new password.")
}

func (u *ui) userEnable(w http.ResponseWriter, r *http.Request) error {
	user, err := u.act(w, r, func(users *access.Users, user access.User) error { return users.Enable(r.Context(), user.Login) })
	if err != nil {
		return err
	}
	return u.acted(w, r, user.Login, "a user was enabled", "The user "+user.Login+" may log in again.")
}

func (u *ui) userDisableAsk(w http.ResponseWriter, r *http.Request) error {
	return u.askAbout(w, r, "Disable", "disable", "Nobody gets in by this name and password any more, and sessions end at once.", "An administrator can enable it again.")
}

func (u *ui) userDisable(w http.ResponseWriter, r *http.Request) error {
	user, err := u.act(w, r, func(users *access.Users, user access.User) error {
		return u.sparing(r.Context(), user, func() error { return users.Disable(r.Context(), user.Login) })
	})
	if err != nil {
		return err
	}
	return u.acted(w, r, user.Login, "a user was disabled", "The user "+user.Login+" may not log in any more.")
}

func (u *ui) userDeleteAsk(w http.ResponseWriter, r *http.Request) error {
	return u.askAbout(w, r, "Delete", "delete", "Nobody gets in by this name and password any more, and sessions end at once.",
		"The password and the groups are gone. Streams that name the user keep doing so: who is given the name later gets what they allow.")
}

// askAbout asks once before something is done to a user.
func (u *ui) askAbout(w http.ResponseWriter, r *http.Request, verb, act string, says ...string) error {
	user, err := u.userOf(r)
	if err != nil {
		return err
	}
	if user.Login == access.From(r.Context()).Name {
		says = append(says, "This is you: you are logged out, and cannot undo it.")
	}
	here := pagePath("/operations/users", user.Login)
	return u.confirm(w, r, "operations", confirmation{
		Title: verb + " the user " + user.Login + "?", Says: says, Action: here + "/" + act, Button: verb + " it", Back: here,
	})
}

func (u *ui) userDelete(w http.ResponseWriter, r *http.Request) error {
	user, err := u.act(w, r, func(users *access.Users, user access.User) error {
		return u.sparing(r.Context(), user, func() error { return users.Delete(r.Context(), user.Login) })
	})
	if err != nil {
		return err
	}
	u.note(r, "a user was deleted", user.Login)
	return done(w, r, pagePath("/operations/users"), "The user "+user.Login+" is deleted.")
}

// sparing changes a user who is an administrator no more afterwards, unless nobody
// else is one: then nobody could log in who may create another. One such change is
// made at a time, or two could each rely on the other.
func (u *ui) sparing(ctx context.Context, user access.User, change func() error) error {
	u.sparingOne.Lock()
	defer u.sparingOne.Unlock()
	if administers(user) {
		other, err := u.otherAdministrator(ctx, user.Login)
		if err != nil {
			return err
		}
		if !other {
			return &problem{
				http.StatusConflict, "Somebody has to be the administrator",
				fmt.Sprintf("Nobody but %s is in %s and enabled, so nothing was done.", user.Login, access.Admins), "Make somebody else an administrator first.",
			}
		}
	}
	return change()
}

// administers reports whether a user is an administrator who can log in.
func administers(user access.User) bool {
	return !user.Disabled && slices.Contains(user.Groups, access.Admins)
}

// otherAdministrator reports whether there is one besides a login.
func (u *ui) otherAdministrator(ctx context.Context, login string) (bool, error) {
	for user, err := range u.access.Users().Each(ctx) {
		if err != nil {
			return false, err
		}
		if user.Login != login && administers(user) {
			return true, nil
		}
	}
	return false, nil
}
