package projection

import "context"

func (w *work[Tx]) listen(ctx context.Context) error { return nil }
