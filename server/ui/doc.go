// Package ui is the window on a store: pages that show events flow, what caused
// what, who consumes what, how far everything is, and what failed.
//
// Pages are made on the server, from templates that are part of the program
// (pages), with few scripts and no others' hosts (assets), so they work without a
// network. Each page is bounded by what it shows: none reads more of the log for
// there being more of it.
//
// A page is a handler that returns an error only if it has written nothing
// (page.go); the error becomes a page that says what is wrong (problem.go). What
// may be called by whom is asked of access, for each page and each act. All acts
// are POST forms, which pages of other origins cannot send (guard.go); a script
// may make them smoother, and none is needed.
package ui
