//go:build unix

package shellcheck

import (
	"os/exec"
	"syscall"
)

// ownGroup has the program ended with all that it has started: some are installed as a script that starts the real one.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
