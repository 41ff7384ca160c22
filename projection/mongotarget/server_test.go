package mongotarget

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A script plays a server, a replica set with transactions: it answers each command
// as answer says, and remembers what it was asked. Without an answer it is {ok: 1}.
type script struct {
	t      testing.TB
	db     *mongo.Database
	mu     sync.Mutex
	asked  []bson.M
	answer func(name string, cmd bson.M) bson.M
	conns  map[net.Conn]bool
}

// play starts a server and connects to it.
func play(t testing.TB, answer func(name string, cmd bson.M) bson.M) *script {
	s := &script{t: t, answer: answer, conns: map[net.Conn]bool{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://" + l.Addr().String() + "/?replicaSet=rs").SetServerSelectionTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	s.db = client.Database("shop")
	var group sync.WaitGroup
	group.Go(func() { s.accept(l, &group) })
	t.Cleanup(func() {
		_ = client.Disconnect(t.Context()) // the script may have hung up
		_ = l.Close()
		s.hangUp()
		group.Wait()
	})
	return s
}

func (s *script) accept(l net.Listener, group *sync.WaitGroup) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		group.Go(func() {
			defer c.Close()
			for s.serve(c, l.Addr().String()) == nil {
			}
		})
	}
}

// hangUp closes all connections.
func (s *script) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

// serve answers one command: a message with a head of 16 bytes, flags of 4, and
// sections, of which kind 0 is the command and kind 1 documents that belong to it.
func (s *script) serve(c net.Conn, address string) error {
	head := make([]byte, 16)
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	body := make([]byte, binary.LittleEndian.Uint32(head)-16)
	if _, err := io.ReadFull(c, body); err != nil {
		return err
	}
	const legacy = 2004
	old := binary.LittleEndian.Uint32(head[12:]) == legacy
	var reply bson.M
	name, cmd := "hello", bson.M{}
	if !old {
		name, cmd = s.parse(body[4:])
	}
	if reply = s.reply(name, cmd, address); reply == nil {
		return io.EOF // the script hangs up
	}
	doc, err := bson.Marshal(reply)
	if err != nil {
		return err
	}
	_, err = c.Write(message(doc, head[4:8], old))
	return err
}

// message is an answer on the wire.
func message(doc, to []byte, old bool) []byte {
	prefix, code := make([]byte, 5), uint32(2013)
	if old {
		prefix, code = make([]byte, 20), 1
		prefix[16] = 1
	}
	m := make([]byte, 16, 16+len(prefix)+len(doc))
	binary.LittleEndian.PutUint32(m, uint32(16+len(prefix)+len(doc)))
	copy(m[8:], to)
	binary.LittleEndian.PutUint32(m[12:], code)
	return append(append(m, prefix...), doc...)
}

func (s *script) parse(b []byte) (name string, cmd bson.M) {
	cmd = bson.M{}
	for len(b) > 0 {
		kind := b[0]
		size := int(binary.LittleEndian.Uint32(b[1:]))
		section := b[1 : 1+size]
		b = b[1+size:]
		if kind == 0 {
			elements, err := bson.Raw(section).Elements()
			if err != nil || bson.Unmarshal(section, &cmd) != nil {
				s.t.Error("no command", err)
				return
			}
			name = elements[0].Key()
			continue
		}
		section = section[4:]
		end := 0
		for section[end] != 0 {
			end++
		}
		list := bson.A{}
		for field := string(section[:end]); ; cmd[field] = list {
			if section = section[end+1:]; len(section) == 0 {
				break
			}
			end = int(binary.LittleEndian.Uint32(section)) - 1
			var d bson.M
			if err := bson.Unmarshal(section[:end+1], &d); err != nil {
				s.t.Error(err)
			}
			list = append(list, d)
		}
	}
	return name, cmd
}

func (s *script) reply(name string, cmd bson.M, address string) bson.M {
	if name == "hello" || name == "isMaster" || name == "ismaster" {
		return bson.M{"ok": 1, "isWritablePrimary": true, "ismaster": true, "helloOk": true, "setName": "rs", "hosts": bson.A{address}, "me": address,
			"minWireVersion": 0, "maxWireVersion": 21, "logicalSessionTimeoutMinutes": 30, "maxBsonObjectSize": 16 << 20,
			"maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 100000}
	}
	if name == "endSessions" {
		return bson.M{"ok": 1}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, cmd)
	answer := s.answer(name, cmd)
	if answer == nil {
		return nil
	}
	if _, ok := answer["ok"]; !ok {
		answer["ok"] = 1
	}
	return answer
}

// names are the commands that were asked, in their order.
func (s *script) names() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cmd := range s.asked {
		for _, name := range []string{"find", "update", "delete", "insert", "commitTransaction", "abortTransaction", "drop", "bulkWrite"} {
			if _, ok := cmd[name]; ok {
				all = append(all, name)
			}
		}
	}
	return all
}

// nothing is the answer to a find.
func nothing() bson.M {
	return bson.M{"cursor": bson.M{"id": int64(0), "ns": "shop." + LedgerName, "firstBatch": bson.A{}}}
}

// usual answers as a server does on which everything stands as expected.
func usual(name string, cmd bson.M) bson.M {
	switch name {
	case "find":
		return nothing()
	case "update":
		return bson.M{"n": len(cmd["updates"].(bson.A)), "nModified": len(cmd["updates"].(bson.A))}
	case "delete":
		return bson.M{"n": 1}
	}
	return bson.M{}
}
