package double

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// frameworkID is Marathon's in Mesos.
const frameworkID = "5b0f8e0a-0000-4000-8000-000000000000-0000"

func (c *Cluster) marathon() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "pong") })
	mux.HandleFunc("GET /v2/info", c.info)
	mux.HandleFunc("GET /v2/leader", func(w http.ResponseWriter, _ *http.Request) { give(w, 200, document{"leader": "localhost:8080"}) })
	mux.HandleFunc("GET /v2/events", c.events)
	mux.HandleFunc("GET /v2/queue", c.queue)
	mux.HandleFunc("GET /v2/tasks", c.allTasks)
	mux.HandleFunc("GET /v2/deployments", c.listDeployments)
	mux.HandleFunc("DELETE /v2/deployments/{id}", c.haltDeployment)
	mux.HandleFunc("GET /v2/apps", c.listApps)
	mux.HandleFunc("POST /v2/apps", c.createApp)
	mux.HandleFunc("GET /v2/apps/{id...}", c.getApp)
	mux.HandleFunc("PUT /v2/apps/{id...}", c.putApp)
	mux.HandleFunc("DELETE /v2/apps/{id...}", c.deleteApp)
	mux.HandleFunc("GET /v2/groups", c.getGroup)
	mux.HandleFunc("POST /v2/groups", c.createGroup)
	mux.HandleFunc("GET /v2/groups/{id...}", c.getGroup)
	mux.HandleFunc("PUT /v2/groups/{id...}", c.putGroup)
	mux.HandleFunc("DELETE /v2/groups/{id...}", c.deleteGroup)
	return mux
}

func (c *Cluster) info(w http.ResponseWriter, _ *http.Request) {
	give(w, http.StatusOK, document{
		"name": "marathon", "version": c.cfg.MarathonVersion, "buildref": "unknown", "elected": true, "leader": "localhost:8080",
		"frameworkId":     frameworkID,
		"marathon_config": document{"mesos_role": c.cfg.Role, "framework_name": "marathon", "ha": true, "master": "zk://localhost:2181/mesos"},
	})
}

// give answers with JSON.
func give(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// written answers a write.
func written(w http.ResponseWriter, status int, d *deployment, err error) {
	var held *conflict
	var bad *invalid
	var missing unknown
	switch {
	case err == nil:
		w.Header().Set("Marathon-Deployment-Id", d.id)
		give(w, status, document{"version": d.version, "deploymentId": d.id})
	case errors.As(err, &held):
		body := document{"message": held.message}
		if len(held.deployments) > 0 {
			list := make([]document, len(held.deployments))
			for i, id := range held.deployments {
				list[i] = document{"id": id}
			}
			body["deployments"] = list
		}
		give(w, http.StatusConflict, body)
	case errors.As(err, &bad):
		give(w, http.StatusUnprocessableEntity, document{
			"message": "Object is not valid",
			"details": []document{{"path": bad.path, "errors": []string{bad.message}}},
		})
	case errors.As(err, &missing):
		give(w, http.StatusNotFound, document{"message": string(missing)})
	default:
		give(w, http.StatusBadRequest, document{"message": "Invalid JSON", "details": []document{{"path": "", "errors": []string{err.Error()}}}})
	}
}

// unknown says what is not there.
type unknown string

func (u unknown) Error() string { return string(u) }

func unknownApp(id string) error   { return unknown(fmt.Sprintf("App '%s' does not exist", id)) }
func unknownGroup(id string) error { return unknown(fmt.Sprintf("Group '%s' does not exist", id)) }

// received reads the body of a write, and says when it came.
func received(r *http.Request) (doc document, version string, err error) {
	version = stamp(time.Now())
	err = json.NewDecoder(r.Body).Decode(&doc)
	return doc, version, err
}

func forced(r *http.Request) bool { return r.URL.Query().Get("force") == "true" }

// split takes what comes after an id from its path: versions, a version, tasks.
func split(r *http.Request) (id, kind, rest string) {
	id = "/" + strings.Trim(r.PathValue("id"), "/")
	if before, after, found := strings.Cut(id+"/", "/versions/"); found {
		return before, "versions", strings.Trim(after, "/")
	}
	if before, found := strings.CutSuffix(id, "/tasks"); found {
		return before, "tasks", ""
	}
	return id, "", ""
}

// reply is what direct got.
type reply struct {
	status int
	text   string
}

// direct does a request past network, faults and access control.
func (c *Cluster) direct(method, target string, body any) reply {
	text, err := json.Marshal(body)
	if err != nil {
		panic("double: " + err.Error())
	}
	w := httptest.NewRecorder()
	c.marathon().ServeHTTP(w, httptest.NewRequest(method, target, bytes.NewReader(text)))
	return reply{w.Code, w.Body.String()}
}
