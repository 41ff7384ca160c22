package kurrent

// HoldAtMost bounds how many bytes there may be in appends that are not complete.
func (s *Service) HoldAtMost(n int) { s.receipts.most = n }

// Held is how many bytes there are in them.
func (s *Service) Held() int {
	s.receipts.mu.Lock()
	defer s.receipts.mu.Unlock()
	return s.receipts.held
}
