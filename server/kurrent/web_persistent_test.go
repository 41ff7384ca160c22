package kurrent_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"

	"github.com/cairndb/cairn/server/kurrent"
)

// TestWebPersistent: what operators see and do over HTTP.
func TestWebPersistent(t *testing.T) {
	s := share(t)
	const name = "a/é-1"
	s.put(name, 3)
	s.create(name, "g h", func(o *pb.CreateReq_Options) { o.Settings.ExtraStatistics = true })
	s.create("$all", "g")
	w := s.consume(name, "g h", 3)
	w.want(name+"/0", name+"/1", name+"/2")
	w.nack(3, pb.ReadReq_Nack_Park)
	s.eventually("parked", func() bool { return s.info(name, "g h").GetParkedMessageCount() == 3 })
	path := "/subscriptions/" + url.PathEscape(name) + "/" + url.PathEscape("g h")
	ask := func(method, target string, code int, v any) {
		t.Helper()
		r := s.call(method, target)
		if r.Code != code {
			t.Fatalf("%s %s: %d %s", method, target, r.Code, r.Body)
		}
		if v != nil {
			if err := json.Unmarshal(r.Body.Bytes(), v); err != nil {
				t.Fatalf("%s %s: %v %s", method, target, err, r.Body)
			}
		}
	}
	type info struct {
		EventStreamID, GroupName, LastKnownEventPosition string
		ParkedMessageCount, TotalItemsProcessed          int
		Config                                           struct{ MaxRetryCount, BufferSize int }
		Connections                                      []struct {
			AvailableSlots  int
			ExtraStatistics map[string]int
		}
	}
	var one info
	ask(http.MethodGet, path+"/info", 200, &one)
	if one.EventStreamID != name || one.GroupName != "g h" || one.ParkedMessageCount != 3 || one.LastKnownEventPosition != "2" ||
		one.Config.MaxRetryCount != 10 || one.Config.BufferSize != 500 || len(one.Connections) != 1 || one.Connections[0].AvailableSlots != 3 ||
		one.Connections[0].ExtraStatistics["Median"] < 1 || one.TotalItemsProcessed != 3 {
		t.Errorf("got %+v", one)
	}
	var all []info
	ask(http.MethodGet, "/subscriptions", 200, &all)
	equal(t, "all", strconv.Itoa(len(all)), "2")
	ask(http.MethodGet, "/subscriptions/$all", 200, &all)
	equal(t, "to the log", strconv.Itoa(len(all)), "1")
	ask(http.MethodPost, path+"/replayParked?stopAt=1", 200, nil)
	parked := "$persistentsubscription-" + name + "::g h-parked/"
	w.want(parked + "0>" + name + "/0")
	ask(http.MethodPost, path+"/truncateParked?stopAt=2", 200, nil)
	ask(http.MethodPost, path+"/replayParked", 200, nil)
	w.want(parked + "2>" + name + "/2")
	ask(http.MethodPost, path+"/replayParked?stopAt=x", 400, nil)
	ask(http.MethodPost, path+"/replayParked?stopAt=-1", 400, nil)
	ask(http.MethodPost, "/subscriptions/restart", 200, nil)
	ask(http.MethodDelete, path, 200, nil)
	for method, target := range map[string]string{
		http.MethodGet: path + "/info", http.MethodDelete: path, http.MethodPost: path + "/truncateParked", "GET ": "/subscriptions/none",
	} {
		ask(strings.TrimSpace(method), target, 404, nil)
	}
}

// TestWebPersistentAccess: looking is for users, the rest for operators.
func TestWebPersistentAccess(t *testing.T) {
	p, c := newSecureWeb(t, kurrent.Options{})
	newSharing(p).as("admin").create("s", "g")
	for request, want := range map[string]string{
		"GET /subscriptions":                     "401 200 200 200",
		"GET /subscriptions/s":                   "401 200 200 200",
		"GET /subscriptions/s/g/info":            "401 200 200 200",
		"POST /subscriptions/s/g/replayParked":   "401 403 200 200",
		"POST /subscriptions/s/g/truncateParked": "401 403 200 200",
		"POST /subscriptions/restart":            "401 403 200 200",
		"DELETE /subscriptions/s/none":           "401 403 404 404",
	} {
		method, target, _ := strings.Cut(request, " ")
		var got []string
		for _, login := range []string{"", "ann", "ops", "admin"} {
			got = append(got, strconv.Itoa(p.callAs(c, login, method, target).Code))
		}
		equal(t, request, strings.Join(got, " "), want)
	}
}
