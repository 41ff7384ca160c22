package sqltarget

// Kind returns "postgresql", "mysql" or "sqlite", for projection.Status.
func (t *Target) Kind() string {
	switch t.d {
	case &postgres:
		return "postgresql"
	case &mySQL:
		return "mysql"
	}
	return "sqlite"
}
