package rest

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types that are taken and given.
const (
	jsonType       = "application/json"
	linesType      = "application/x-ndjson"
	sseType        = "text/event-stream"
	cloudType      = "application/cloudevents+json"
	cloudBatchType = "application/cloudevents-batch+json"
)

// contentType is the media type of a request's body, without parameters. Text
// must be UTF-8.
func contentType(r *http.Request, taken ...string) (string, error) {
	refuse := func(why string) error {
		return unsupported.problem("%s; send one of %s", why, strings.Join(taken, ", "))
	}
	header := r.Header.Get("Content-Type")
	kind, args, err := mime.ParseMediaType(header)
	switch charset := args["charset"]; {
	case header == "":
		return "", refuse("there is no Content-Type")
	case err != nil:
		return "", refuse("the Content-Type cannot be understood")
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return "", refuse("the body is not in UTF-8")
	case r.Header.Get("Content-Encoding") != "":
		return "", refuse("the body is compressed, which is not understood")
	}
	for _, t := range taken {
		if t == kind {
			return kind, nil
		}
	}
	return "", refuse(kind + " is not understood")
}

// accept chooses among the representations that are offered, best first, the
// one that the Accept header wants most.
func accept(r *http.Request, offered ...string) (string, error) {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return offered[0], nil
	}
	best, weight := "", 0.0
	for _, t := range offered {
		if q := quality(header, t); q > weight {
			best, weight = t, q
		}
	}
	if best == "" {
		return "", notAcceptable.problem("this is offered as %s", strings.Join(offered, ", "))
	}
	return best, nil
}

// quality is how much an Accept header wants a media type: what the most
// specific range says that it falls into. Ranges that cannot be understood are
// passed over.
func quality(header, kind string) float64 {
	q, specific := 0.0, 0
	for part := range strings.SplitSeq(header, ",") {
		rang, args, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		if s := fit(rang, kind); s > specific {
			q, specific = weightOf(args), s
		}
	}
	return q
}

// fit is 3 for the type itself, 2 for a range of its family, 1 for all, 0 for
// others.
func fit(rang, kind string) int {
	family, _, _ := strings.Cut(kind, "/")
	switch rang {
	case kind:
		return 3
	case family + "/*":
		return 2
	case "*/*":
		return 1
	}
	return 0
}

func weightOf(args map[string]string) float64 {
	s, ok := args["q"]
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(s, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
