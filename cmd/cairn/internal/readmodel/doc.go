// Package readmodel opens the databases that hold read models, by URL.
package readmodel
