package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn/decider/decidertest"
	. "github.com/cairndb/cairn/examples/bank/account"
)

const (
	most = MaxMoney
	id   = "018f2b6e-7c31-7d3a-9d0b-0242ac120002"
	peer = Number("0000000042")
)

var (
	accounts = decidertest.With(State.Evolve)
	ann      = accounts.Given(Opened{"ann"})
	rich     = ann.Given(Deposited{100_00})
	gone     = ann.Given(Closed{"ann"})
)

func TestOpen(t *testing.T) {
	accounts.When(Open("ann")).Then(t, Opened{"ann"})
	accounts.When(Open("ann")).ThenState(t, State{Name: "ann", Status: Live})
	accounts.When(Open(strings.Repeat("a", MaxName))).Then(t, Opened{strings.Repeat("a", MaxName)})
	ann.When(Open("ann")).ThenError(t, ErrExists)
	gone.When(Open("ann")).ThenError(t, ErrExists)
	for _, name := range []string{"", " ", "ann ", "\tann", "\xff", strings.Repeat("a", MaxName+1)} {
		accounts.When(Open(name)).ThenError(t, ErrName)
	}
}

func TestDeposit(t *testing.T) {
	ann.When(Deposit(1)).Then(t, Deposited{1})
	rich.When(Deposit(1)).ThenState(t, State{Name: "ann", Status: Live, Balance: 100_01})
	rich.When(Deposit(most-100_00)).Then(t, Deposited{most - 100_00})
	rich.When(Deposit(most-99_99)).ThenError(t, ErrFull)
	rich.When(Deposit(most+1)).ThenError(t, ErrAmount)
	rich.When(Deposit(0)).ThenError(t, ErrAmount)
	rich.When(Deposit(-1)).ThenError(t, ErrAmount)
	accounts.When(Deposit(1)).ThenError(t, ErrMissing)
	gone.When(Deposit(1)).ThenError(t, ErrClosed)
}

func TestWithdraw(t *testing.T) {
	rich.When(Withdraw(100_00)).Then(t, Withdrawn{100_00})
	rich.When(Withdraw(30_00)).ThenState(t, State{Name: "ann", Status: Live, Balance: 70_00})
	rich.When(Withdraw(100_01)).ThenError(t, ErrInsufficient)
	rich.When(Withdraw(0)).ThenError(t, ErrAmount)
	rich.When(Withdraw(-1)).ThenError(t, ErrAmount)
	accounts.When(Withdraw(1)).ThenError(t, ErrMissing)
	gone.When(Withdraw(1)).ThenError(t, ErrClosed)
}

func TestWithdrawSaysWhatIsThere(t *testing.T) {
	_, err := Withdraw(100_01)(State{Status: Live, Balance: 100_00})
	got, ok := errors.AsType[*InsufficientError](err)
	if !ok || got.Balance != 100_00 || got.Asked != 100_01 {
		t.Errorf("error %v; want 100.01 asked for and 100.00 there", err)
	}
}

func TestTransferLegs(t *testing.T) {
	rich.When(Send(id, peer, 30_00)).Then(t, TransferSent{id, peer, 30_00})
	rich.When(Send(id, peer, 30_00)).ThenState(t, State{Name: "ann", Status: Live, Balance: 70_00})
	ann.When(Receive(id, peer, 30_00)).Then(t, TransferReceived{id, peer, 30_00})
	ann.When(Receive(id, peer, 30_00)).ThenState(t, State{Name: "ann", Status: Live, Balance: 30_00})
	rich.When(Send(id, peer, 100_01)).ThenError(t, ErrInsufficient)
	rich.When(Receive(id, peer, most)).ThenError(t, ErrFull)
	gone.When(Send(id, peer, 1)).ThenError(t, ErrClosed)
	gone.When(Receive(id, peer, 1)).ThenError(t, ErrClosed)
}

func TestClose(t *testing.T) {
	ann.When(Close()).Then(t, Closed{"ann"})
	rich.Given(Withdrawn{100_00}).When(Close()).ThenState(t, State{Name: "ann", Status: Ended})
	rich.When(Close()).ThenError(t, ErrNotEmpty)
	accounts.When(Close()).ThenError(t, ErrMissing)
	gone.When(Close()).ThenError(t, ErrClosed)
}

// TestNames pins what is stored. A change here is a change of history.
func TestNames(t *testing.T) {
	for _, tt := range []struct {
		event Event
		name  string
		data  string
		tags  string
	}{
		{Opened{"ann"}, "account.opened", `{"name":"ann"}`, "account-name:ann"},
		{Deposited{1}, "account.deposited", `{"amount":"0.01"}`, ""},
		{Withdrawn{1}, "account.withdrawn", `{"amount":"0.01"}`, ""},
		{TransferSent{id, peer, 1}, "account.transfer-sent", `{"transfer":"` + id + `","to":"0000000042","amount":"0.01"}`, "transfer:" + id},
		{TransferReceived{id, peer, 1}, "account.transfer-received", `{"transfer":"` + id + `","from":"0000000042","amount":"0.01"}`, "transfer:" + id},
		{Closed{"ann"}, "account.closed", `{"name":"ann"}`, "account-name:ann"},
	} {
		e, err := Events.Encode(tt.event)
		if err != nil || e.Type != tt.name || string(e.Data) != tt.data || strings.Join(e.Tags, " ") != tt.tags {
			t.Errorf("%#v is stored as %s %s %v, %v", tt.event, e.Type, e.Data, e.Tags, err)
		}
	}
}
