package wire

import (
	"encoding/json"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
)

// FromMetadata makes a message of a stream's metadata.
func FromMetadata(m *cairn.StreamMetadata) *cairnv1.Metadata {
	custom := make(map[string][]byte, len(m.Custom))
	for key, value := range m.Custom {
		custom[key] = value
	}
	return &cairnv1.Metadata{
		MaxAge: int64(m.MaxAge), MaxCount: m.MaxCount, TruncateBefore: int64(m.TruncateBefore),
		CacheControl: int64(m.CacheControl), Acl: fromACL(m.ACL), Custom: custom,
	}
}

func fromACL(a *cairn.ACL) *cairnv1.ACL {
	if a == nil {
		return nil
	}
	names := func(list []string) *cairnv1.Names {
		if list == nil {
			return nil
		}
		return &cairnv1.Names{Names: list}
	}
	return &cairnv1.ACL{
		Read: names(a.Read), Write: names(a.Write), Delete: names(a.Delete),
		MetaRead: names(a.MetaRead), MetaWrite: names(a.MetaWrite),
	}
}

// ToMetadata makes a stream's metadata of a message.
func ToMetadata(m *cairnv1.Metadata) cairn.StreamMetadata {
	var custom map[string]json.RawMessage
	for key, value := range m.GetCustom() {
		if custom == nil {
			custom = map[string]json.RawMessage{}
		}
		custom[key] = value
	}
	return cairn.StreamMetadata{
		MaxAge: time.Duration(m.GetMaxAge()), MaxCount: m.GetMaxCount(), TruncateBefore: cairn.Revision(m.GetTruncateBefore()),
		CacheControl: time.Duration(m.GetCacheControl()), ACL: toACL(m.GetAcl()), Custom: custom,
	}
}

func toACL(a *cairnv1.ACL) *cairn.ACL {
	if a == nil {
		return nil
	}
	names := func(m *cairnv1.Names) []string {
		if m == nil {
			return nil
		}
		return append([]string{}, m.Names...)
	}
	return &cairn.ACL{
		Read: names(a.Read), Write: names(a.Write), Delete: names(a.Delete),
		MetaRead: names(a.MetaRead), MetaWrite: names(a.MetaWrite),
	}
}
