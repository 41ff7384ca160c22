package shoppers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	productLink  = regexp.MustCompile(`href="/products/([A-Za-z0-9_-]+)"`)
	categoryLink = regexp.MustCompile(`href="/\?category=([^"&]+)"`)
	orderField   = regexp.MustCompile(`name="order" value="([A-Za-z0-9_-]+)"`)
)

// found lists what an expression finds in a page, each once, in order.
func found(e *regexp.Regexp, page string) (all []string) {
	for _, m := range e.FindAllStringSubmatch(page, -1) {
		text, err := url.QueryUnescape(m[1])
		if err == nil && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// A refusedError is an answer that is no page to go on with.
type refusedError struct {
	status int
	path   string
}

func (e *refusedError) Error() string { return fmt.Sprintf("%s: status %d", e.path, e.status) }

// unlessRefused is the error, unless the shop has said no for a reason.
func unlessRefused(err error) error {
	if e, ok := errors.AsType[*refusedError](err); ok && e.status < 500 {
		return nil
	}
	return err
}

func (s *shopper) get(ctx context.Context, path string) (string, error) {
	return s.ask(ctx, http.MethodGet, path, nil)
}

func (s *shopper) post(ctx context.Context, path string, form url.Values) (string, error) {
	return s.ask(ctx, http.MethodPost, path, form)
}

// ask waits for the answer although the crowd may be told to go meanwhile: what
// was begun is finished.
func (s *shopper) ask(ctx context.Context, method, path string, form url.Values) (string, error) {
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, s.o.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if resp.StatusCode >= 400 {
		err = &refusedError{resp.StatusCode, path}
	}
	return string(page), err
}
