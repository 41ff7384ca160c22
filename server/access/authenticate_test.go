package access_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

func TestHeaders(t *testing.T) {
	c, _ := newControl(t, access.Options{})
	create(t, c, "ärger", "päss:word ☂", "foo", "bar")
	encode := base64.StdEncoding.EncodeToString
	right := encode([]byte("ärger:päss:word ☂"))
	for _, test := range []struct {
		name, header string
		want         bool
	}{
		{"basic", "Basic " + right, true},
		{"in lower case", "basic " + right, true},
		{"as a bearer's", "Bearer " + right, true},
		{"without padding", "Basic " + strings.TrimRight(right, "="), true},
		{"with spaces", "Basic   " + right + " ", true},
		{"wrong password", basic("ärger", "other"), false},
		{"no password", basic("ärger", ""), false},
		{"unknown", basic("nobody", "password"), false},
		{"no login", basic("", "password"), false},
		{"a group of the system", basic("$admins", "password"), false},
		{"no colon", "Basic " + encode([]byte("admin")), false},
		{"not base64", "Basic %%%", false},
		{"not text", "Basic " + encode([]byte{'a', ':', 0xff}), false},
		{"no credentials", "Basic", false},
		{"no scheme", right, false},
		{"another scheme", "Digest " + right, false},
		{"a token of somebody else's", "Bearer eyJhbGciOiJub25lIn0.e30.", false},
		{"too long", basic("admin", strings.Repeat("x", 10_000)), false},
		{"a space only", " ", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // the second time from memory
				p, err := c.Authenticate(t.Context(), test.header, nil)
				if (err == nil) != test.want || err != nil && !errors.Is(err, access.ErrUnauthenticated) {
					t.Errorf("got %v", err)
				}
				if test.want && (p.Name != "ärger" || !slices.Equal(p.Groups, []string{"foo", "bar"})) {
					t.Errorf("it is %+v", p)
				}
			}
		})
	}
}

func TestWhoSaysNothingIsAnonymous(t *testing.T) {
	c, _ := newControl(t, access.Options{})
	if p, err := c.Authenticate(t.Context(), "", nil); err != nil || !p.Anonymous() {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err := access.Open().Authenticate(t.Context(), "Basic nonsense", nil); err != nil || !p.Admin() {
		t.Errorf("an insecure server takes %+v, %v", p, err)
	}
}

// TestChangesOfUsersCountAtOnce, whoever made them.
func TestChangesOfUsersCountAtOnce(t *testing.T) {
	c, store := newControl(t, access.Options{})
	ctx := t.Context()
	for name, users := range map[string]*access.Users{
		"the control's own": c.Users(),
		"somebody else's":   access.NewUsers(store, access.Options{Iterations: cheap}),
		"another control's": control(t, store, access.Options{}).Users(),
	} {
		t.Run(name, func(t *testing.T) {
			do := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			accepted := func(password string, want bool) {
				t.Helper()
				if got := authenticated(t, c, basic("u", password)); got != want {
					t.Fatalf("%q accepted: %v, want %v", password, got, want)
				}
			}
			for range 50 {
				accepted("one", false)
				do(users.Create(ctx, access.User{Login: "u"}, "one"))
				accepted("one", true)
				do(users.ChangePassword(ctx, "u", "one", "two"))
				accepted("one", false)
				accepted("two", true)
				do(users.ResetPassword(ctx, "u", "one"))
				accepted("two", false)
				accepted("one", true)
				do(users.Disable(ctx, "u"))
				accepted("one", false)
				do(users.Enable(ctx, "u"))
				accepted("one", true)
				do(users.Update(ctx, "u", "U", []string{access.Admins}))
				if p, err := c.Authenticate(ctx, basic("u", "one"), nil); err != nil || !p.Admin() {
					t.Fatalf("it is %+v, %v", p, err)
				}
				do(users.Delete(ctx, "u"))
				accepted("one", false)
			}
		})
	}
}

func TestARecordThatMakesNoSenseLetsNobodyIn(t *testing.T) {
	c, store := newControl(t, access.Options{})
	for _, data := range []string{
		``, `null`, `{}`, `[]`, `{"loginName":"u"}`,
		`{"loginName":"admin","groups":["$admins"]}`,
		`{"loginName":"u","algorithm":"pbkdf2-sha256","iterations":0,"salt":"","hash":""}`,
		`{"loginName":"u","algorithm":"pbkdf2-sha256","iterations":9000000000000000000,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`,
		`{"loginName":"u","algorithm":"plain","iterations":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","hash":"cGFzc3dvcmQ="}`,
	} {
		if _, err := store.Append(t.Context(), "$user-u", cairn.Any, cairn.Event{Type: "$UserUpdated", Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
		if authenticated(t, c, basic("u", "password")) {
			t.Errorf("%s lets in", data)
		}
	}
}

func TestClientCertificates(t *testing.T) {
	c, _ := newControl(t, access.Options{})
	create(t, c, "u", "password", "g")
	create(t, c, "gone", "password")
	if err := c.Users().Disable(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	conn := func(name string, verified bool, usage x509.ExtKeyUsage) *tls.ConnectionState {
		leaf := &x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{usage}}
		state := &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}
		if verified {
			state.VerifiedChains = [][]*x509.Certificate{{leaf}}
		}
		return state
	}
	client, server := x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth
	for _, test := range []struct {
		name, header string
		conn         *tls.ConnectionState
		want         string
		err          error
	}{
		{"a user's", "", conn("u", true, client), "u", nil},
		{"that nobody verified", "", conn("u", false, client), "", nil},
		{"of a server", "", conn("u", true, server), "", nil},
		{"none", "", &tls.ConnectionState{}, "", nil},
		{"of nobody known", "", conn("stranger", true, client), "", access.ErrUnauthenticated},
		{"of a disabled user", "", conn("gone", true, client), "", access.ErrUnauthenticated},
		{"of a group", "", conn("$admins", true, client), "", access.ErrUnauthenticated},
		{"and a header", basic("admin", "changeit"), conn("u", true, client), "admin", nil},
		{"and a wrong header", basic("admin", "wrong"), conn("u", true, client), "", access.ErrUnauthenticated},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := c.Authenticate(t.Context(), test.header, test.conn)
			if p.Name != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %+v, %v", p, err)
			}
		})
	}
}

func TestManyFirstCallsAtOnce(t *testing.T) {
	c, _ := newControl(t, access.Options{Iterations: 2000, MaxHashing: 1})
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() {
			if _, err := c.Authenticate(t.Context(), basic("admin", "changeit"), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestPasswordsAreNowhere but in the header.
func TestPasswordsAreNowhere(t *testing.T) {
	const secret, other = "s3cret-Passw0rd", "0ther-Passw0rd"
	var log bytes.Buffer
	c, store := newControl(t, access.Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	users, ctx := c.Users(), t.Context()
	create(t, c, "u", secret)
	var said []string
	note := func(err error) {
		if err == nil {
			t.Error("no error")
			return
		}
		said = append(said, err.Error())
	}
	note(users.Create(ctx, access.User{Login: "u"}, secret))
	note(users.ChangePassword(ctx, "u", other, secret))
	note(users.ResetPassword(ctx, "nobody", secret))
	note(users.ResetPassword(ctx, "u", secret+"\xff"))
	note(users.ResetPassword(ctx, "u", strings.Repeat(secret, 1000)))
	_, err := c.Authenticate(ctx, basic("u", other), nil)
	note(err)
	authenticated(t, c, basic("u", secret))
	_ = c.Close()
	said = append(said, log.String())
	for _, e := range events(t, store) {
		said = append(said, string(e.Data), string(e.Metadata))
	}
	for _, s := range said {
		for _, password := range []string{secret, other, "changeit"} {
			encoded := base64.StdEncoding.EncodeToString([]byte(password))
			if strings.Contains(s, password) || strings.Contains(s, encoded[:len(encoded)-4]) {
				t.Errorf("%q holds a password", s)
			}
		}
	}
}
