package redistarget

import (
	"context"
	_ "embed" // for the scripts
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

var (
	//go:embed change.lua
	changeText string
	//go:embed entries.lua
	entriesText string
	//go:embed discard.lua
	discardText string

	entriesScript = redis.NewScript(entriesText)
)

// maxWords is how many words a transaction may have: all arguments of all commands.
// Redis before 7 closes the connection at 1,048,576.
const maxWords = 1_000_000

// maxArguments is how many one command may have: Lua passes no more than 8,000.
const maxArguments = 7_000

// change makes a change, and runs commands with it.
func (t *Target) change(ctx context.Context, c projection.Change, commands [][]any) error {
	if err := t.checkEviction(ctx); err != nil {
		return err
	}
	all := append(t.puts(c.Put), commands...)
	words, err := wordsOf(c.Expect, all)
	if err != nil {
		return err
	}
	a, err := t.run(ctx, changeText, t.ledger(), words)
	if err != nil {
		return because(ctx, "change", err)
	}
	return a.err(all)
}

// puts are the commands that make entries stand as they shall.
func (t *Target) puts(entries []projection.Entry) (commands [][]any) {
	l := t.ledger()
	for _, e := range entries {
		if e.Value == "" {
			commands = append(commands, []any{"hdel", l[0], e.Key}, []any{"zrem", l[1], e.Key})
			continue
		}
		commands = append(commands, []any{"hset", l[0], e.Key, e.Value}, []any{"zadd", l[1], "0", e.Key})
	}
	return commands
}

// wordsOf are the arguments of the script that makes changes.
func wordsOf(expect []projection.Entry, commands [][]any) ([]any, error) {
	words := append(pairs(expect), len(commands))
	for _, c := range commands {
		if len(c) > maxArguments {
			return nil, &cairn.InvalidError{Field: fmt.Sprintf("command %v", c[0]), Problem: "has too many arguments; write several smaller ones", Limit: maxArguments}
		}
		words = append(append(words, len(c)), c...)
	}
	if len(words) > maxWords {
		return nil, &cairn.InvalidError{Field: "commands of one transaction", Problem: "have too many arguments; lower MaxBatch", Limit: maxWords}
	}
	return words, nil
}

// pairs are entries as a list for a script.
func pairs(entries []projection.Entry) []any {
	words := []any{2 * len(entries)}
	for _, e := range entries {
		words = append(words, e.Key, e.Value)
	}
	return words
}

// once is a command that the client must not send again by itself: it may have run.
type once struct{ *redis.Cmd }

func (once) NoRetry() bool { return true }

// run runs a script once, and gives its text if Redis does not know it.
func (t *Target) run(ctx context.Context, text string, keys []string, words []any) (answer, error) {
	a, err := t.send(ctx, "evalsha", redis.NewScript(text).Hash(), keys, words)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		return t.send(ctx, "eval", text, keys, words)
	}
	return a, err
}

func (t *Target) send(ctx context.Context, how, script string, keys []string, words []any) (answer, error) {
	args := append(make([]any, 0, 3+len(keys)+len(words)), how, script, len(keys))
	for _, k := range keys {
		args = append(args, k)
	}
	cmd := once{redis.NewCmd(ctx, append(args, words...)...)}
	cmd.SetFirstKeyPos(3)
	if err := t.client.Process(ctx, cmd); err != nil {
		return answer{}, err
	}
	return answerOf(cmd.Slice())
}
