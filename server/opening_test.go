package server

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2/hpack"
)

// A scripted connection is read as chunks and notes what is written to it.
type scripted struct {
	chunks  [][]byte
	written bytes.Buffer
}

func (s *scripted) Read(p []byte) (int, error) {
	if len(s.chunks) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.chunks[0])
	if s.chunks[0] = s.chunks[0][n:]; len(s.chunks[0]) == 0 {
		s.chunks = s.chunks[1:]
	}
	return n, nil
}

func (s *scripted) Write(p []byte) (int, error)      { return s.written.Write(p) }
func (s *scripted) Close() error                     { return nil }
func (s *scripted) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *scripted) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *scripted) SetDeadline(time.Time) error      { return nil }
func (s *scripted) SetReadDeadline(time.Time) error  { return nil }
func (s *scripted) SetWriteDeadline(time.Time) error { return nil }

// in cuts bytes into chunks of a size; zero means one chunk.
func in(size int, b []byte) *scripted {
	if size == 0 {
		return &scripted{chunks: [][]byte{b}}
	}
	s := &scripted{}
	for len(b) > 0 {
		n := min(size, len(b))
		s.chunks = append(s.chunks, b[:n:n])
		b = b[n:]
	}
	return s
}

func quick() Limits { return Limits{}.withDefaults() }

// header is a block of fields: names and values in turn.
func header(fields ...string) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for i := 0; i < len(fields); i += 2 {
		e.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) // to memory: cannot fail
	}
	return b.Bytes()
}

func headers(flags byte, block []byte) []byte {
	return appendFrame(nil, frame{kind: frameHeaders, flags: flags, stream: 1, payload: block})
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var (
	begin    = []byte(preface)
	settings = appendFrame(nil, frame{kind: frameSettings, payload: []byte{0, 4, 0, 1, 0, 0}})
	ack      = appendFrame(nil, frame{kind: frameSettings, flags: flagAck})
	ping     = appendFrame(nil, frame{kind: framePing, payload: []byte("12345678")})
	window   = appendFrame(nil, frame{kind: 8, payload: []byte{0, 1, 0, 0}})
	data     = appendFrame(nil, frame{stream: 1, payload: bytes.Repeat([]byte("x"), 1000)})

	grpcBlock = header(":method", "POST", ":scheme", "http", ":path", "/a.B/C", "content-type", "application/grpc", "te", "trailers")
	grpcCall  = headers(flagEndHeaders, grpcBlock)
	webCall   = headers(flagEndHeaders|1, header(":method", "GET", ":scheme", "http", ":path", "/", "accept", "*/*"))
)

func padded(block []byte) []byte {
	return headers(flagEndHeaders|flagPadded|flagPriority, join([]byte{3, 0, 0, 0, 0, 16}, block, []byte{0, 0, 0}))
}

func split(block []byte) []byte {
	return join(headers(0, block[:5]),
		appendFrame(nil, frame{kind: frameContinuation, stream: 1, payload: block[5:9]}),
		appendFrame(nil, frame{kind: frameContinuation, flags: flagEndHeaders, stream: 1, payload: block[9:]}))
}

func TestDetect(t *testing.T) {
	big := appendFrame(nil, frame{kind: frameHeaders, stream: 1, payload: make([]byte, maxFrame+1)})
	many := bytes.Repeat(window, maxOpening/len(window)+1)
	for name, test := range map[string]struct {
		sent  []byte
		want  protocol
		left  []byte // what the one who takes over reads; nil means all that was sent
		pongs int
	}{
		"HTTP/1":                          {sent: []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), want: speaksHTTP},
		"almost the preface":              {sent: []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX"), want: speaksHTTP},
		"a TLS handshake":                 {sent: []byte("\x16\x03\x01\x02\x00\x01\x00"), want: speaksHTTP},
		"gRPC":                            {sent: join(begin, settings, grpcCall, data), want: speaksGRPC},
		"gRPC after the acknowledgement":  {sent: join(begin, settings, ack, grpcCall, data), want: speaksGRPC, left: join(begin, settings, grpcCall, data)},
		"gRPC, acknowledged later":        {sent: join(begin, settings, grpcCall, data, ack, data, ack), want: speaksGRPC, left: join(begin, settings, grpcCall, data, data, ack)},
		"only one is hidden":              {sent: join(begin, settings, ack, ack, grpcCall, ack), want: speaksGRPC, left: join(begin, settings, ack, grpcCall, ack)},
		"gRPC after pings":                {sent: join(begin, settings, window, ping, ack, ping, grpcCall), want: speaksGRPC, left: join(begin, settings, window, grpcCall), pongs: 2},
		"gRPC in padded headers":          {sent: join(begin, settings, padded(grpcBlock), data), want: speaksGRPC},
		"gRPC in several frames":          {sent: join(begin, settings, split(grpcBlock), data, ack), want: speaksGRPC, left: join(begin, settings, split(grpcBlock), data)},
		"gRPC with a codec":               {sent: join(begin, settings, headers(flagEndHeaders, header("content-type", "application/grpc+proto"))), want: speaksGRPC},
		"gRPC for the web":                {sent: join(begin, settings, headers(flagEndHeaders, header("content-type", "application/grpc-web"))), want: speaksHTTP},
		"HTTP/2":                          {sent: join(begin, settings, window, webCall), want: speaksHTTP},
		"HTTP/2 after the acknowledgment": {sent: join(begin, settings, ack, webCall), want: speaksHTTP, left: join(begin, settings, webCall)},
		"no settings":                     {sent: join(begin, grpcCall), want: speaksHTTP},
		"an acknowledgement first":        {sent: join(begin, ack, settings, grpcCall), want: speaksHTTP, left: join(begin, settings, grpcCall)},
		"a frame that is too large":       {sent: join(begin, settings, big), want: speaksHTTP},
		"a frame that is too large, here": {sent: join(begin, settings, big, window), want: speaksHTTP},
		"a beginning of 512 bytes":        {sent: join(begin, settings, appendFrame(nil, frame{kind: 77, payload: make([]byte, 512-24-15-9)}), grpcCall), want: speaksGRPC},
		"frames without end":              {sent: join(begin, settings, many, grpcCall), want: speaksHTTP},
		"headers that mean nothing":       {sent: join(begin, settings, headers(flagEndHeaders, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})), want: speaksHTTP},
		"headers within headers":          {sent: join(begin, settings, headers(0, grpcBlock[:5]), grpcCall), want: speaksHTTP},
		"headers that are all padding":    {sent: join(begin, settings, headers(flagEndHeaders|flagPadded, []byte{200})), want: speaksHTTP},
		"headers without a priority":      {sent: join(begin, settings, headers(flagEndHeaders|flagPriority, []byte{0, 0})), want: speaksHTTP},
		"a continuation of nothing":       {sent: join(begin, settings, appendFrame(nil, frame{kind: frameContinuation, payload: []byte("x")}), grpcCall), want: speaksGRPC},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.left
			if want == nil {
				want = test.sent
			}
			for _, size := range []int{0, 1, 2, 7, 64} {
				raw := in(size, test.sent)
				c := newConn(raw, func() {})
				got, err := detect(c, quick())
				if err != nil || got != test.want {
					t.Fatalf("in chunks of %d: detect: got %v, %v, want %v", size, got, err, test.want)
				}
				left, err := io.ReadAll(c)
				if err != nil || !bytes.Equal(left, want) {
					t.Fatalf("in chunks of %d: left to read:\ngot  %q, %v\nwant %q", size, left, err, want)
				}
				if got := bytes.Count(raw.written.Bytes(), []byte("12345678")); got != test.pongs {
					t.Errorf("in chunks of %d: got %d pings answered, want %d", size, got, test.pongs)
				}
			}
		})
	}
}

// TestDetectSaysNothing is about clients that leave before they have said what
// they speak.
func TestDetectSaysNothing(t *testing.T) {
	for name, sent := range map[string][]byte{
		"nothing":                 nil,
		"half a preface":          begin[:10],
		"a preface":               begin,
		"a preface and settings":  join(begin, settings, ack),
		"half a frame":            join(begin, settings, grpcCall[:20]),
		"the beginning of a call": join(begin, settings, headers(0, grpcBlock[:5])),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := detect(newConn(in(0, sent), func() {}), quick()); !errors.Is(err, errOpening) {
				t.Errorf("detect: got %v, want %v", err, errOpening)
			}
		})
	}
}

// TestDetectGreets finds that a client which waits for settings gets some.
func TestDetectGreets(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	result := make(chan protocol, 1)
	go func() {
		p, err := detect(newConn(server, func() {}), quick())
		if err != nil {
			t.Error(err)
		}
		result <- p
	}()
	write := func(b []byte) {
		if _, err := client.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	write(join(begin, settings))
	got := make([]byte, frameHeaderSize+6)
	if _, err := io.ReadFull(client, got); err != nil {
		t.Fatal(err)
	}
	if f, _, ok := parseFrame(got); !ok || f.kind != frameSettings || !bytes.Equal(f.payload, []byte{0, 3, 0, 0, 0x27, 0x10}) {
		t.Errorf("the first frame: got %+v, want settings that limit the streams to 10,000", f)
	}
	write(join(ack, grpcCall))
	if p := <-result; p != speaksGRPC {
		t.Errorf("detect: got %v, want gRPC", p)
	}
}

// TestReadAfterwards finds that the connection is read itself once its
// beginning is.
func TestReadAfterwards(t *testing.T) {
	for name, sent := range map[string][]byte{
		"HTTP/1":                 []byte("GET / HTTP/1.1\r\n"),
		"gRPC, acknowledged":     join(begin, settings, ack, grpcCall),
		"gRPC, not acknowledged": join(begin, settings, grpcCall, ack),
	} {
		t.Run(name, func(t *testing.T) {
			raw := in(0, sent)
			c := newConn(raw, func() {})
			if _, err := detect(c, quick()); err != nil {
				t.Fatal(err)
			}
			raw.chunks = append(raw.chunks, data)
			if _, err := io.ReadAll(c); err != nil {
				t.Fatal(err)
			}
			if c.begin != nil {
				t.Errorf("%d bytes of the beginning are kept", len(c.begin))
			}
			raw.chunks = [][]byte{data}
			if got := testing.AllocsPerRun(10, func() { c.Read(make([]byte, 0)) }); got > 0 {
				t.Errorf("reading allocates %v times", got)
			}
		})
	}
}
