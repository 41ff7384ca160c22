// Package supervisor keeps programs running, each in a process of its own. Lines
// that they write are handed on with their names before them; one that ends, or is
// killed, is started again where it was; and in the end each is let go in good
// order.
//
// A process learns that it is to end when its standard input does. So it ends also
// if whoever has started it is gone, however that came about.
package supervisor
