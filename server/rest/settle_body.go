package rest

import (
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// A settlement is what came of a delivery.
type settlement struct {
	id, outcome, reason string
	after               time.Duration
	timed               bool // after was given
}

func decodeSettlements(text []byte) (all []settlement, err error) {
	err = object("", text, func(field string, v []byte) (bool, error) {
		if field != "settlements" {
			return false, nil
		}
		return true, list(field, v, maxSettlements, func(path string, v []byte) error {
			o, err := decodeSettlement(path, v)
			all = append(all, o)
			return err
		})
	})
	if err == nil && len(all) == 0 {
		err = wrong("settlements", "are missing")
	}
	return all, err
}

func decodeSettlement(path string, value []byte) (o settlement, err error) {
	err = object(path, value, func(field string, v []byte) (known bool, err error) {
		switch field {
		case "id":
			o.id, err = ndjson.Text(v)
		case "outcome":
			o.outcome, err = decodeOutcome(v)
		case "after":
			o.timed = true
			o.after, err = decodeDuration(v, 0, 24*time.Hour)
		case "reason":
			o.reason, err = ndjson.Text(v)
		default:
			return false, nil
		}
		return true, err
	})
	switch {
	case err != nil:
	case o.id == "":
		err = wrong(join(path, "id"), "is missing")
	case o.outcome == "":
		err = wrong(join(path, "outcome"), "is missing")
	case len(o.reason) > maxReason:
		err = &cairn.InvalidError{Field: join(path, "reason"), Problem: "is longer than 4096 bytes", Limit: maxReason}
	}
	return o, err
}

func decodeOutcome(v []byte) (string, error) {
	name, err := ndjson.Text(v)
	if err != nil {
		return "", err
	}
	switch name {
	case "ack", "retry", "park", "skip", "release":
		return name, nil
	}
	return "", fmt.Errorf(`%.40q is not one of "ack", "retry", "park", "skip" and "release"`, name)
}
