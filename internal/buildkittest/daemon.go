//go:build linux

// Package buildkittest runs a real BuildKit daemon for tests, with a registry of small base images
// beside it. Nothing of it is reached from outside, and nothing outside is reached but, for a daemon
// that is not built yet, the Go module proxy and Debian's packages.
package buildkittest

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"layerwise/internal/endtoend"

	"github.com/containerd/log"
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

// Start starts a daemon. It ends with the test, or with the test's process, however that ends, and
// nothing of it remains. Where it cannot run, the test is skipped, or fails in CI.
func Start(t testing.TB) *Daemon {
	t.Helper()
	log.SetLevel("error") // of the client, which else warns of file systems
	tools := install(t)
	dir, err := os.MkdirTemp("", "layerwise-buildkitd-")
	if err != nil {
		t.Fatal(err)
	}
	d := &Daemon{dir: dir, server: newServer(tools.busybox, filepath.Join(dir, "git"))}
	web := httptest.NewServer(d.server)
	t.Cleanup(web.Close)
	d.addr = web.Listener.Addr().String()

	config := fmt.Sprintf(`insecure-entitlements = ["security.insecure", "network.host"]
[worker.oci]
  defaultCgroupParent = %[2]q
[registry."docker.io"]
  mirrors = [%[1]q]
[registry.%[1]q]
  http = true
`, d.addr, filepath.Base(dir))
	if err := os.WriteFile(d.path("buildkitd.toml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", guard, "guard", dir, tools.buildkitd,
		"--config", d.path("buildkitd.toml"), "--root", d.path("root"), "--addr", "unix://"+d.path("sock"),
		"--containerd-worker=false", "--oci-worker=true", "--oci-worker-binary="+tools.runc, "--oci-worker-net=host",
		"--oci-worker-gc=false", "--otel-socket-path="+d.path("root/otel"), "--cdi-disabled")
	logged, err := os.Create(d.path("log"))
	if err != nil {
		t.Fatal(err)
	}
	defer logged.Close()
	cmd.Stdout, cmd.Stderr = logged, logged
	cmd.Env = append(os.Environ(), "TMPDIR="+d.path("root"))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true, // spared the terminal's interrupts
		Pdeathsig: syscall.SIGTERM,
		// Its processes and mounts are in a world of their own that ends with it.
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS,
	}
	exited, err := start(cmd)
	if err != nil {
		os.RemoveAll(dir)
		endtoend.Missing(t, fmt.Sprintf("a BuildKit daemon cannot be confined here: %v", err))
	}
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(d.path("log"))
			t.Logf("the end of buildkitd's log:\n%s", text[max(0, len(text)-4000):])
		}
		stop(cmd, exited)
		if err := os.RemoveAll(dir); err != nil {
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

// guard is the process around the daemon: the first of its process namespace, with which all others
// end. The daemon keeps its data in memory, since it waits for the disk hundreds of times a build.
const guard = `
dir=$1
shift
mount -t proc proc /proc && mkdir "$dir/root" && mount -t tmpfs -o mode=700 buildkit "$dir/root" || exit
trap 'kill -9 -1' TERM
"$@" &
wait
wait
umount -l "$dir/root"
groups() { find /sys/fs/cgroup -depth -path "*/${dir##*/}*" -type d "$@"; }
for try in 1 2 3 4 5 6 7 8 9; do # until the last process has left them
	groups -exec rmdir {} \;
	[ -z "$(groups)" ] && break
	sleep 0.2
done
rm -rf "$dir"
`

// path is a file in the daemon's directory.
func (d *Daemon) path(name string) string { return filepath.Join(d.dir, name) }

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

// stop ends the daemon, by its guard if that still listens.
func stop(cmd *exec.Cmd, exited chan error) {
	cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(30 * time.Second):
		cmd.Process.Kill()
		<-exited
	}
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
