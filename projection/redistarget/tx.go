package redistarget

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// A Tx is what handlers write with: commands that are queued, and all run in one
// step at the end, with the checkpoint. It is used like a redis.Pipeliner, with
// these differences:
//
//   - What a command returns is never filled in, as there is nobody left to read it.
//   - Exec and Discard fail: the target runs the commands, or none.
//   - Commands that Redis does not run in a script are refused by it, and that is the
//     event's failure: EVAL, FCALL, WATCH, MULTI, SUBSCRIBE, CONFIG and the like.
//   - A message of PUBLISH cannot be called back. Whoever hears one may find that
//     nothing has changed.
//
// It is for one goroutine, and over when the handler returns.
type Tx struct {
	redis.Pipeliner

	// Client reads, and sees the state before the transaction: nothing that is
	// queued. Batches are of many events, so that a handler must not read a value,
	// change it and set it. Commands that change a value where it is are for that:
	// INCRBY, HINCRBY, ZADD GT, SADD and so on. What is written with it is not part
	// of the transaction.
	Client redis.Cmdable

	prefix string
	misuse error
}

func (t *Target) newTx() *Tx {
	return &Tx{Pipeliner: t.client.Pipeline(), Client: t.client, prefix: t.prefix}
}

// Key is [Target.Key].
func (tx *Tx) Key(name string, id ...string) string { return keyOf(tx.prefix, name, id) }

// ErrMisused is the error of a handler that wants to run or drop the queued
// commands by itself. The transaction fails with it, whatever the handler returns.
var ErrMisused = errors.New("redistarget: a handler queues commands and leaves it to the target to run them; it must not call Exec or Discard")

// Exec fails with ErrMisused.
func (tx *Tx) Exec(context.Context) ([]redis.Cmder, error) {
	tx.misuse = ErrMisused
	return nil, ErrMisused
}

// Discard makes the transaction fail with ErrMisused.
func (tx *Tx) Discard() { tx.misuse = ErrMisused }

// Pipeline is the transaction itself.
func (tx *Tx) Pipeline() redis.Pipeliner { return tx }

// TxPipeline is the transaction itself.
func (tx *Tx) TxPipeline() redis.Pipeliner { return tx }

// Pipelined queues what fn queues.
func (tx *Tx) Pipelined(_ context.Context, fn func(redis.Pipeliner) error) ([]redis.Cmder, error) {
	return nil, fn(tx)
}

// TxPipelined queues what fn queues.
func (tx *Tx) TxPipelined(ctx context.Context, fn func(redis.Pipeliner) error) ([]redis.Cmder, error) {
	return tx.Pipelined(ctx, fn)
}

// commands are what was queued, as words.
func (tx *Tx) commands() ([][]any, error) {
	var commands [][]any
	for _, c := range tx.Cmds() {
		if len(c.Args()) == 0 {
			return nil, errors.New("redistarget: a command without words was queued")
		}
		commands = append(commands, c.Args())
	}
	return commands, tx.misuse
}
