package system

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cairndb/cairn"
)

// A rawLog is the limit: it encodes, checksums, writes and syncs the bytes of
// its events in groups and does nothing else. It knows no streams and checks
// nothing.
//
// Blocks are written with zeros before they are needed, because syncing into
// blocks that have been written before is about twice as fast as growing a
// file: rawPrepared bytes before the clock starts, and rawAhead more together
// with each group that comes to their end. Groups of rawLarge bytes do not gain
// by it and let the file grow. A single writer stays within what was prepared
// and so is a plain write and fdatasync.
type rawLog struct {
	file  *os.File
	queue *queue[rawRequest]

	// Owned by whoever leads a group.
	buffer   []byte
	end      int64 // of the frames
	prepared int64 // end of the zeros
}

type rawRequest struct{ frame []byte }

const (
	rawPrepared = 32 << 20
	rawAhead    = 1 << 20
	rawLarge    = 256 << 10
	frameHeader = 4 + 4 // length of the body, CRC32C
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func openRaw(_ context.Context, o Options) (System, error) {
	file, err := os.OpenFile(filepath.Join(o.Dir, "raw.log"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	l := &rawLog{file: file}
	l.queue = newQueue(l.write)
	if err := l.prepare(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// prepare fills a new file; one that has content is only opened to be read.
func (l *rawLog) prepare() error {
	info, err := l.file.Stat()
	if err != nil || info.Size() > 0 {
		return err
	}
	for l.prepared < rawPrepared {
		if _, err := l.file.WriteAt(zeros, l.prepared); err != nil {
			return err
		}
		l.prepared += int64(len(zeros))
	}
	return l.file.Sync()
}

var zeros = make([]byte, rawAhead)

func (l *rawLog) Append(_ context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	size := frameHeader
	for i := range events {
		size += recordHeader + 4 + len(stream) + len(events[i].Type) + len(events[i].Metadata) + len(events[i].Data)
	}
	frame := make([]byte, frameHeader, size)
	now := time.Now().UnixNano()
	for i := range events {
		start := len(frame)
		frame = append(frame, 0, 0, 0, 0)
		frame = appendRecord(frame, stream, expected+1+cairn.Revision(i), now, &events[i])
		binary.LittleEndian.PutUint32(frame[start:], uint32(len(frame)-start-4))
	}
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-frameHeader))
	binary.LittleEndian.PutUint32(frame[4:], crc32.Checksum(frame[frameHeader:], castagnoli))
	return l.queue.do(&rawRequest{frame})
}

// write is the loop's body.
func (l *rawLog) write(group []*rawRequest) error {
	l.buffer = l.buffer[:0]
	for _, r := range group {
		l.buffer = append(l.buffer, r.frame...)
	}
	if _, err := l.file.WriteAt(l.buffer, l.end); err != nil {
		return err
	}
	if l.end += int64(len(l.buffer)); l.end > l.prepared && len(l.buffer) < rawLarge {
		if _, err := l.file.WriteAt(zeros, l.end); err != nil {
			return err
		}
		l.prepared = l.end + int64(len(zeros))
	}
	return unix.Fdatasync(int(l.file.Fd()))
}

// ReadAll checks and counts the frames.
func (l *rawLog) ReadAll(context.Context) (t Tally, err error) {
	b, err := os.ReadFile(l.file.Name())
	if err != nil {
		return t, err
	}
	for len(b) > frameHeader {
		n := int(binary.LittleEndian.Uint32(b))
		if n == 0 {
			return t, nil
		}
		if len(b) < frameHeader+n || crc32.Checksum(b[frameHeader:frameHeader+n], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
			return t, errShort
		}
		if err := t.records(b[frameHeader : frameHeader+n]); err != nil {
			return t, err
		}
		b = b[frameHeader+n:]
	}
	return t, nil
}

func (t *Tally) records(b []byte) error {
	for len(b) > 4 {
		n := int(binary.LittleEndian.Uint32(b))
		if len(b) < 4+n {
			return errShort
		}
		e, err := decodeRecord(b[4:4+n], uint64(t.Events)+1)
		if err != nil {
			return err
		}
		t.event(&e)
		b = b[4+n:]
	}
	return nil
}

func (l *rawLog) LogBytes(context.Context) (int64, error) { return l.end, nil }

func (l *rawLog) Close() error { return l.file.Close() }
