package notification

import (
	"fmt"

	"github.com/cairndb/cairn/examples/eshop/contract"
)

// A letter is what is said to a customer. The zero letter is not sent.
type letter struct{ customer, order, subject, text string }

func placed(e contract.OrderPlacedV1) letter {
	text := fmt.Sprintf("Thank you. We have your order %s:\n\n", e.Order)
	for _, l := range e.Lines {
		text += fmt.Sprintf("  %d × %s, %s each\n", l.Quantity, l.Name, euros(l.Cents))
	}
	return letter{e.Customer, e.Order, "We have your order", text + fmt.Sprintf("\nTogether %s.", euros(e.Cents))}
}

func completed(e contract.OrderCompletedV1) letter {
	return letter{e.Customer, e.Order, "Your order is on its way",
		fmt.Sprintf("Order %s is paid and packed. It leaves us today.", e.Order)}
}

func failed(e contract.OrderFailedV1) letter {
	return letter{e.Customer, e.Order, "We cannot deliver your order",
		fmt.Sprintf("We are sorry: order %s cannot be delivered, because of the %s: %s.\nWhat you have paid comes back to you.", e.Order, e.Stage, e.Reason)}
}

func cancelled(e contract.OrderCancelledV1) letter {
	return letter{e.Customer, e.Order, "Your order is cancelled",
		fmt.Sprintf("Order %s is cancelled, as you wished: %s.", e.Order, e.Reason)}
}

func received(e contract.PaymentReceivedV1) letter {
	return letter{e.Customer, e.Order, "Thank you for paying",
		fmt.Sprintf("You have paid %s for order %s.", euros(e.Cents), e.Order)}
}

func refused(e contract.PaymentFailedV1) letter {
	return letter{e.Customer, e.Order, "Your payment did not go through",
		fmt.Sprintf("The payment of order %s failed: %s.", e.Order, e.Reason)}
}

// refunded says nothing where nothing had been paid.
func refunded(e contract.PaymentRefundedV1) letter {
	if e.Cents == 0 {
		return letter{}
	}
	return letter{e.Customer, e.Order, "You have your money back",
		fmt.Sprintf("We have paid %s back to you for order %s.", euros(e.Cents), e.Order)}
}

func euros(cents int64) string { return fmt.Sprintf("€%d.%02d", cents/100, cents%100) }
