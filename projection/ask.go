package projection

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// What a program that runs a projection can be asked to do, because it has the
// code that this needs.
const (
	AskRetry   = "retry"   // apply the parked events of Key again; all keys' without one. Run and Deploy do it
	AskRebuild = "rebuild" // begin a new build of the version that readers see. Deploy does it
	AskSwitch  = "switch"  // switch to Build. Deploy does it
)

// What it can be asked for through the log besides, with [Post], because it knows
// the database. Who knows it, too, has [Rollback] and [DropParked].
const (
	AskRollback = "rollback" // take readers back to Build, which they saw before
	AskSkip     = "skip"     // give up the parked events of Key in Build
)

// A Request asks the programs that run a projection for something: with [Ask] it is
// an entry of the projection's ledger until it is answered, with [Post] an event of
// the log.
type Request struct {
	What  string `json:"what"`
	Key   string `json:"key,omitempty"`
	Build int    `json:"build,omitempty"`

	// Active is the build that readers saw when this was decided on, and First
	// the position of the first event that was parked under Key then. Nothing is
	// done if they are others meanwhile. Only Post looks at them.
	Active int            `json:"active,omitempty"`
	First  cairn.Position `json:"first,omitempty"`
	// By is who asks, for people; Post takes anybody's word for it.
	By string `json:"by,omitempty"`

	// Asked is when: with Ask by the clock of whoever asks, which sets it, with
	// Post by that of the store.
	Asked time.Time `json:"asked,omitzero"`
	// Answer is what became of it; nil as long as nobody has done it.
	Answer *Answer `json:"answer,omitempty"`
}

// An Answer says what became of a [Request].
type Answer struct {
	At    time.Time `json:"at"`
	Text  string    `json:"text,omitempty"`  // what was done
	Error string    `json:"error,omitempty"` // why it was not
}

// askEvery is how often asks and answers are looked for.
const askEvery = 250 * time.Millisecond

// Ask asks the programs that run a projection for something and waits until one
// of them has answered, or ctx ends: then nobody does it any more, unless somebody
// was about to. A projection that nobody has begun is an [ErrUnknown].
func Ask(ctx context.Context, ledger Ledger, name string, q Request) (Answer, error) {
	if err := q.check(name); err != nil {
		return Answer{}, err
	}
	at := placeOf(name)
	if _, raw, err := loadDeployment(ctx, ledger, at); err != nil {
		return Answer{}, err
	} else if raw == "" {
		return Answer{}, nothing(name, "it is not in this database")
	}
	q.Asked, q.Answer = time.Now().UTC(), nil
	e := Entry{at.ask(cairn.NewID().String()), encode(q)}
	if err := ledger.Apply(ctx, Change{Expect: []Entry{{Key: e.Key}}, Put: []Entry{e}}); err != nil {
		return Answer{}, err
	}
	a, err := await(ctx, ledger, e)
	withdraw(ctx, ledger, e.Key)
	return a, err
}

func (q *Request) check(name string) error {
	switch {
	case q.What != AskRetry && q.What != AskRebuild && q.What != AskSwitch:
		return &cairn.InvalidError{Field: "what", Problem: fmt.Sprintf("%.40q is none of %q, %q and %q", q.What, AskRetry, AskRebuild, AskSwitch)}
	case q.What == AskSwitch && q.Build <= 0:
		return &cairn.InvalidError{Field: "build", Problem: "must be the number of a build"}
	}
	return checkName("name", name)
}

// await looks for the answer again and again.
func await(ctx context.Context, l Ledger, e Entry) (Answer, error) {
	for rest(ctx, askEvery) {
		found, err := l.Entries(ctx, e.Key)
		if err != nil && l.Fault(err) != FaultAgain && l.Fault(err) != FaultDown {
			return Answer{}, err
		}
		for _, f := range found {
			var q Request
			if json.Unmarshal([]byte(f.Value), &q) == nil && q.Answer != nil {
				return *q.Answer, nil
			}
		}
	}
	return Answer{}, fmt.Errorf("nobody has answered; is a program that runs the projection there? %w", context.Cause(ctx))
}

// withdraw removes a request, so that nobody does later what nobody waits for.
func withdraw(ctx context.Context, l Ledger, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = l.Apply(ctx, Change{Put: []Entry{{Key: key}}}) // what stays is removed a day later
}
