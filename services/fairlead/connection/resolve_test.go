package connection

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fairlead.dev/services/fairlead/exit"
	"github.com/nats-io/nkeys"
)

// home is a person's files: two contexts, a running dev, credentials.
func home(t *testing.T) (dir string, getenv func(map[string]string) func(string) string) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, ".config/nats/context/prod.json"), `{"url": "nats://prod:4222", "creds": "prod.creds"}`)
	write(t, filepath.Join(dir, ".config/nats/context/bare.json"), `{"user": "me", "password": "secret"}`)
	write(t, filepath.Join(dir, ".config/nats/context/broken.json"), `{`)
	write(t, filepath.Join(dir, "good.creds"), creds(t))
	write(t, filepath.Join(dir, "bad.creds"), "garbage\n")
	write(t, filepath.Join(dir, "seedless.creds"), "-----BEGIN NATS USER JWT-----\na.b.c\n------END NATS USER JWT------\n")
	return dir, func(env map[string]string) func(string) string {
		return func(name string) string {
			if name == "HOME" {
				return dir
			}
			return env[name]
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func creds(t *testing.T) string {
	t.Helper()
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return "-----BEGIN NATS USER JWT-----\na.b.c\n------END NATS USER JWT------\n\n" +
		"-----BEGIN USER NKEY SEED-----\n" + string(seed) + "\n------END USER NKEY SEED------\n"
}

// The first place that names a server counts, part by part.
func TestResolve(t *testing.T) {
	dir, getenv := home(t)
	good := filepath.Join(dir, "good.creds")
	for name, c := range map[string]struct {
		flags Flags
		env   map[string]string
		dev   bool // one is running
		want  Target
	}{
		"the flag before everything": {
			flags: Flags{Server: "nats://a:4222"}, env: map[string]string{"FAIRLEAD_SERVER": "nats://b:4222"}, dev: true,
			want: Target{Server: "nats://a:4222", From: "--server"},
		},
		"the environment before context and dev": {
			flags: Flags{Context: "prod"}, env: map[string]string{"FAIRLEAD_SERVER": "nats://b:4222"}, dev: true,
			want: Target{Server: "nats://b:4222", From: "FAIRLEAD_SERVER", Context: "prod"},
		},
		"a context before the dev":       {flags: Flags{Context: "prod"}, dev: true, want: Target{From: "context prod", Context: "prod"}},
		"the context of the environment": {env: map[string]string{"FAIRLEAD_CONTEXT": "bare"}, want: Target{From: "context bare", Context: "bare"}},
		"the running dev":                {dev: true, want: Target{Server: "nats://127.0.0.1:4222", From: "fairlead dev"}},
		"several servers, without a scheme": {
			flags: Flags{Server: "a:4222, tls://b:4222"}, want: Target{Server: "a:4222, tls://b:4222", From: "--server"},
		},
		"credentials of the flag before those of the environment": {
			flags: Flags{Server: "a", Creds: good}, env: map[string]string{"FAIRLEAD_CREDS": "nowhere"},
			want: Target{Server: "a", From: "--server", Creds: good},
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := getenv(c.env)
			if c.dev {
				if err := WriteDev(Dev{Server: "nats://127.0.0.1:4222", PID: os.Getpid()}, env); err != nil {
					t.Fatal(err)
				}
				defer RemoveDev(os.Getpid(), env)
			}
			got, err := Resolve(c.flags, env)
			if err != nil {
				t.Fatal(err)
			}
			got.file, got.dev, got.known = "", false, Context{}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// What cannot work is refused before anything is dialled, with the reason and the code.
func TestResolveRefuses(t *testing.T) {
	dir, getenv := home(t)
	for name, c := range map[string]struct {
		flags Flags
		code  exit.Code
		says  string
	}{
		"nothing at all":        {Flags{}, exit.Unreachable, "start `fairlead dev`, or give --server"},
		"another protocol":      {Flags{Server: "http://a"}, exit.Usage, "want nats, tls, ws or wss, not http"},
		"no host":               {Flags{Server: "nats://"}, exit.Usage, "is not a URL"},
		"a comma too many":      {Flags{Server: "a,"}, exit.Usage, "is not a URL"},
		"unknown context":       {Flags{Context: "nobody"}, exit.Usage, "unknown context \"nobody\""},
		"a path for a context":  {Flags{Context: "../prod"}, exit.Usage, "is not a name"},
		"a broken context":      {Flags{Context: "broken"}, exit.Usage, "is not JSON"},
		"no credentials there":  {Flags{Server: "a", Creds: filepath.Join(dir, "nobody.creds")}, exit.Usage, "no such file"},
		"no credentials in it":  {Flags{Server: "a", Creds: filepath.Join(dir, "bad.creds")}, exit.Usage, "holds no user JWT"},
		"credentials of a half": {Flags{Server: "a", Creds: filepath.Join(dir, "seedless.creds")}, exit.Usage, "holds no seed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Resolve(c.flags, getenv(nil))
			if err == nil || exit.Of(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("exit %d, %v; want %d, %q", exit.Of(err), err, c.code, c.says)
			}
		})
	}
}

func TestContextsShowNoSecret(t *testing.T) {
	_, getenv := home(t)
	all, broken, err := Contexts(getenv(nil))
	if err != nil || len(all) != 2 || len(broken) != 1 || broken[0] != "broken" {
		t.Fatalf("%+v, broken %v, %v", all, broken, err)
	}
	if all[0].Name != "bare" || all[0].Identity != "user" || all[1].Identity != "creds" || all[1].URL != "nats://prod:4222" {
		t.Errorf("%+v", all)
	}
	for url, want := range map[string]string{
		"nats://me:secret@a:4222":               "nats://me:xxxxx@a:4222",
		"nats://a:4222, tls://me:secret@b:4222": "nats://a:4222,tls://me:xxxxx@b:4222",
		"nats://a:4222":                         "nats://a:4222",
		"":                                      "",
	} {
		if got := redacted(url); strings.ReplaceAll(got, " ", "") != want {
			t.Errorf("%q is shown as %q, want %q", url, got, want)
		}
	}
}

// The file of a running dev is believed only while its process lives, and is taken away
// only by the one that wrote it.
func TestDevFile(t *testing.T) {
	_, getenv := home(t)
	env := getenv(nil)
	if _, err := FindDev(env); err == nil {
		t.Fatal("a dev is running before there is one")
	}
	if err := WriteDev(Dev{Server: "nats://127.0.0.1:1", PID: os.Getpid()}, env); err != nil {
		t.Fatal(err)
	}
	if d, err := FindDev(env); err != nil || d.Server != "nats://127.0.0.1:1" {
		t.Fatalf("%+v, %v", d, err)
	}
	RemoveDev(os.Getpid()+1, env)
	if _, err := FindDev(env); err != nil {
		t.Errorf("another process took it away: %v", err)
	}
	RemoveDev(os.Getpid(), env)
	if _, err := FindDev(env); err == nil {
		t.Error("it is still there")
	}
	for _, stale := range []string{`{"server": "nats://127.0.0.1:1", "pid": 999999999}`, `{"server": "nats://127.0.0.1:1"}`, `{`} {
		write(t, DevFile(env), stale)
		if _, err := FindDev(env); err == nil {
			t.Errorf("%s counts as running", stale)
		}
	}
}
