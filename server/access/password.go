package access

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
)

// The limits of a hash that is read from the store. One that is outside of
// them matches no password, so that nobody can make the server hash for hours.
const (
	saltSize      = 16
	maxSaltSize   = 64
	maxIterations = 10_000_000
)

// A hash is what is stored of a password.
type hash struct {
	Algorithm  string `json:"algorithm"`
	Iterations int    `json:"iterations"`
	Salt       []byte `json:"salt"`
	Hash       []byte `json:"hash"`
}

// algorithm names the only way to hash there is. It is stored, so that another
// can follow.
const algorithm = "pbkdf2-sha256"

// newHash hashes a password with a salt of its own.
func newHash(password string, iterations int) (hash, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return hash{}, fmt.Errorf("access: salt of a password: %w", err)
	}
	sum, err := derive(password, salt, iterations)
	return hash{algorithm, iterations, salt, sum}, err
}

func derive(password string, salt []byte, iterations int) ([]byte, error) {
	sum, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("access: hash of a password: %w", err)
	}
	return sum, nil
}

// decoy takes the place of a hash that is missing or of no use, so that finding
// this out costs as much as verifying a password.
var decoy = hash{Iterations: 1, Salt: make([]byte, saltSize), Hash: make([]byte, sha256.Size)}

// A derivation makes the sum of a password, salted, in so many iterations.
type derivation func(password string, salt []byte, iterations int) ([]byte, error)

// matches reports whether the hash is that of the password. It costs at least
// so many iterations, however the hash was made.
func (h hash) matches(password string, iterations int, derive derivation) bool {
	usable := h.usable()
	if !usable {
		h = decoy
	}
	sum, err := derive(password, h.Salt, h.Iterations)
	if rest := iterations - h.Iterations; rest > 0 {
		_, _ = derive(password, decoy.Salt, rest)
	}
	return subtle.ConstantTimeCompare(sum, h.Hash) == 1 && usable && err == nil
}

func (h hash) usable() bool {
	return h.Algorithm == algorithm && h.Iterations > 0 && h.Iterations <= maxIterations &&
		len(h.Salt) >= saltSize && len(h.Salt) <= maxSaltSize && len(h.Hash) == sha256.Size
}
