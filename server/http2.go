package server

import "encoding/binary"

// detectHTTP2 reads frames until the header of the first request, which says
// who takes the connection.
//
// Many clients do not send it before they have the server's settings. So the
// client is sent some, which it will acknowledge; whoever takes the connection
// sends its own, and must not see the acknowledgement of those it did not send.
func (o *opening) detectHTTP2() (protocol, error) {
	if err := o.greet(); err != nil {
		return 0, err
	}
	r := request{opening: o, kept: []byte(preface), begun: true}
	o.buf = o.buf[len(preface):]
	p, err := r.find()
	if err != nil {
		return 0, err
	}
	begin := append(r.kept, o.buf...)
	if r.acked {
		o.conn.replay(begin)
	} else {
		o.conn.hideAck(begin)
	}
	return p, nil
}

// greet sends settings that say as little as possible.
func (o *opening) greet() error {
	if err := o.conn.SetDeadline(o.by); err != nil {
		return err
	}
	const maxConcurrentStreams = 3
	setting := binary.BigEndian.AppendUint16(nil, maxConcurrentStreams)
	setting = binary.BigEndian.AppendUint32(setting, uint32(o.limits.Streams))
	_, err := o.conn.Write(appendFrame(nil, frame{kind: frameSettings, payload: setting}))
	return err
}
