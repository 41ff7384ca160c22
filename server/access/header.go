package access

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxHeader is more than the longest login and password take, encoded.
const maxHeader = 4 << 10

// parseHeader finds login and password in the value of an Authorization header:
// "Basic" and base64 of both with a colon between. "Bearer" and the same is
// accepted too, as KurrentDB does.
func parseHeader(value string) (login, password string, ok bool) {
	if len(value) > maxHeader {
		return "", "", false
	}
	scheme, encoded, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Basic") && !strings.EqualFold(scheme, "Bearer") {
		return "", "", false
	}
	encoded = strings.TrimRight(strings.Trim(encoded, " "), "=")
	plain, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil || !utf8.Valid(plain) {
		return "", "", false
	}
	login, password, ok = strings.Cut(string(plain), ":")
	return login, password, ok && validateLogin(login) == nil && validatePassword("password", password) == nil
}
