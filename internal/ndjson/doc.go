// Package ndjson is the form in which events travel between stores: one JSON
// object a line.
//
//	{"id":"…","stream":"order-1","type":"order.placed","data":{"total":12},"metadata":{},"created":"2024-05-01T10:00:00Z"}
//
// The form loses nothing. Data and metadata that are JSON on one line stand as
// they are, byte for byte; anything else, and data of another format than JSON,
// stands base64-encoded in data_base64 and metadata_base64. An event without
// data has neither field. Tags and a format other than JSON follow as "tags" and
// "format" where there are any.
//
// Lines are read strictly: a misspelt field, a field given twice or a value of
// the wrong kind is an error, because a line half understood would be an event
// half stored. "revision" and "position" are accepted and ignored; they are the
// places in the store that the line came from.
package ndjson
