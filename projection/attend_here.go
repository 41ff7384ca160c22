package projection

import "context"

// attending is the attendant of a runner's build.
func (r *runner[Tx]) attending(b Definition) func(ctx context.Context) error {
	publisher, _ := any(r.target).(Publisher)
	s := &steward{
		log: r.log, ledger: r.target, publisher: publisher, name: r.p.Name, place: r.place,
		switching: func(version int) (SwitchOptions, bool) {
			if version != r.p.Version {
				return SwitchOptions{}, false
			}
			return SwitchOptions{Key: r.p.Key}, true
		},
		retry: func(build int) func(context.Context, Definition, []string) ([]Retried, error) {
			if build != b.Build {
				return nil
			}
			return r.retryAll
		},
		rebuild: func(int) func(context.Context) (int, error) { return nil },
	}
	return attending(r.log, r.p.Name, &r.o, s.able)
}

// attend is the attendant of all builds of a deployer.
func (d *deployer[Tx]) attend() func(ctx context.Context) error {
	s := &steward{
		log: d.log, ledger: d.publisher, publisher: d.publisher, name: d.name, place: d.place,
		switching: func(version int) (SwitchOptions, bool) {
			code, own := d.code[version]
			o := d.o.switching()
			o.Key = code.Key
			return o, own
		},
		retry: func(build int) func(context.Context, Definition, []string) ([]Retried, error) {
			if r := d.crew.runners()[build]; r != nil {
				return r.retryAll
			}
			return nil
		},
		rebuild: d.rebuilding,
	}
	o := d.o.Options.given()
	return attending(d.log, d.name, &o, s.able)
}

// rebuilding begins a build of the version that is deployed.
func (d *deployer[Tx]) rebuilding(version int) func(ctx context.Context) (int, error) {
	if version != d.version {
		return nil
	}
	return func(ctx context.Context) (int, error) {
		r, err := newRunner(d.log, d.target, d.code[d.version], &d.o.Options)
		if err != nil {
			return 0, err
		}
		return r.rebuild(ctx)
	}
}
