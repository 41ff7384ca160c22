package torture

import (
	"encoding/binary"
	"fmt"

	"github.com/cairndb/cairn"
)

// A task is the N-th thing that a worker does in a turn, from 0. What it is
// follows from the seed and these numbers alone, so that a later turn can do
// the very same again.
type task struct {
	Turn   uint32 `json:"turn"`
	Worker uint16 `json:"worker"`
	N      uint32 `json:"n"`
}

// String returns "turn.worker.n".
func (t task) String() string { return fmt.Sprintf("%d.%d.%d", t.Turn, t.Worker, t.N) }

// idMark is in a task's ID where a UUID has its version, 8 ("custom"), and its
// variant.
const idMark = 0x8000

// id is the ID of the task's transfer, from which the task can be told.
func (t task) id() (id cairn.ID) {
	binary.BigEndian.PutUint32(id[0:], t.Turn)
	binary.BigEndian.PutUint16(id[4:], t.Worker)
	binary.BigEndian.PutUint16(id[6:], idMark)
	binary.BigEndian.PutUint16(id[8:], idMark)
	binary.BigEndian.PutUint32(id[12:], t.N)
	return id
}

// taskOf is the inverse of id; the text is that of an ID.
func taskOf(s string) (t task, err error) {
	id, err := cairn.ParseID(s)
	if err != nil {
		return t, err
	}
	t.Turn = binary.BigEndian.Uint32(id[0:])
	t.Worker = binary.BigEndian.Uint16(id[4:])
	t.N = binary.BigEndian.Uint32(id[12:])
	if t.id() != id {
		return task{}, fmt.Errorf("%s is not the ID of a task", s)
	}
	return t, nil
}
