package controlplane

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// API speaks to the cluster as a user: Admin, one of Config.Users or what AddServiceAccount returned.
func (c *Cluster) API(user string) (*API, error) {
	token, err := c.token(user)
	if err != nil {
		return nil, err
	}
	return &API{url: c.URL, token: token, http: c.http}, nil
}

// Kubeconfig writes a kubeconfig for a user that API would accept and returns its path. The file is
// complete in itself: authority and token are inside.
func (c *Cluster) Kubeconfig(user string) (string, error) {
	token, err := c.token(user)
	if err != nil {
		return "", err
	}
	type object = map[string]any
	name := c.cfg.Name
	text, err := json.MarshalIndent(object{
		"apiVersion":      "v1",
		"kind":            "Config",
		"current-context": name,
		"clusters":        []object{{"name": name, "cluster": object{"server": c.URL, "certificate-authority-data": c.authority}}},
		"users":           []object{{"name": user, "user": object{"token": token}}},
		"contexts":        []object{{"name": name, "context": object{"cluster": name, "user": user}}},
	}, "", "  ") // YAML takes JSON as it is
	if err != nil {
		return "", fmt.Errorf("write the kubeconfig of %s: %w", user, err)
	}
	path := c.kubeconfigPath(user)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("write the kubeconfig of %s: %w", user, err)
	}
	return path, nil
}

func (c *Cluster) kubeconfigPath(user string) string {
	return c.path(url.PathEscape(user) + ".kubeconfig")
}

// AddServiceAccount makes the account unless it exists, asks the API server for a day's token and
// returns the user name that API, Kubeconfig and role bindings know it by.
func (c *Cluster) AddServiceAccount(ctx context.Context, namespace, name string) (user string, err error) {
	type object = map[string]any
	accounts := "/api/v1/namespaces/" + namespace + "/serviceaccounts"
	err = c.Admin.Do(ctx, http.MethodPost, accounts, object{"metadata": object{"name": name}}, nil)
	if refused := (*StatusError)(nil); err != nil && (!errors.As(err, &refused) || refused.Reason != "AlreadyExists") {
		return "", fmt.Errorf("add service account %s: %w", name, err)
	}
	var request struct{ Status struct{ Token string } }
	want := object{"spec": object{"expirationSeconds": 24 * 60 * 60}}
	if err := c.Admin.Do(ctx, http.MethodPost, accounts+"/"+name+"/token", want, &request); err != nil {
		return "", fmt.Errorf("get a token for service account %s: %w", name, err)
	}
	user = strings.Join([]string{"system", "serviceaccount", namespace, name}, ":")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens[user] = request.Status.Token
	return user, nil
}

func (c *Cluster) token(user string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if token, ok := c.tokens[user]; ok {
		return token, nil
	}
	return "", fmt.Errorf("cluster %s has no user %q", c.cfg.Name, user)
}

// inventTokens gives Admin and every user of the configuration a token, and returns the file the API
// server knows them by.
func (c *Cluster) inventTokens() ([]byte, error) {
	var file bytes.Buffer
	rows := csv.NewWriter(&file)
	admin := User{Name: Admin, Groups: []string{"system:masters"}}
	for _, u := range append([]User{admin}, c.cfg.Users...) {
		token := rand.Text()
		c.tokens[u.Name] = token
		if err := rows.Write([]string{token, u.Name, u.Name, strings.Join(u.Groups, ",")}); err != nil {
			return nil, err
		}
	}
	rows.Flush()
	return file.Bytes(), rows.Error()
}
