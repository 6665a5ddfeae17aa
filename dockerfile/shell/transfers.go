package shell

import (
	"net/url"
	"path"
	"strings"
)

// Saves is what a download command is to bring, if all that it does is to fetch files from servers elsewhere.
type Saves struct {
	Files []Fetch
	Piped bool // something else reads what it prints
}

// SavesFiles reads a command that takes whatever the server says for the file, and is not told to fail at an error: curl. ok is
// false for programs that fail by themselves, and for calls that look at the answer or send something.
func (c *Command) SavesFiles(script *Script) (s Saves, ok bool) {
	if c.row().means[FailsOnError] == "" || c.Has(AsksMore) || c.InSubst {
		return s, false
	}
	for _, w := range c.Words[1:] {
		if mayBeOptions(w) && !strings.HasSuffix(strings.ToLower(strings.Trim(w.Text, "${}")), "url") {
			return s, false // $OPTIONS may say anything
		}
	}
	list, ok := c.Downloads()
	if !ok || len(list) == 0 {
		return s, false
	}
	redirected := false
	for _, r := range append(append([]Redirect(nil), c.Redirects...), c.outer...) {
		redirected = redirected || strings.HasPrefix(r.Op, ">") && !strings.HasPrefix(r.Target.Text, "/dev/") && r.Span.Len() > 0 && !strings.HasPrefix(r.Op, ">&")
	}
	for _, other := range script.Commands {
		s.Piped = s.Piped || c.Pipe != 0 && other.Pipe == c.Pipe && other.Span.Start > c.Span.Start
	}
	for _, f := range list {
		if isLocalAddress(f.URL.Text) || f.File.Text == "" && !redirected && !s.Piped {
			return Saves{}, false
		}
	}
	s.Files = list
	return s, true
}

// isLocalAddress reports whether an address is on the machine itself, or no server's.
func isLocalAddress(address string) bool {
	if strings.HasPrefix(address, "file:") || strings.HasPrefix(address, "ftp:") {
		return true
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1" || host == "0.0.0.0"
}

// SurelyRedirects reports whether the server of an address is known to answer with another one. The list is of servers
// that are well known for it, such as that of GitHub's releases; none was asked.
func SurelyRedirects(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	switch strings.ToLower(u.Hostname()) {
	case "github.com", "www.github.com":
		return len(parts) > 2 && listed("archive releases raw zipball tarball blob", parts[2])
	case "golang.org", "go.dev":
		return len(parts) > 1 && parts[0] == "dl"
	case "sourceforge.net", "downloads.sourceforge.net", "bit.ly", "git.io":
		return true
	}
	return false
}

// Checks reports whether the script compares downloads with a checksum or a signature, or gives the file to a program that
// fails if it is not what it should be, such as one that unpacks it or runs it: what went wrong does not pass.
func (s *Script) Checks(file string) bool {
	base := path.Base(file)
	for _, c := range s.Commands {
		if c.is(verifier) {
			return true
		}
		os, _ := c.OSPackages()
		if c.Program == base || os.Fetches && isKeyring(file) {
			return true
		}
		if !c.is(unpacker) && !os.Install && !c.IsShell() && !c.IsInterpreter() && !c.IsInstall() && len(c.OwnFiles()) == 0 {
			continue
		}
		for _, w := range c.Words {
			if strings.Contains(w.Text, base) || strings.Contains(w.Text, "*") && c.is(unpacker) {
				return true
			}
		}
	}
	return false
}

// isKeyring reports whether apt checks the signatures of packages with the file.
func isKeyring(file string) bool {
	return strings.Contains(file, "/keyrings/") || strings.Contains(file, "/trusted.gpg")
}
