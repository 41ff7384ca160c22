package filetarget

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendRow appends a row as a line of JSON. Until a rotation all rows are lines.
func appendRow(line []byte, columns []Column, row any) ([]byte, error) {
	at, err := fieldsOf(columns, row)
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		line = append(line, "{,"[min(i, 1)])
		line = append(appendText(line, c.Name), ':')
		if line, err = appendValue(line, c, at(i)); err != nil {
			return nil, err
		}
	}
	return append(line, "}\n"...), nil
}

// fieldsOf is how to get at the value of a row for each column.
func fieldsOf(columns []Column, row any) (func(i int) reflect.Value, error) {
	if m, ok := row.(map[string]any); ok {
		there := 0
		for _, c := range columns {
			if _, ok := m[c.Name]; ok {
				there++
			}
		}
		if there != len(m) {
			return nil, invalid("row", "has a field that the table has no column for")
		}
		return func(i int) reflect.Value { return reflect.ValueOf(m[columns[i].Name]) }, nil
	}
	v := reflect.Indirect(reflect.ValueOf(row))
	if !v.IsValid() {
		return nil, invalid("row", "must not be nil")
	}
	s, err := shapeOf(v.Type())
	if err == nil && !slices.Equal(s.columns, columns) {
		err = invalid("row", fmt.Sprintf("a %v has other columns than the table: %v, not %v", v.Type(), s.columns, columns))
	}
	return func(i int) reflect.Value { return v.Field(s.fields[i]) }, err
}

func appendValue(line []byte, c Column, v reflect.Value) ([]byte, error) {
	null := !v.IsValid()
	if !null && v.Kind() == reflect.Pointer {
		null, v = v.IsNil(), v.Elem()
	}
	if null && c.Optional {
		return append(line, "null"...), nil
	}
	if null {
		return nil, invalid("row."+c.Name, "must not be null")
	}
	kind := kindOf(v.Type())
	if kind == Int && c.Kind == Uint && v.CanUint() {
		kind = Uint
	}
	if kind != c.Kind {
		return nil, invalid("row."+c.Name, fmt.Sprintf("is a %v, and the column of kind %s", v.Type(), c.Kind))
	}
	line, problem := writers[kind](line, v)
	if problem != "" {
		return nil, invalid("row."+c.Name, problem)
	}
	return line, nil
}

// writers write a value as JSON, or say what is wrong with it.
var writers = map[Kind]func(line []byte, v reflect.Value) ([]byte, string){
	String: func(line []byte, v reflect.Value) ([]byte, string) {
		if !utf8.ValidString(v.String()) {
			return nil, "is no valid UTF-8; use a column of kind bytes"
		}
		return appendText(line, v.String()), ""
	},
	Int: func(line []byte, v reflect.Value) ([]byte, string) {
		if v.CanUint() {
			return strconv.AppendUint(line, v.Uint(), 10), ""
		}
		return strconv.AppendInt(line, v.Int(), 10), ""
	},
	Uint: func(line []byte, v reflect.Value) ([]byte, string) {
		return strconv.AppendUint(line, v.Uint(), 10), ""
	},
	Float: func(line []byte, v reflect.Value) ([]byte, string) {
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, "must be a finite number"
		}
		return strconv.AppendFloat(line, v.Float(), 'g', -1, 64), ""
	},
	Bool: func(line []byte, v reflect.Value) ([]byte, string) {
		return strconv.AppendBool(line, v.Bool()), ""
	},
	Bytes: func(line []byte, v reflect.Value) ([]byte, string) {
		line = base64.StdEncoding.AppendEncode(append(line, '"'), v.Bytes())
		return append(line, '"'), ""
	},
	Time: func(line []byte, v reflect.Value) ([]byte, string) {
		at := v.Interface().(time.Time).UTC().Truncate(time.Microsecond)
		if at.Year() < 0 || at.Year() > 9999 {
			return nil, "must be a time of the years 0 to 9999"
		}
		return append(at.AppendFormat(append(line, '"'), time.RFC3339Nano), '"'), ""
	},
}

// appendText appends a text, which is valid UTF-8, as JSON.
func appendText(line []byte, s string) []byte {
	text, _ := json.Marshal(s) // a string never fails
	return append(line, text...)
}
