package broker

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
)

// structured reads an event in the JSON format. The SDK has a reader for it, but
// that one panics on some input that is not in the format.
func structured(body []byte) (e cloudevents.Event, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return e, fmt.Errorf("the body is not a JSON object: %w", err)
	}
	found := make(map[string]any, len(members))
	for name, raw := range members {
		if name == "data" || name == "data_base64" || string(raw) == "null" {
			continue
		}
		if found[name], err = scalar(raw); err != nil || !named(name) {
			return e, fmt.Errorf("attribute %q must have a name of a to z and 0 to 9 and a string, a number or a truth value", name)
		}
	}
	data, err := dataOf(members, found["datacontenttype"])
	if err != nil {
		return e, err
	}
	e, err = build(found, data)
	e.DataBase64 = e.DataBase64 || len(data) > 0 && members["data_base64"] != nil
	return e, err
}

// scalar reads the value of an attribute. Numbers are 32-bit integers.
func scalar(raw json.RawMessage) (any, error) {
	if raw[0] != '"' && raw[0] != 't' && raw[0] != 'f' {
		var n int32
		err := json.Unmarshal(raw, &n)
		return n, err
	}
	var v any
	err := json.Unmarshal(raw, &v)
	return v, err
}

// dataOf finds the data, which is JSON, text, or bytes in base64.
func dataOf(members map[string]json.RawMessage, contentType any) (data []byte, err error) {
	raw, encoded := members["data"], members["data_base64"]
	var text string
	switch {
	case raw != nil && encoded != nil:
		return nil, errors.New("it has both data and data_base64")
	case encoded != nil:
		if err = json.Unmarshal(encoded, &text); err == nil {
			data, err = base64.StdEncoding.DecodeString(text)
		}
	case raw == nil || string(raw) == "null":
	case jsonData(contentType):
		data = raw
	default:
		err = json.Unmarshal(raw, &text)
		data = []byte(text)
	}
	if err != nil {
		return nil, fmt.Errorf("the data is not what its content type says: %w", err)
	}
	return data, nil
}

// jsonData tells whether data of this content type is JSON. Without one it is.
func jsonData(contentType any) bool {
	s, _ := contentType.(string)
	return s == "" || isJSON(&s)
}

// isJSON tells whether a content type is one of JSON.
func isJSON(contentType *string) bool {
	if contentType == nil {
		return false
	}
	media := mediaType(*contentType)
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}

// mediaType returns a content type in lower case and without its parameters.
func mediaType(contentType string) string {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	}
	return strings.TrimSpace(media)
}
