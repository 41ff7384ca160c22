package workload

import (
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
)

// Every event has 256 bytes of data and 64 of metadata: text out of 64
// characters, cut from random places of a megabyte, so that the compression
// which some systems apply to their blocks finds next to nothing. It is text
// because some systems keep metadata in text headers.
const (
	dataSize = 256
	metaSize = 64
	textSize = 1 << 20

	commonType = "OrderPlaced"
	rareType   = "OrderDisputed"
	rareEvery  = 10_000
)

// PayloadSize is how many bytes of data and metadata an event has.
const PayloadSize = dataSize + metaSize

var text = makeText()

func makeText() []byte {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	r, b := rand.New(rand.NewPCG(1, 2)), make([]byte, textSize)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return b
}

// A generator makes events. It belongs to one goroutine.
type generator struct {
	random *rand.Rand
	now    time.Time
}

func newGenerator(seed int) *generator {
	return &generator{rand.New(rand.NewPCG(uint64(seed), 42)), time.Now()}
}

// event shares its bytes with others: they are not to be changed.
func (g *generator) event() cairn.Event {
	at := g.random.IntN(textSize - PayloadSize)
	return cairn.Event{
		ID:       cairn.NewIDAt(g.now),
		Type:     commonType,
		Data:     text[at : at+dataSize : at+dataSize],
		Metadata: text[at+dataSize : at+PayloadSize : at+PayloadSize],
		Format:   cairn.Binary,
	}
}

func (g *generator) fill(events []cairn.Event) {
	g.now = time.Now()
	for i := range events {
		events[i] = g.event()
	}
}
