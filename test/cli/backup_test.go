package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// A federation that was unsigned is backed up, and becomes a signed one by a restore with
// the authority's word; that one is backed up by an operator and nobody else, and put
// back under another authority. What ran goes on each time.
func TestBackupAndRestore(t *testing.T) {
	backups := t.TempDir()
	unsigned, signed := filepath.Join(backups, "unsigned"), filepath.Join(backups, "signed")
	t.Run("an unsigned federation", func(t *testing.T) { backUpUnsigned(t, unsigned) })
	t.Run("becomes a signed one", func(t *testing.T) { becomesSigned(t, unsigned, signed) })
	t.Run("under another authority", func(t *testing.T) { underAnother(t, signed) })
}

func backUpUnsigned(t *testing.T, dir string) {
	sh := newShell(t).with("FAIRLEAD_SERVER=" + startNATS(t, server.Options{JetStream: true, JetStreamMaxStore: 64 << 30, SyncAlways: true}))
	s := &secure{shell: sh}
	sh.want(2, "no manifest.json", "restore", dir, "--check")
	sh.want(1, "run `fairlead setup`", "backup", dir)
	sh.want(0, "created", "setup", "--scale", "0.01")
	sh.want(0, "berlin", "clusters", "join", "berlin")
	placement := sh.start("run", "placement")
	agent := sh.start("run", "agent-sim", "--clusters", s.cluster("berlin"))
	sh.want(0, "submitted", "submit", "-f", s.workload("shop"))
	sh.want(0, "ready", "wait", "shop/web", "--timeout", "60s")
	r := sh.want(0, "kept in "+dir, "backup", dir)
	if !strings.Contains(r.err, "PLACEMENTS") || !strings.Contains(r.out, "DEADLETTERS") {
		t.Errorf("said %q and %q", r.err, r.out)
	}
	sh.want(2, "nothing is overwritten", "backup", dir)
	sh.want(0, "sound: the federation as of", "restore", dir, "--check")
	sh.want(2, "restore into a NATS that has none of the streams", "restore", dir)
	harmed := filepath.Join(sh.home, "harmed")
	if err := os.CopyFS(harmed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(harmed, "intents.snapshot"), 100); err != nil {
		t.Fatal(err)
	}
	sh.want(1, "the backup is damaged", "restore", harmed, "--check")
	ended(t, agent, placement)
}

func ended(t *testing.T, all ...*background) {
	t.Helper()
	for _, p := range all {
		if code := p.interrupt(); code != 0 {
			t.Errorf("exit %d: %s", code, p.talk.String())
		}
	}
}

func becomesSigned(t *testing.T, unsigned, signed string) {
	s := newSecure(t)
	ada := s.as("operator-ada")
	ada.want(2, "nothing in it is signed", "restore", unsigned)
	ada.with("FAIRLEAD_AUTHORITY=").want(2, "no authority given", "restore", unsigned, "--sign")
	ada.want(0, "restored: the federation as of", "restore", unsigned, "--sign")
	s.goesOn(t)
	ada.want(0, "reader-grace.creds", "auth", "issue", "reader", "grace")
	grace := s.as("reader-grace")
	grace.want(4, "the credentials of grace only read", "backup", signed)
	grace.want(4, "not an operator's", "restore", unsigned)
	s.as("agent-berlin").want(4, "speak for /clusters/berlin/agent", "backup", signed)
	ada.want(0, "kept in", "backup", signed)
}

func underAnother(t *testing.T, signed string) {
	s := newSecure(t)
	ada := s.as("operator-ada")
	ada.want(2, "it is signed under the authority O", "restore", signed)
	ada.want(0, "restored", "restore", signed, "--sign")
	s.goesOn(t)
}

// goesOn lets a restored federation work, every part with credentials.
func (s *secure) goesOn(t *testing.T) {
	t.Helper()
	ada := s.as("operator-ada")
	ada.want(0, "agent-berlin.creds", "clusters", "join", "berlin")
	ada.want(0, "tenant-shop.creds", "auth", "issue", "tenant", "shop")
	placement := s.as("placement-placement").start("run", "placement")
	agent := s.as("agent-berlin").start("run", "agent-sim", "--clusters", s.cluster("berlin"))
	shop := s.as("tenant-shop")
	eventually(t, "what ran before runs", func() bool { return shop.run("wait", "shop/web", "--timeout", "5s").code == 0 })
	ada.want(0, "placed", "history", "shop/web")
	if r := ada.want(0, "", "deadletters", "ls"); r.out != "" {
		t.Errorf("dead letters: %s", r.out)
	}
	shop.want(0, "gone", "withdraw", "shop/web", "--wait")
	shop.want(0, "submitted", "submit", "-f", s.workload("shop"))
	shop.want(0, "ready", "wait", "shop/web", "--timeout", "60s")
	ada.want(0, "1 clusters, all report", "doctor")
	ended(t, agent, placement)
}
