// Package shoppers is a crowd that shops: they browse, look, fill baskets, change
// their minds, order, cancel, and some write what they think. They know the shop
// as a browser knows it, by its pages and forms, so what they do is what the
// services get to do.
//
// What a shopper will do follows from a seed and the shopper's number alone. Two
// crowds of one seed do the same, however fast they are and whatever else happens,
// as long as the shop sells the same.
package shoppers
