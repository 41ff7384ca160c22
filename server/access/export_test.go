package access

import "github.com/cairndb/cairn"

// Reached is how far the control has followed the log.
func (c *Control) Reached() cairn.Position { return cairn.Position(c.watch.reached.Load()) }
