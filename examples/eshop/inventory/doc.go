// Package inventory keeps the stock and sets goods aside: event-sourced, because
// two who want the last of something must not both get it. Each product has a
// stream, each order's allocation has one, and an allocation is one batch over
// all of them that expects each to stand where it was read. So nothing is sold
// twice, whoever is quicker, and nothing is set aside by half.
//
// It hears of new products from the catalogue and of orders from the order
// process, and knows neither. What can be seen of the stock is a projection.
package inventory
