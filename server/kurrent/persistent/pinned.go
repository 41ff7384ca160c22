package persistent

import (
	"encoding/json"
	"hash/fnv"
	"slices"
)

// buckets is into how many parts the keys are hashed.
const buckets = 1024

// pinned gives the events of one key to one consumer, as long as it is there.
// Each consumer has as many buckets as every other. A bucket that is to move does
// so when its old consumer has nothing of it any more.
type pinned struct {
	key       func(*Entry) string
	consumers []*Consumer
	wanted    [buckets]*Consumer // whose a bucket is to be
	owner     [buckets]*Consumer // whose it is
	with      [buckets]int       // messages that the owner has
}

func newPinned(key func(*Entry) string) *pinned { return &pinned{key: key} }

// bucket is where a message belongs.
func (s *pinned) bucket(m *message) int {
	if m.bucket == 0 {
		h := fnv.New32a()
		h.Write([]byte(s.key(&m.Entry)))
		m.bucket = int(h.Sum32()%buckets) + 1
	}
	return m.bucket - 1
}

func (s *pinned) join(c *Consumer) {
	s.consumers = append(s.consumers, c)
	s.share()
}

func (s *pinned) leave(c *Consumer) {
	i := slices.Index(s.consumers, c)
	s.consumers = slices.Delete(s.consumers, i, i+1)
	s.share()
}

// share divides the buckets anew, moving no more than is necessary.
func (s *pinned) share() {
	has := make(map[*Consumer]int, len(s.consumers))
	for i, c := range s.consumers {
		has[c] = -(buckets / len(s.consumers)) // what it still needs
		if i < buckets%len(s.consumers) {
			has[c]--
		}
	}
	var free []int
	for b, c := range s.wanted {
		if need, there := has[c]; there && need < 0 {
			has[c]++
			continue
		}
		s.wanted[b] = nil
		free = append(free, b)
	}
	for _, c := range s.consumers {
		for ; has[c] < 0; has[c]++ {
			s.wanted[free[0]], free = c, free[1:]
		}
	}
}

func (s *pinned) choose(m *message) (*Consumer, bool) {
	b := s.bucket(m)
	if s.with[b] == 0 {
		s.owner[b] = s.wanted[b]
	}
	c := s.owner[b]
	if c == nil || c != s.wanted[b] || c.room() == 0 {
		return nil, slices.ContainsFunc(s.consumers, func(o *Consumer) bool { return o.room() > 0 })
	}
	return c, false
}

func (s *pinned) begin(m *message, _ *Consumer) { s.with[s.bucket(m)]++ }
func (s *pinned) end(m *message, _ *Consumer)   { s.with[s.bucket(m)]-- }

// correlation is what an event says that it belongs to, or else its stream.
func (e *Entry) correlation() string {
	var m struct {
		ID string `json:"$correlationId"`
	}
	if json.Unmarshal(e.delivered().Metadata, &m) != nil || m.ID == "" {
		return e.origin()
	}
	return m.ID
}
