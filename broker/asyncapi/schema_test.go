package asyncapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/pb33f/jsonschema/v6"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/asyncapi"
)

// everything has all that encoding/json knows.
type everything struct {
	base
	*Late
	Shadow
	Bool      bool
	Int       int8           `json:"int"`
	Uint      uint64         `json:",omitempty"`
	Float     float32        `json:"float,string"`
	Quoted    *int           `json:"quoted,string"`
	Text      string         `json:"text,omitempty"`
	Bytes     []byte         `json:"bytes"`
	Some      []byte         `json:"some,omitempty"`
	Array     [2]uint8       `json:"array"`
	Slice     []string       `json:"slice"`
	Slices    [][]*int       `json:"slices,omitempty"`
	Map       map[string]int `json:"map"`
	Nested    map[int]*deep  `json:"nested,omitempty"`
	Pointer   *deep          `json:"pointer"`
	Maybe     *deep          `json:"maybe,omitempty"`
	Struct    deep           `json:"struct,omitempty"`
	Zero      deep           `json:"zero,omitzero"`
	Time      time.Time      `json:"time"`
	When      *time.Time     `json:"when"`
	Raw       json.RawMessage
	Number    json.Number
	Any       any
	Address   netip.Addr
	Currency  currency
	Or        *currency
	Own       own
	Anonymous struct{ A, B *int }
	List      list
	Hidden    string `json:"-"`
}

type base struct {
	Base  string
	Both  int `json:"both"`
	Outer string
}

// Late is embedded by a pointer, so its fields may be missing.
type Late struct {
	LateOne []int
	Both    int `json:"both"`
}

// Shadow has a field that a less deep one hides.
type Shadow struct {
	Bool struct{ Never int }
	Mine string `json:"Outer"`
}

type deep struct {
	Self *deep           `json:"self,omitempty"`
	Map  map[string]deep `json:"map,omitempty"`
	Name string
}

type list []list

type own struct{ N int }

func (o own) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint("n=", o.N)) }
func (own) JSONSchema() json.RawMessage {
	return json.RawMessage(`{"type":"string","pattern":"^n=-?[0-9]+$"}`)
}

// compiled is the schema of a type's data.
func compiled[T any](t testing.TB) *jsonschema.Schema {
	t.Helper()
	b, err := asyncapi.JSON(contract(t, broker.EventType[T]{Name: "tested"}), info())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.AssertFormat()
	c.AssertContent()
	if err := c.AddResource("mem:///doc.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:///doc.json#/components/messages/tested/payload")
	if err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	return s
}

func valid(s *jsonschema.Schema, b []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func seeded(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("CAIRN_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("CAIRN_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// Whatever encoding/json writes is valid, and what lacks a member that is
// required, or has one of another kind, is not.
func TestSchemasAreTrue(t *testing.T) {
	s := compiled[everything](t)
	r := seeded(t)
	for range 2000 {
		var v everything
		fill(r, reflect.ValueOf(&v).Elem(), 0)
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(s, b); err != nil {
			t.Fatalf("%s\nis not valid: %v", b, err)
		}
	}
}

func TestSchemasAreNotTooWide(t *testing.T) {
	s := compiled[everything](t)
	b, err := json.Marshal(everything{Currency: "EUR", Struct: deep{Name: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := valid(s, b); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(m map[string]any){
		"missing":     func(m map[string]any) { delete(m, "int") },
		"null":        func(m map[string]any) { m["text"] = nil },
		"a number":    func(m map[string]any) { m["text"] = 1 },
		"a fraction":  func(m map[string]any) { m["int"] = 1.5 },
		"negative":    func(m map[string]any) { m["Uint"] = -1 },
		"unquoted":    func(m map[string]any) { m["float"] = 1.5 },
		"enum":        func(m map[string]any) { m["Currency"] = "USD" },
		"or enum":     func(m map[string]any) { m["Or"] = "USD" },
		"time":        func(m map[string]any) { m["time"] = "yesterday" },
		"array":       func(m map[string]any) { m["array"] = []int{1} },
		"elements":    func(m map[string]any) { m["slice"] = []int{1} },
		"map":         func(m map[string]any) { m["map"] = map[string]string{"a": "b"} },
		"deep":        func(m map[string]any) { m["struct"] = map[string]any{"Name": 1} },
		"deeper":      func(m map[string]any) { m["pointer"] = map[string]any{"Name": "a", "self": map[string]any{}} },
		"own":         func(m map[string]any) { m["Own"] = "m=1" },
		"base64":      func(m map[string]any) { m["bytes"] = "%" },
		"of the base": func(m map[string]any) { delete(m, "Base") },
		"shadowed":    func(m map[string]any) { m["Bool"] = map[string]any{"Never": 1} },
		"a struct":    func(m map[string]any) { delete(m, "struct") },
	} {
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		changed, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if valid(s, changed) == nil {
			t.Errorf("%s: %s is valid", name, changed)
		}
	}
}

// fill sets a value to anything.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if !v.CanSet() {
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = time.Unix(r.Int64N(4e9), r.Int64N(1e9)).UTC()
		return
	case *json.RawMessage:
		*p = []json.RawMessage{nil, json.RawMessage(`{"a":[1,"x",null]}`), json.RawMessage(`7`)}[r.IntN(3)]
		return
	case *json.Number:
		*p = json.Number(strconv.Itoa(r.Int()))
		return
	case *currency:
		*p = []currency{"EUR", "CHF"}[r.IntN(2)]
		return
	case *netip.Addr:
		*p = netip.AddrFrom4([4]byte{10, 0, 0, byte(r.Int())})
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString([]string{"", "x", "größer € 😀", "\x00\xff"}[r.IntN(4)])
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Float32, reflect.Float64:
		v.SetFloat([]float64{0, -1.5, math.MaxFloat32, 1e-30}[r.IntN(4)])
	case reflect.Interface:
		v.Set(reflect.ValueOf([]any{"x", 1, []any{nil}, map[string]any{}}[r.IntN(4)]))
	default:
		fillOther(r, v, depth)
	}
}

func fillOther(r *rand.Rand, v reflect.Value, depth int) {
	if v.Kind() != reflect.Struct && v.Kind() != reflect.Array && (depth > 4 || r.IntN(3) == 0) {
		return // nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key, depth+1)
			fill(r, value, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), depth+1)
		}
	}
}
