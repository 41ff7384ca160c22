package redistarget

import "github.com/redis/go-redis/v9"

// Queue is a Tx over any pipeline.
func Queue(p redis.Pipeliner, prefix string) *Tx { return &Tx{Pipeliner: p, prefix: prefix} }
