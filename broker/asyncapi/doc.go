// Package asyncapi describes a contract of integration events as an AsyncAPI 3
// document, https://www.asyncapi.com/docs/reference/specification/v3.0.0, for
// those who read it and for tools that generate code and pages from it.
//
//	yaml, err := asyncapi.YAML(contract, asyncapi.Info{
//		Title: "Orders", Version: "1.2.0",
//		Servers:      []asyncapi.Server{{Name: "production", Host: "nats.example.com:4222", Protocol: "nats"}},
//		HeaderPrefix: "ce-",
//	})
//
// There is a channel for each topic, an operation that sends to it, and a
// message for each type of event. A message's headers are the attributes of its
// CloudEvent, its payload is a JSON Schema of its Go type: what encoding/json
// writes is valid against it. The tag `doc:"..."` describes a field; [Enum] and
// [Schema] say what a type cannot.
package asyncapi
