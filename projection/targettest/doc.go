// Package targettest holds a target of projections to what it promises: rows and
// bookkeeping together or not at all, compare-and-set that nobody gets around,
// builds that are switched without a reader noticing, errors that are told apart.
//
//	func TestTarget(t *testing.T) {
//		targettest.Run(t, func(t testing.TB) targettest.Subject[*sql.Tx] {
//			return targettest.Subject[*sql.Tx]{
//				Target: sqltarget.SQLite(db),
//				…
//			}
//		})
//	}
//
// [Run] tries the target on its own, call by call. [RunProjections] runs whole
// projections into it, with errors thrown in and runners that compete.
package targettest
