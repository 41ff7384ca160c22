// Package access says who calls a server and what they may do.
//
// Callers are users, kept in the store itself, who prove themselves by a name
// and a password or by a client certificate. What they may do to a stream is
// decided by the stream's own metadata, by the store's settings and by built-in
// defaults, in this order; the rules and the names of streams and roles are those
// of KurrentDB, so that its clients and their tools find what they expect.
//
// # Users
//
// A user is the last event of the stream "$user-" and the login. The password is
// in it as a PBKDF2 hash (SHA-256, a salt of 16 random bytes, and the number of
// iterations, so that it can be raised later). The stream "$users" lists the
// logins. Both can be read by administrators only. A password is never stored,
// logged or put into an error.
//
// Every call of a KurrentDB client carries the name and password again, and one
// hash takes a good part of a second on purpose. So a [Control] remembers what
// it has verified, under a keyed hash of the header, for as long as the user's
// stream stays as it is. What it has refused it remembers too. Few passwords
// are hashed at a time, so that wrong ones cannot take the whole machine.
// A user who does not exist costs as much as one who does.
//
// # Streams
//
// The list of roles for an action is the first that there is of: the one in the
// stream's metadata, the one in the stream "$settings", the built-in one. An
// empty list is for administrators only. The role "$all" is everybody who has
// proved who they are, and with Options.AllowAnonymousStreamAccess everybody.
// Any other role is the name of a user or of a group.
//
// By default everybody may do everything to ordinary streams, and only
// administrators anything to those of the system, whose names begin with "$".
// The streams that a server makes up from its index, "$ce-", "$et-" and
// "$streams", can be read by everybody. Nobody may write to or delete "$all",
// which is not a stream, nor delete a metadata stream. To read or write a
// metadata stream is an action of its own on the stream that it describes.
//
// Decisions are exact: a change of a user, of a stream's metadata or of the
// settings counts for every check that begins after it was acknowledged, whoever
// wrote it. See watch.go for how that is had without asking the store each time.
package access
