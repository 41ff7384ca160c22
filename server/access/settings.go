package access

import (
	"context"
	"encoding/json"

	"github.com/cairndb/cairn"
)

// settingsStream holds the store's settings: its last event counts.
const settingsStream = "$settings"

// settings are the lists for streams that have none of their own.
type settings struct {
	user, system *cairn.ACL
}

// list is the one for a stream's kind; nil if there is none.
func (s *settings) list(stream string) *cairn.ACL {
	if system(stream) {
		return s.system
	}
	return s.user
}

// parseSettings reads the data of an event of the settings stream. What makes
// no sense says nothing.
func parseSettings(data []byte) settings {
	var lists struct {
		User   json.RawMessage `json:"$userStreamAcl"`
		System json.RawMessage `json:"$systemStreamAcl"`
	}
	if json.Unmarshal(data, &lists) != nil {
		return settings{}
	}
	return settings{parseList(lists.User), parseList(lists.System)}
}

// parseList reads a list as the metadata of a stream holds it.
func parseList(raw json.RawMessage) *cairn.ACL {
	if len(raw) == 0 {
		return nil
	}
	metadata, err := json.Marshal(map[string]json.RawMessage{"$acl": raw})
	if err != nil {
		return nil
	}
	return cairn.ParseStreamMetadata(metadata).ACL
}

func (c *Control) loadSettings(ctx context.Context, info cairn.StreamInfo) (settings, error) {
	last, err := lastEvent(ctx, c.store, info)
	if last == nil || err != nil {
		return settings{}, err
	}
	return parseSettings(last.Data), nil
}

// listed is the stream whose description holds the list of a stream. The log is
// no stream and has a metadata stream all the same.
func listed(stream string) string {
	if stream == all {
		return cairn.MetadataStream(all)
	}
	return stream
}

func (c *Control) loadList(ctx context.Context, info cairn.StreamInfo) (*cairn.ACL, error) {
	if info.Stream != cairn.MetadataStream(all) {
		return info.Metadata.ACL, nil
	}
	last, err := lastEvent(ctx, c.store, info)
	if last == nil || err != nil {
		return nil, err
	}
	return cairn.ParseStreamMetadata(last.Data).ACL, nil
}
