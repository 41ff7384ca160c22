package frame

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/cairndb/cairn"
)

// A Builder encodes frames one behind the other. Begin starts a frame, Event
// adds its events, End completes it. The zero Builder is ready to use.
type Builder struct {
	Buf   []byte // the frames
	start int    // of the frame in hand
	body  int    // of its first event
	epoch uint32
	next  cairn.Position
}

// Begin starts a frame for the events from h.First on. Length is set by End.
func (b *Builder) Begin(epoch uint32, h *Header) {
	b.start, b.epoch, b.next = len(b.Buf), epoch, h.First
	b.Buf = append(b.Buf, make([]byte, 8)...)
	b.Buf = binary.LittleEndian.AppendUint32(b.Buf, epoch)
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, uint64(h.First))
	b.Buf = binary.AppendUvarint(b.Buf, uint64(h.Count))
	b.Buf = binary.AppendUvarint(b.Buf, uint64(h.First-1-h.Acked))
	b.Buf = appendBytes(b.Buf, h.Key)
	if len(h.Key) > 0 {
		b.Buf = binary.AppendUvarint(b.Buf, uint64(h.Answer.Events))
		b.Buf = binary.AppendUvarint(b.Buf, uint64(len(h.Answer.Revisions)))
		for _, r := range h.Answer.Revisions {
			b.Buf = binary.AppendVarint(b.Buf, int64(r))
		}
	}
	b.body = len(b.Buf)
}

// Event adds an event. Its Time is in nanoseconds since 1970 and own says that
// the caller gave it; the tags must be sorted and distinct. It returns the
// offset in Buf at which the event begins.
func (b *Builder) Event(stream string, r cairn.Revision, id cairn.ID, time int64, own bool, e *cairn.Event, tags []string) (offset int) {
	offset = len(b.Buf)
	size := 25 + uvarintLen(uint64(r)) + bytesLen(len(stream)) + bytesLen(len(e.Type)) + bytesLen(len(e.Metadata)) + len(e.Data)
	flags := byte(e.Format)
	if own {
		flags |= flagTime
	}
	if len(tags) > 0 {
		flags |= flagTags
		size += tagsLen(tags)
	}
	buf := append(b.Buf, 0, 0, 0, 0)
	buf = binary.AppendUvarint(buf, uint64(size))
	buf = append(buf, flags)
	buf = append(buf, id[:]...)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(time))
	buf = binary.AppendUvarint(buf, uint64(r))
	buf = appendBytes(buf, stream)
	buf = appendBytes(buf, e.Type)
	if len(tags) > 0 {
		buf = binary.AppendUvarint(buf, uint64(len(tags)))
		for _, tag := range tags {
			buf = appendBytes(buf, tag)
		}
	}
	buf = appendBytes(buf, e.Metadata)
	buf = append(buf, e.Data...)
	binary.LittleEndian.PutUint32(buf[offset:], crc32.Update(seed(b.epoch, b.next), table, buf[offset+4:]))
	b.Buf = buf
	b.next++
	return offset
}

// End completes the frame and returns its length.
func (b *Builder) End(count int) int {
	f := b.Buf[b.start:]
	binary.LittleEndian.PutUint32(f, uint32(len(f)))
	sum, _ := sumOf(f, b.body-b.start, count)
	binary.LittleEndian.PutUint32(f[4:], sum)
	return len(f)
}

// Bound is at least what a frame of these writes takes.
func Bound(writes []cairn.Write, key string) int {
	n := FixedSize + 64 + len(key) + binary.MaxVarintLen64*len(writes)
	for i := range writes {
		w := &writes[i]
		for j := range w.Events {
			e := &w.Events[j]
			n += eventOverhead + len(w.Stream) + len(e.Type) + len(e.Data) + len(e.Metadata)
			for _, tag := range e.Tags {
				n += bytesLen(len(tag))
			}
		}
	}
	return n
}

func appendBytes[B []byte | string](buf []byte, v B) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(v))), v...)
}

func bytesLen(n int) int { return uvarintLen(uint64(n)) + n }

func tagsLen(tags []string) int {
	n := uvarintLen(uint64(len(tags)))
	for _, tag := range tags {
		n += bytesLen(len(tag))
	}
	return n
}

func uvarintLen(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
