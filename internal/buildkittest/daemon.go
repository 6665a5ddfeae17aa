//go:build linux

// Package buildkittest runs a real BuildKit daemon for tests, with a registry of small base images
// beside it. Nothing of it is reached from outside, and nothing outside is reached but, for a daemon
// that is not built yet, the Go module proxy and Debian's packages.
package buildkittest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
)

// Daemon is a running buildkitd.
type Daemon struct {
	client *client.Client
	server *server
	addr   string // of the server, host:port
	dir    string // all that the daemon writes
	plays  int    // scenarios played so far
}

// dirs are the names of the daemons' directories.
const dirs = "layerwise-buildkitd-"

// Start starts a daemon. It ends with the test, and what it wrote goes with it. Where it cannot run,
// the test is skipped, or fails if it runs in continuous integration (CI=true).
func Start(t testing.TB) *Daemon {
	t.Helper()
	tools := install(t)
	dir, err := newDir(t, tools.cache)
	if err != nil {
		t.Fatal(err)
	}
	d := &Daemon{dir: dir, server: &server{busybox: tools.busybox, git: filepath.Join(dir, "git")}}
	web := httptest.NewServer(d.server)
	t.Cleanup(web.Close)
	d.addr = web.Listener.Addr().String()

	config := fmt.Sprintf(`insecure-entitlements = ["security.insecure", "network.host"]
[registry."docker.io"]
  mirrors = [%[1]q]
[registry.%[1]q]
  http = true
`, d.addr)
	if err := os.WriteFile(d.path("buildkitd.toml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tools.buildkitd, "--config", d.path("buildkitd.toml"), "--root", d.path("root"),
		"--addr", "unix://"+d.path("sock"), "--containerd-worker=false", "--oci-worker=true",
		"--oci-worker-binary="+tools.runc, "--oci-worker-net=host", "--oci-worker-gc=false",
		"--otel-socket-path="+d.path("otel"), "--cdi-disabled")
	log, err := os.Create(d.path("log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	// The daemon ends with this process, however that ends, and is spared the terminal's interrupts.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	exited, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(d.path("log"))
			t.Logf("the end of buildkitd's log:\n%s", text[max(0, len(text)-4000):])
		}
		stop(cmd, exited)
		if err := remove(dir); err != nil {
			t.Errorf("the daemon's files remain: %v", err)
		}
	})
	d.client, err = client.New(context.Background(), "unix://"+d.path("sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.client.Close() })
	for {
		_, err := d.client.Info(t.Context())
		if err == nil {
			return d
		}
		select {
		case end := <-exited:
			exited <- end
			t.Fatalf("buildkitd ended (%v) before it could be reached: %v", end, err)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// path is a file in the daemon's directory.
func (d *Daemon) path(name string) string { return filepath.Join(d.dir, name) }

// newDir makes a directory for a daemon, and removes those whose processes were killed.
func newDir(t testing.TB, cache string) (string, error) {
	mutex, err := lockFile(filepath.Join(cache, "start.lock"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer mutex.Close()
	old, err := filepath.Glob(filepath.Join(os.TempDir(), dirs+"*"))
	if err != nil {
		return "", err
	}
	for _, dir := range old {
		if test, err := lockFile(filepath.Join(dir, "lock"), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			defer test.Close()
			daemon, err := lockFile(filepath.Join(dir, "root", "buildkitd.lock"), syscall.LOCK_EX|syscall.LOCK_NB)
			if errors.Is(err, syscall.EWOULDBLOCK) {
				continue
			} else if err == nil {
				defer daemon.Close()
			}
			if err := remove(dir); err != nil {
				t.Logf("what an earlier daemon left cannot be removed: %v", err)
			}
		}
	}
	dir, err := os.MkdirTemp("", dirs)
	if err != nil {
		return "", err
	}
	lock, err := lockFile(filepath.Join(dir, "lock"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { lock.Close() })
	return dir, nil
}

// start starts a command whose parent-death signal waits for this process. The kernel sends it when
// the thread ends that started the command, so this one stays.
func start(cmd *exec.Cmd) (chan error, error) {
	started, exited := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			exited <- cmd.Wait()
		}
	}()
	return exited, <-started
}

// stop ends the daemon, gently if it lets itself be.
func stop(cmd *exec.Cmd, exited chan error) {
	cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(30 * time.Second):
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-exited
	}
}

// remove removes a daemon's directory, with what is mounted in it.
func remove(dir string) error {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	defer f.Close()
	var mounts []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 4 && strings.HasPrefix(fields[4], dir+"/") {
			mounts = append(mounts, fields[4])
		}
	}
	for _, mount := range slices.Backward(mounts) {
		if err := syscall.Unmount(mount, syscall.MNT_DETACH); err != nil {
			return &os.PathError{Op: "unmount", Path: mount, Err: err}
		}
	}
	return os.RemoveAll(dir)
}

// PruneAll makes the daemon forget all that it built and was sent.
func (d *Daemon) PruneAll(ctx context.Context) error {
	return d.client.Prune(ctx, nil, client.PruneAll)
}

// PruneLocal makes the daemon forget the build contexts that it was sent.
func (d *Daemon) PruneLocal(ctx context.Context) error {
	return d.client.Prune(ctx, nil, client.WithFilter([]string{"type==" + string(client.UsageRecordTypeLocalSource)}))
}

// PruneCacheMounts empties the cache mounts.
func (d *Daemon) PruneCacheMounts(ctx context.Context) error {
	return d.client.Prune(ctx, nil, client.WithFilter([]string{"type==" + string(client.UsageRecordTypeCacheMount)}))
}
