package targettest

import "github.com/cairndb/cairn/projection"

func entriesOfNothing[Tx any](k *kit[Tx]) {
	k.entries("")
	k.entries("p/nobody/")
}

func entriesChange[Tx any](k *kit[Tx]) {
	k.apply(put("p/a/deployment", `{"n":1}`))
	k.entries("p/a/", projection.Entry{Key: "p/a/deployment", Value: `{"n":1}`})
	k.apply(move("p/a/deployment", `{"n":1}`, `{"n":2}`))
	k.entries("p/a/", projection.Entry{Key: "p/a/deployment", Value: `{"n":2}`})
	k.apply(move("p/a/deployment", `{"n":2}`, ""))
	k.entries("p/a/")
	k.entries("")
}
