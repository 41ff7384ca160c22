package declared

import (
	"errors"
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// An expression is a compiled one, or a constant.
type expression struct {
	source   string
	constant ref.Val
	program  cel.Program
}

// environment is what expressions can use. Making it is slow, so it is made once.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("event", cel.MapType(cel.StringType, cel.DynType)),
		cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true), ext.Strings(), ext.Math())
})

// costLimit bounds what one expression may cost for one event. It is in CEL's own
// unit, about one for each step; a mistake such as a comprehension within one over
// a large list fails instead of standing still.
const costLimit = 1_000_000

// maxExpression is how long an expression may be, in bytes: the parser takes its
// time with hostile ones.
const maxExpression = 4096

// compile reads an expression.
func compile(source string) (*expression, error) {
	if len(source) > maxExpression {
		return nil, fmt.Errorf("it has %d bytes, and the limit is %d", len(source), maxExpression)
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(source)
	if issues.Err() != nil {
		return nil, errors.New(issues.Errors()[0].Message)
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit))
	return &expression{source: source, program: program}, err
}

// eval computes the expression for an event.
func (e *expression) eval(event map[string]any) (ref.Val, error) {
	if e.program == nil {
		return e.constant, nil
	}
	v, _, err := e.program.Eval(map[string]any{"event": event})
	if err != nil {
		return nil, &expressionError{e.source, err}
	}
	return v, nil
}

// An expressionError says which expression an event has failed.
type expressionError struct {
	source string
	err    error
}

func (e *expressionError) Error() string { return "expression " + e.source + ": " + e.err.Error() }
func (e *expressionError) Unwrap() error { return e.err }
