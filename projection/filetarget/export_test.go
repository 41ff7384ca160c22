package filetarget

import "testing"

// RowsOf reads a table of a directory from the files that the manifest lists.
func RowsOf[R any](t testing.TB, dir string, m *Manifest, table string) []R {
	t.Helper()
	return rowsOf[R](t, folder(dir), m, table)
}
