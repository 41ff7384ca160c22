// Package archtest holds the project to what it says about itself. It has
// tests only:
//
//   - who may import whom, as a table with a reason for each row, which is also
//     the table in docs/architecture.md;
//   - every package says what it is, once, and every exported name says what it
//     promises;
//   - the file map in docs/architecture.md knows every package;
//   - no page links to a file that is not there;
//   - the program in README.md compiles and prints what README.md says;
//   - no file depends on the machine it was written on.
//
// The tests read the source of every file, whatever system it is built for, in
// this module and in those below it.
package archtest
