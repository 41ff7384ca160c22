package kurrent

import (
	"net/http"
	"strings"
	"time"
)

func (s *Service) ping(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]string{"text": "Ping request successfully handled"})
}

// info says what the server is. Everybody may ask.
func (s *Service) info(w http.ResponseWriter, _ *http.Request) {
	kind := "internal"
	if s.access.Insecure() {
		kind = "insecure"
	}
	answer(w, map[string]any{
		"dbVersion":      s.opts.Version,
		"esVersion":      s.opts.Version,
		"state":          "leader",
		"features":       map[string]bool{"projections": false, "userManagement": !s.access.Insecure(), "atomPub": false},
		"authentication": map[string]any{"type": kind, "properties": map[string]string{}},
	})
}

// An option is a setting as KurrentDB's tools show it.
type option struct {
	Name                string  `json:"name"`
	Description         string  `json:"description"`
	Group               string  `json:"group"`
	Value               any     `json:"value"`
	ConfigurationSource string  `json:"configurationSource"`
	DeprecationMessage  *string `json:"deprecationMessage"`
	Schema              schema  `json:"schema"`
}

type schema struct {
	Type string `json:"type"`
}

// infoOptions lists the service's settings under KurrentDB's names.
func (s *Service) infoOptions(w http.ResponseWriter, _ *http.Request) {
	set := func(name, group, description string, value any) option {
		kind := "string"
		if _, ok := value.(int); ok {
			kind = "integer"
		}
		return option{Name: name, Group: group, Description: description, Value: value, ConfigurationSource: "Default", Schema: schema{kind}}
	}
	answer(w, []option{
		set("MaxAppendSize", "Application Options", "How many bytes one append may have.", s.opts.MaxAppendSize),
		set("MaxAppendEventSize", "Application Options", "How many bytes one event may have.", s.opts.MaxAppendEventSize),
		set("WriteTimeoutMs", "Application Options", "How long a write may take.", int(s.opts.WriteTimeout/time.Millisecond)),
		set("AdvertiseHostToClientAs", "Interface Options", "The host that clients are told.", s.opts.AdvertiseHost),
		set("AdvertiseNodePortToClientAs", "Interface Options", "The port that clients are told.", s.opts.AdvertisePort),
	})
}

// webStats shows the figures, or a branch of them, as a tree. "?group=false"
// shows them flat.
func (s *Service) webStats(w http.ResponseWriter, r *http.Request) {
	flat, err := s.stats(r.Context())
	if err != nil {
		s.webFail(w, r, err)
		return
	}
	path := strings.Trim(r.PathValue("path"), "/")
	switch {
	case path == "replication" || path == "tcp":
		answer(w, []string{}) // there are no replicas, and no connections of the older protocol
	case path == "" && r.URL.Query().Get("group") == "false":
		answer(w, flat)
	default:
		branch, ok := descend(tree(flat), path)
		if !ok {
			http.Error(w, "Not Found", http.StatusNotFound)
			return
		}
		answer(w, branch)
	}
}

// tree nests figures at each "-" of their names.
func tree(flat map[string]string) map[string]any {
	root := map[string]any{}
	for name, value := range flat {
		at := root
		for {
			head, rest, more := strings.Cut(name, "-")
			if !more {
				at[head] = value
				break
			}
			next, ok := at[head].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[head] = next
			}
			at, name = next, rest
		}
	}
	return root
}

// descend finds what is at a path, such as "proc/gc".
func descend(root map[string]any, path string) (any, bool) {
	var at any = root
	for path != "" {
		var head string
		head, path, _ = strings.Cut(path, "/")
		branch, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, ok = branch[head]; !ok {
			return nil, false
		}
	}
	return at, true
}

// webGossip is [gossipServer.Read] for those who speak HTTP.
func (s *Service) webGossip(w http.ResponseWriter, r *http.Request) {
	info, err := s.store.Info(r.Context())
	if err != nil {
		s.webFail(w, r, err)
		return
	}
	host, port := s.advertised(r.Host)
	head := int64(info.Head)
	answer(w, map[string]any{
		"members": []map[string]any{{
			"instanceId": info.ID.String(), "timeStamp": time.Now().UTC().Format(time.RFC3339Nano),
			"state": "Leader", "isAlive": true,
			"httpEndPointIp": host, "httpEndPointPort": port,
			"lastCommitPosition": head, "writerCheckpoint": head, "chaserCheckpoint": head,
			"epochPosition": 0, "epochNumber": 0, "epochId": info.ID.String(),
			"nodePriority": 0, "isReadOnlyReplica": false, "esVersion": s.opts.Version,
		}},
		"serverIp": host, "serverPort": port,
	})
}
