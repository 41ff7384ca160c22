package memtarget

import "context"

// lock takes the lock for who is about to write. It waits while a transaction
// runs alone.
func (t *Target) lock(ctx context.Context) error {
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		t.mu.Lock()
		if t.alone == nil {
			return nil
		}
		ended := t.alone
		t.mu.Unlock()
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
}

// beAlone keeps others from writing until the function that it returns is called.
func (t *Target) beAlone(ctx context.Context) (end func(), err error) {
	if err := t.lock(ctx); err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	t.alone = make(chan struct{})
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		close(t.alone)
		t.alone = nil
	}, nil
}

// lockAlone is lock for the transaction that runs alone.
func (t *Target) lockAlone(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	t.mu.Lock()
	return nil
}
