package storefront_test

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestPreview(t *testing.T) {
	if os.Getenv("PREVIEW") == "" {
		t.Skip()
	}
	s := open(t)
	os.WriteFile("/tmp/preview.url", []byte(s.url), 0o600)
	fmt.Println(s.url)
	time.Sleep(time.Hour)
}
