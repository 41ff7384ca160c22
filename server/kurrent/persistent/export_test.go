package persistent

// Held is how many bytes of events a subscription holds, how many events are not
// settled, and whether anything of it runs.
func (s *Subscription) Held() (bytes, unsettled int, runs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.retries.Front(); e != nil; e = e.Next() {
		if m := e.Value.(*message); m.loaded != (m.Data != nil) {
			panic("a message is at hand and is not")
		}
	}
	return s.held, s.main.Len() + s.replay.unsettled.Len(), s.clerk.there || s.reading.stop != nil
}

// Queued is how many events a consumer was given and has not taken.
func (c *Consumer) Queued() int {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	return len(c.queue)
}

// DecodeCheckpoint reads the data of a checkpoint.
func DecodeCheckpoint(data []byte, all bool) (Place, error) { return decodeCheckpoint(data, all) }
