package persistent

import (
	"encoding/json"
	"fmt"
	"time"
)

// The stream of the configuration, and the type of its events.
const (
	configStream = "$persistentSubscriptionConfig"
	configType   = "$PersistentConfig"
)

// A Config is a subscription as it is configured.
type Config struct {
	Key
	Settings

	// Anchor is where the end was, if the subscription starts there: the place
	// of the last event when it was created. Events behind it are not lost if
	// the server restarts before the first checkpoint.
	Anchor Place
}

// behind is the place behind which to begin without a checkpoint.
func (c *Config) behind() Place {
	if c.Start.End {
		return c.Anchor
	}
	return c.Start.At - 1
}

// document is the data of a configuration event, with the names that they have in
// KurrentDB.
type document struct {
	Version   string    `json:"version"`
	Updated   time.Time `json:"updated"`
	UpdatedBy string    `json:"updatedBy"`
	Entries   []item    `json:"entries"`
}

type item struct {
	Stream            string  `json:"stream"`
	Group             string  `json:"group"`
	Filter            *Filter `json:"filter,omitempty"`
	ResolveLinks      bool    `json:"resolveLinkTos"`
	ExtraStatistics   bool    `json:"extraStatistics"`
	MessageTimeout    int64   `json:"messageTimeout"`
	StartPosition     string  `json:"startPosition"`
	Anchor            *Place  `json:"anchor,omitempty"`
	LiveBufferSize    int     `json:"liveBufferSize"`
	HistoryBufferSize int     `json:"historyBufferSize"`
	MaxRetryCount     int     `json:"maxRetryCount"`
	ReadBatchSize     int     `json:"readBatchSize"`
	CheckpointAfter   int64   `json:"checkPointAfter"`
	MinCheckpoint     int     `json:"minCheckPointCount"`
	MaxCheckpoint     int     `json:"maxCheckPointCount"`
	MaxSubscribers    int     `json:"maxSubscriberCount"`
	Strategy          string  `json:"namedConsumerStrategy"`
}

const configVersion = "2"

// Encode is the data of a configuration event.
func Encode(all []Config, by string, now time.Time) ([]byte, error) {
	d := document{Version: configVersion, Updated: now.UTC(), UpdatedBy: by, Entries: make([]item, 0, len(all))}
	for i := range all {
		d.Entries = append(d.Entries, itemOf(&all[i]))
	}
	return json.Marshal(&d)
}

func itemOf(c *Config) item {
	i := item{
		Stream: c.Stream, Group: c.Group, Filter: c.Filter, ResolveLinks: c.ResolveLinks, ExtraStatistics: c.ExtraStatistics,
		MessageTimeout: c.MessageTimeout.Milliseconds(), StartPosition: c.Start.text(c.Stream == All),
		LiveBufferSize: c.LiveBufferSize, HistoryBufferSize: c.HistoryBufferSize, ReadBatchSize: c.ReadBatchSize,
		MaxRetryCount: c.MaxRetryCount, CheckpointAfter: c.CheckpointAfter.Milliseconds(),
		MinCheckpoint: c.MinCheckpointCount, MaxCheckpoint: c.MaxCheckpointCount,
		MaxSubscribers: c.MaxSubscriberCount, Strategy: c.Strategy,
	}
	if c.Start.End {
		i.Anchor = &c.Anchor
	}
	return i
}

// Decode reads what Encode writes. Anything that does not describe subscriptions
// is an error: to pass over it would be to lose it with the next change.
func Decode(data []byte) ([]Config, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("persistent: the configuration in %s is damaged: %w", configStream, err)
	}
	all, seen := make([]Config, 0, len(d.Entries)), map[string]bool{}
	for n := range d.Entries {
		c, err := d.Entries[n].config()
		if err == nil && seen[c.Key.String()] {
			err = fmt.Errorf("%s is there twice", c.Key)
		}
		if err != nil {
			return nil, fmt.Errorf("persistent: the configuration in %s is damaged: entry %d: %w", configStream, n, err)
		}
		seen[c.Key.String()] = true
		all = append(all, c)
	}
	return all, nil
}

func (i *item) config() (c Config, err error) {
	c = Config{Key: Key{i.Stream, i.Group}, Anchor: none}
	if c.Start, err = parseStart(i.StartPosition, i.Stream == All); err != nil {
		return c, err
	}
	if i.Anchor != nil && c.Start.End {
		c.Anchor = max(*i.Anchor, none)
	}
	c.Filter, c.ResolveLinks, c.ExtraStatistics = i.Filter, i.ResolveLinks, i.ExtraStatistics
	c.MessageTimeout, c.CheckpointAfter = milliseconds(i.MessageTimeout), milliseconds(i.CheckpointAfter)
	c.LiveBufferSize, c.HistoryBufferSize, c.ReadBatchSize = i.LiveBufferSize, i.HistoryBufferSize, i.ReadBatchSize
	c.MaxRetryCount, c.MaxSubscriberCount, c.Strategy = i.MaxRetryCount, i.MaxSubscribers, i.Strategy
	c.MinCheckpointCount, c.MaxCheckpointCount = i.MinCheckpoint, i.MaxCheckpoint
	if p := c.problem(); p != "" {
		return c, &FailedError{c.Key, p}
	}
	return c, c.Key.validate()
}

// milliseconds is a time as long as n says, or one that is refused.
func milliseconds(n int64) time.Duration {
	if n < 0 || n > int64(1<<31) {
		return -time.Millisecond
	}
	return time.Duration(n) * time.Millisecond
}
