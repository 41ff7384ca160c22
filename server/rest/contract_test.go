package rest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"go.yaml.in/yaml/v3"

	"github.com/cairndb/cairn/server/rest"
)

var update = flag.Bool("update", false, "write openapi.json again")

// contract is the document as something to check against.
var contract = sync.OnceValues(func() (validator.Validator, []error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, []error{err}
	}
	d, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, []error{err}
	}
	return validator.NewValidator(d)
})

func document(t *testing.T) validator.Validator {
	t.Helper()
	v, errs := contract()
	for _, err := range errs {
		t.Fatal(err)
	}
	return v
}

func TestOpenAPIIsValid(t *testing.T) {
	if ok, errs := document(t).ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("%s: %s", e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				t.Errorf("  %s at %s", s.Reason, s.FieldPath)
			}
		}
	}
}

// TestOpenAPIAsJSON holds the two forms together.
func TestOpenAPIAsJSON(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("openapi.json")
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Fatalf("openapi.json is not openapi.yaml (%v); run: go test ./server/rest -run TestOpenAPIAsJSON -update", err)
	}
}

// TestOpenAPIHasEveryRoute compares the routes with the document, both ways.
func TestOpenAPIHasEveryRoute(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths map[string]map[string]any
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	var documented []string
	for path, methods := range d.Paths {
		for method := range methods {
			if method != "parameters" {
				documented = append(documented, strings.ToUpper(method)+" "+path)
			}
		}
	}
	routes := rest.Routes()
	slices.Sort(routes)
	slices.Sort(documented)
	if !slices.Equal(routes, documented) {
		t.Errorf("routes    %q\ndocumented %q", routes, documented)
	}
}

// An answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

// check holds a request and its answer to the document. A request that was
// refused as malformed need not be described by it; the refusal must.
func check(t *testing.T, method, target, body string, header http.Header, a answer) {
	t.Helper()
	if method == http.MethodHead || method == http.MethodOptions || a.StatusCode == http.StatusMethodNotAllowed {
		return
	}
	r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
	r.Header = header.Clone()
	v := document(t)
	switch a.StatusCode {
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusNotAcceptable, http.StatusRequestEntityTooLarge:
	default:
		if strings.Contains(target, "/import") {
			break // the validator knows no lines
		}
		ok, errs := v.ValidateHttpRequestSync(r)
		for i := 0; !ok && i < len(errs); i++ {
			t.Errorf("%s %s: the request is not as documented: %s: %s", method, target, errs[i].Message, errs[i].Reason)
			for _, s := range errs[i].SchemaValidationErrors {
				t.Errorf("  %s at %s", s.Reason, s.FieldPath)
			}
		}
	}
	r = httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
	r.Header = header.Clone()
	response := *a.Response
	if a.Header.Get("Content-Type") == lines {
		a.body = asPage(target, a.body)
		response.Header = http.Header{"Content-Type": {asIs}}
	}
	response.Body = io.NopCloser(strings.NewReader(a.body))
	if a.body == "" {
		response.Body = http.NoBody
	}
	ok, errs := v.ValidateHttpResponse(r, &response)
	for i := 0; !ok && i < len(errs); i++ {
		t.Errorf("%s %s: the answer %d is not as documented: %s: %s\n%s", method, target, a.StatusCode, errs[i].Message, errs[i].Reason, a.body)
		for _, s := range errs[i].SchemaValidationErrors {
			t.Errorf("  %s at %s", s.Reason, s.FieldPath)
		}
	}
}

// asPage makes a page of lines, so that each is checked.
func asPage(target, body string) string {
	events := `"events":[` + strings.ReplaceAll(strings.TrimSpace(body), "\n", ",") + `]`
	if strings.HasPrefix(target, api+"/streams/") {
		return `{"stream":"s","last":0,` + events + `}`
	}
	return `{` + events + `}`
}
