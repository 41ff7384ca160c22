// Package bank is the bank's service: it asks the decisions of package account
// and records what follows from them in a [cairn.Store].
//
// An account is a stream, so its balance is folded from its own events only and
// two accounts never wait for each other. Three things reach over more than one
// account, and each shows one way to keep a rule that no single stream can keep:
//
//   - [Bank.Open] keeps names unique with a condition over a tag: nobody has
//     taken the name since it was looked up.
//   - [Bank.Transfer] writes both legs as one batch with both revisions
//     expected, so money is never on its way. Its ID is the batch's key, so a
//     retry is not a second transfer.
//   - [Bank.List] folds the events of all accounts in the order of the log.
package bank
