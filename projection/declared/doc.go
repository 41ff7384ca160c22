// Package declared makes projections from YAML, for people who write no Go: event
// types and expressions on one side, rows of SQL tables on the other, with the
// guarantees of any other projection.
//
//	projection: files-by-month
//	version: 1
//	tables:
//	  file_month:
//	    columns:
//	      file:    text
//	      month:   text
//	      changes: integer
//	    key: [file, month]
//	on:
//	  - events: [file.changed]
//	    upsert: file_month
//	    key: {file: event.stream, month: 'string(event.time).substring(0, 7)'}
//	    add: {changes: 1}
//
// # Expressions
//
// Values are expressions of CEL (https://cel.dev), or plain numbers and truth
// values. They see one variable, event:
//
//	event.id, event.type, event.stream, event.category   texts
//	event.revision, event.position                       integers
//	event.time                                           a timestamp, in UTC
//	event.data, event.metadata                           the JSON within, if it is JSON
//	event.tags                                           a list of texts
//
// A JSON number without fraction or exponent is an integer, any other a double;
// double(x) makes arithmetic on either safe. has(event.data.x) asks for a member
// and event.data.?x.orValue(0) gives one that may be missing. What an expression
// cannot compute is a failure of that event, and failures says what then.
//
// # Rules
//
// Each event goes through all rules, in order, whose events name its type and whose
// where is true. A rule does one thing to one table:
//
//	upsert  makes the row of a key, or changes it: set gives columns values, and
//	        add adds to numbers, which begin at zero
//	insert  adds a row: values gives its columns. A key that is there is a failure
//	delete  removes the row of a key, or all rows that agree in a part of the key
//
// The changes of one transaction are folded in memory first, so that a counter
// that moves a thousand times is written once.
package declared
