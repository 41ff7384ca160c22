// Package report writes results as Markdown: what ran where, the ratios that
// were aimed at, and one table for each question. Ratios are only ever taken
// between numbers of one run.
package report
