// Package metrics measures what reacts to events, for Prometheus: groups, relays,
// inboxes, projections, timers and sagas of a program.
//
// Each of them is told what happens by hooks in its options. Measure puts hooks
// that count in front of those that are there:
//
//	m, err := metrics.NewGroup(prometheus.DefaultRegisterer, "mailer")
//	...
//	err = group.Run(ctx, store, "mailer", m.Measure(options), handle)
//
// What a group has still to do is asked of the store when somebody scrapes:
//
//	prometheus.MustRegister(metrics.NewGroups(store, "mailer"))
//
// How far projections are their runners report to the store, and [NewProjections]
// shows it. A server that has the store shows the same of all its groups and
// projections by itself.
//
// Several of a kind share a registry: each has a label with its name. One that is
// made twice, because a process runs several members of one group, counts into
// the same metrics. Nothing here takes a label from an event or an error, so the
// number of series does not grow with what happens.
package metrics
