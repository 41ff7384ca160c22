package importer

import "hash/maphash"

// memory is a shelf of limited size. An event takes 16 bytes of it, whatever
// its stream is called: two hashes of it, which make a pair of events that look
// the same less likely than a pair of random IDs that are.
type memory struct {
	limit   int
	seeds   [2]maphash.Seed
	events  map[[2]uint64]struct{}
	streams map[string]standing
}

func newMemory(limit int) *memory {
	return &memory{
		limit:   limit,
		seeds:   [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		events:  map[[2]uint64]struct{}{},
		streams: map[string]standing{},
	}
}

func (m *memory) key(who identity) [2]uint64 {
	return [2]uint64{maphash.Comparable(m.seeds[0], who), maphash.Comparable(m.seeds[1], who)}
}

func (m *memory) standing(stream string) (standing, bool, error) {
	at, ok := m.streams[stream]
	return at, ok, nil
}

func (m *memory) put(stream string, at standing) error {
	m.streams[stream] = at
	return m.full()
}

func (m *memory) forget(stream string) error {
	delete(m.streams, stream)
	return nil
}

func (m *memory) hold(who identity) error {
	m.events[m.key(who)] = struct{}{}
	return m.full()
}

func (m *memory) holds(who identity) (bool, error) {
	_, ok := m.events[m.key(who)]
	return ok, nil
}

func (m *memory) full() error {
	if len(m.events)+len(m.streams) > m.limit {
		return ErrTooMany
	}
	return nil
}

func (m *memory) flush() error { return nil }
func (m *memory) close() error { return nil }
