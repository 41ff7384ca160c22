package asyncapi

// cloudEvent is the component that the headers of all messages refer to.
const cloudEvent = "CloudEvent"

func text(format, about string) object {
	return object{{"type", "string"}}.with("format", format).with("description", about)
}

func constant(v, about string) object {
	return object{{"type", "string"}, {"const", v}, {"description", about}}
}

// headers describes the headers of a message: the attributes of a CloudEvent of
// one type.
func (d *document) headers(typ string) object {
	return object{
		{"type", "object"},
		{"allOf", []object{ref("#/components/schemas/" + cloudEvent)}},
		{"properties", object{{d.info.HeaderPrefix + "type", constant(typ, "What happened.")}}},
	}
}

// attributes describes what all CloudEvents of the contract have in common.
func (d *document) attributes() object {
	all := object{
		{"specversion", constant("1.0", "The version of CloudEvents.")},
		{"type", text("", "What happened.")},
		{"source", constant(d.source, "Who says so.")},
		{"id", text("", "The same however often the event arrives, and unique for its source.")},
		{"subject", text("", "What it is about.")},
		{"time", text("date-time", "When it was recorded.")},
		{"partitionkey", text("", "What keeps its order.")},
		{"correlationid", text("", "What it belongs to.")},
		{"causationid", text("", "What caused it.")},
		{"traceparent", text("", "The trace that it belongs to, as https://www.w3.org/TR/trace-context says.")},
		{"tracestate", text("", "More of the trace.")},
	}
	for i := range all {
		all[i].name = d.info.HeaderPrefix + all[i].name
	}
	var required []string
	for _, m := range all[:4] {
		required = append(required, m.name)
	}
	return object{{"type", "object"}, {"properties", all}, {"required", required}}
}
