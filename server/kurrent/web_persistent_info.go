package kurrent

import "github.com/cairndb/cairn/server/kurrent/persistent"

// A subscriptionInfo describes a persistent subscription over HTTP.
type subscriptionInfo struct {
	Stream      string           `json:"eventStreamId"`
	Group       string           `json:"groupName"`
	Status      string           `json:"status"`
	PerSecond   int              `json:"averageItemsPerSecond"`
	Total       int64            `json:"totalItemsProcessed"`
	SinceLast   int64            `json:"countSinceLastMeasurement"`
	Known       string           `json:"lastKnownEventPosition"`
	Checkpoint  string           `json:"lastCheckpointedEventPosition"`
	ReadBuffer  int              `json:"readBufferCount"`
	LiveBuffer  int              `json:"liveBufferCount"`
	RetryBuffer int              `json:"retryBufferCount"`
	InFlight    int              `json:"totalInFlightMessages"`
	Outstanding int              `json:"outstandingMessagesCount"`
	Parked      int64            `json:"parkedMessageCount"`
	Config      subscriptionSet  `json:"config"`
	Connections []subscriberInfo `json:"connections"`
}

// A subscriptionSet is what it was created with.
type subscriptionSet struct {
	ResolveLinks    bool   `json:"resolveLinktos"`
	StartPosition   string `json:"startPosition"`
	MessageTimeout  int64  `json:"messageTimeoutMilliseconds"`
	ExtraStatistics bool   `json:"extraStatistics"`
	MaxRetryCount   int    `json:"maxRetryCount"`
	LiveBufferSize  int    `json:"liveBufferSize"`
	BufferSize      int    `json:"bufferSize"`
	ReadBatchSize   int    `json:"readBatchSize"`
	CheckpointAfter int64  `json:"checkPointAfterMilliseconds"`
	MinCheckpoint   int    `json:"minCheckPointCount"`
	MaxCheckpoint   int    `json:"maxCheckPointCount"`
	MaxSubscribers  int    `json:"maxSubscriberCount"`
	Strategy        string `json:"namedConsumerStrategy"`
}

// A subscriberInfo describes one of its consumers.
type subscriberInfo struct {
	From           string           `json:"from"`
	User           string           `json:"username"`
	PerSecond      int              `json:"averageItemsPerSecond"`
	Total          int64            `json:"totalItemsProcessed"`
	SinceLast      int64            `json:"countSinceLastMeasurement"`
	AvailableSlots int              `json:"availableSlots"`
	InFlight       int              `json:"inFlightMessages"`
	Statistics     map[string]int64 `json:"extraStatistics,omitempty"`
	Connection     string           `json:"connectionName"`
}

func webInfo(i *persistent.Info) subscriptionInfo {
	info := subscriptionInfo{
		Stream: i.Stream, Group: i.Group, Status: i.Status,
		PerSecond: i.Measured.PerSecond, Total: i.Measured.Total, SinceLast: i.Measured.SinceLast,
		Known: i.Known, Checkpoint: i.Checkpoint, ReadBuffer: i.Fresh, LiveBuffer: i.Live, RetryBuffer: i.Retries,
		InFlight: i.InFlight, Outstanding: i.InFlight, Parked: i.Parked, Connections: []subscriberInfo{},
		Config: subscriptionSet{
			ResolveLinks: i.ResolveLinks, StartPosition: i.StartFrom(), MessageTimeout: i.MessageTimeout.Milliseconds(),
			ExtraStatistics: i.ExtraStatistics, MaxRetryCount: i.MaxRetryCount, LiveBufferSize: i.LiveBufferSize,
			BufferSize: i.HistoryBufferSize, ReadBatchSize: i.ReadBatchSize, CheckpointAfter: i.CheckpointAfter.Milliseconds(),
			MinCheckpoint: i.MinCheckpointCount, MaxCheckpoint: i.MaxCheckpointCount, MaxSubscribers: i.MaxSubscriberCount, Strategy: i.Strategy,
		},
	}
	for _, c := range i.Consumers {
		info.Connections = append(info.Connections, webSubscriber(&c))
	}
	return info
}

func webSubscriber(c *persistent.ConsumerInfo) subscriberInfo {
	info := subscriberInfo{
		From: c.From, User: c.User, PerSecond: c.Measured.PerSecond, Total: c.Measured.Total, SinceLast: c.Measured.SinceLast,
		AvailableSlots: c.Buffer - c.InFlight, InFlight: c.InFlight, Connection: c.Connection, Statistics: map[string]int64{},
	}
	for _, m := range c.Measurements {
		info.Statistics[m.Key] = m.Value
	}
	return info
}
