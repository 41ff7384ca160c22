// Package tour plays a story at the bank and shows what is stored at each step.
//
// It does nothing that a user of the bank could not do, and leaves the store as
// it is: the next tour goes on in the same store with new people.
package tour
