// Package order keeps orders: event-sourced, because what was ordered, changed,
// paid and refused, and in which sequence, is what people come to ask about. The
// state of an order is folded from its stream; the list of orders, their details
// and the sales are projections, which can be thrown away and made again.
//
// An order decides for itself what may happen to it. It does not know who takes
// payments, who checks prices and who keeps the stock: it hears from the order
// process how far its matter has come, and says, by its own integration events,
// what has become of it.
package order
