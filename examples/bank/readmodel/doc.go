// Package readmodel is what the bank shows to those who ask about many accounts at
// once: two tables, kept up to date by one projection, in SQLite or PostgreSQL.
//
//	balance    a row for each account: who has it, what is on it
//	statement  a row for each event of an account, with the balance behind it
//
// A decision never looks here. It folds the account's own stream, which is exact,
// where a read model is a moment behind.
package readmodel
