package declared

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"google.golang.org/protobuf/types/known/structpb"
)

// A typeError is a value that does not fit its column.
type typeError struct {
	column Column
	value  any
	hint   string
}

func (e *typeError) Error() string {
	return fmt.Sprintf("column %s is %s and cannot hold %v (%T)%s", e.column.Name, e.column.Type, e.value, e.value, e.hint)
}

// value is what an expression has computed, as the column's parameter: nil, string,
// int64, float64, bool, time.Time, or the text of a JSON value.
func (c Column) value(v ref.Val) (any, error) {
	if o, ok := v.(*types.Optional); ok {
		if !o.HasValue() {
			return nil, nil
		}
		v = o.GetValue()
	}
	if v == nil || v.Type() == types.NullType {
		return nil, nil
	}
	if c.Type == "json" {
		return jsonText(v)
	}
	return c.scalar(v.Value())
}

func (c Column) scalar(v any) (any, error) {
	switch c.Type {
	case "text":
		if s, ok := v.(string); ok {
			return s, nil
		}
		return nil, &typeError{c, v, "; string(x) makes a text of it"}
	case "boolean":
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, &typeError{c, v, ""}
	case "time":
		if t, ok := v.(time.Time); ok {
			return t, nil
		}
		return nil, &typeError{c, v, "; timestamp(x) reads a text such as 2026-01-31T10:00:00Z"}
	case "integer":
		return c.integer(v)
	}
	return c.number(v)
}

// integer takes whole numbers, also those that were written as 1.0 or 1e3.
func (c Column) integer(v any) (any, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v), nil
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= 1<<53 {
			return int64(v), nil
		}
	}
	return nil, &typeError{c, v, "; int(x) makes a whole number of it"}
}

func (c Column) number(v any) (any, error) {
	switch v := v.(type) {
	case int64:
		return float64(v), nil
	case uint64:
		return float64(v), nil
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v, nil
		}
	}
	return nil, &typeError{c, v, "; double(x) makes a number of it"}
}

// jsonText is a value as JSON. What comes from an event is written as it was read,
// large integers included.
func jsonText(v ref.Val) (any, error) {
	switch native := v.Value().(type) {
	case map[string]any, []any, string, int64, float64, bool:
		text, err := json.Marshal(native)
		return string(text), err
	}
	native, err := v.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return nil, err
	}
	text, err := native.(*structpb.Value).MarshalJSON()
	return string(text), err
}
