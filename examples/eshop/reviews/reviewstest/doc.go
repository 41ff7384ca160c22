// Package reviewstest is the kit for implementations of [reviews.Documents]: what
// holds for one database holds for each.
package reviewstest
