package account

import "github.com/cairndb/cairn/codec"

// An Event is a fact about one account.
type Event interface{ account() }

// What can happen to an account. The field names are what is stored: a field
// may be added, but what one means never changes.
type (
	// Opened is the first event of every account.
	Opened struct {
		Name string `json:"name"`
	}

	// Deposited is cash paid in.
	Deposited struct {
		Amount Money `json:"amount"`
	}

	// Withdrawn is cash paid out.
	Withdrawn struct {
		Amount Money `json:"amount"`
	}

	// TransferSent is the leg of a transfer at the account that pays.
	TransferSent struct {
		Transfer string `json:"transfer"`
		To       Number `json:"to"`
		Amount   Money  `json:"amount"`
	}

	// TransferReceived is the leg of a transfer at the account that is paid.
	TransferReceived struct {
		Transfer string `json:"transfer"`
		From     Number `json:"from"`
		Amount   Money  `json:"amount"`
	}

	// Closed is the last event of an account, whose name is then free again.
	Closed struct {
		Name string `json:"name"`
	}
)

func (Opened) account()           {}
func (Deposited) account()        {}
func (Withdrawn) account()        {}
func (TransferSent) account()     {}
func (TransferReceived) account() {}
func (Closed) account()           {}

// Events names the events in the store. The names outlive the Go types.
var Events = codec.JSON(codec.Types[Event]{
	"account.opened":            Opened{},
	"account.deposited":         Deposited{},
	"account.withdrawn":         Withdrawn{},
	"account.transfer-sent":     TransferSent{},
	"account.transfer-received": TransferReceived{},
	"account.closed":            Closed{},
})
