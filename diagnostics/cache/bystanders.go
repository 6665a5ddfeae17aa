package cache

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// This file tells what the commands around an install have to do with the files of a COPY: which ones
// surely have nothing to do with them, so that the COPY may move below, and which ones look at all.

// harmless reports whether the command of the step surely neither reads what the copy delivers nor
// writes where it puts it.
func (m *move) harmless(s *stages.Step, c *shell.Command) bool {
	if ignoresContext(c) {
		return c.Program != "rm" || m.outside(s, c.Operands())
	}
	operands := c.Operands()
	switch {
	case len(c.Redirects) > 0 || c.InSubst:
		return false
	case c.Program == "mkdir" || c.Program == "touch":
		return m.outside(s, operands)
	case c.Program == "chmod" || c.Program == "chown":
		return len(operands) > 1 && m.outside(s, operands[1:])
	case strings.HasPrefix(c.Program, "python") && len(c.Words) == 4 && c.Words[1].Text == "-m" && c.Words[2].Text == "venv":
		return m.outside(s, c.Words[3:])
	case c.Program == "virtualenv":
		return len(c.Words) == 2 && m.outside(s, operands)
	}
	return false
}

// outside reports whether all the words are absolute paths that have nothing to do with the copy's
// destination.
func (m *move) outside(s *stages.Step, words []shell.Word) bool {
	for _, w := range words {
		to := w.Text
		if strings.Contains(to, "$") {
			v := s.Expand(to)
			if !v.Known {
				return false
			}
			to = v.Text
		}
		if strings.HasPrefix(to, "~/") {
			if inHome(m.copy.Dest) {
				return false
			}
			continue
		}
		if i := strings.IndexAny(to, "*?[{"); i >= 0 {
			to = path.Dir(to[:i] + "x")
		}
		if !path.IsAbs(to) || !path.IsAbs(m.copy.Dest) || m.copy.Overlaps(path.Clean(to)) {
			return false
		}
	}
	return len(words) > 0
}

// inHome reports whether the directory is, or lies in, a user's home directory.
func inHome(dir string) bool {
	return dir == "/root" || strings.HasPrefix(dir, "/root/") || strings.HasPrefix(dir, "/home/")
}

// ignoresContext reports whether the command surely reads nothing that a COPY delivers, and writes
// nothing among it.
func ignoresContext(c *shell.Command) bool {
	if len(c.Redirects) > 0 || c.Program == "" {
		return false
	}
	if os, ok := c.OSPackages(); ok {
		for _, pkg := range os.Packages {
			if strings.HasPrefix(pkg.Text, ".") || strings.HasPrefix(pkg.Text, "/") || !pkg.Literal {
				return false
			}
		}
		return true
	}
	switch c.Program {
	case "set", "echo", "true", "useradd", "adduser", "groupadd", "addgroup", "date", "id", "whoami":
		return true
	case "rm":
		return operandsBelow(c, "/var/lib/apt/lists", "/var/cache", "/root/.cache", "/root/.npm", "~/.cache", "~/.npm", "/tmp")
	case "corepack":
		return len(c.Words) > 1 && (c.Words[1].Text == "enable" || c.Words[1].Text == "prepare" && len(c.Operands()) > 1)
	case "cabal":
		return len(c.Words) == 2 && c.Words[1].Text == "update"
	case "mix":
		return len(c.Words) > 1 && (c.Words[1].Text == "local.hex" || c.Words[1].Text == "local.rebar") && len(c.Operands()) == 1
	case "poetry":
		return len(c.Words) > 2 && c.Words[1].Text == "config" && !c.HasFlag("--local")
	}
	return installsTools(c)
}

// installsTools reports whether the command cleans the cache of a package manager, sets its options,
// or installs tools by name for the whole image.
func installsTools(c *shell.Command) bool {
	words := c.Words[1:]
	program := c.Program
	if strings.HasPrefix(program, "python") && len(words) > 1 && words[0].Text == "-m" && words[1].Text == "pip" {
		program, words = "pip", words[2:]
	}
	for _, w := range words {
		if strings.HasPrefix(w.Text, ".") || strings.HasPrefix(w.Text, "/") || !w.Literal {
			return false
		}
	}
	if len(words) < 2 {
		return false
	}
	_, reads := c.Install()
	switch program {
	case "npm", "pnpm":
		return words[0].Text == "cache" || words[0].Text == "config" || words[0].Text == "store" || c.HasFlag("-g", "--global") && !reads
	case "yarn":
		return words[0].Text == "cache" || words[0].Text == "config" || words[0].Text == "global" && words[1].Text == "add"
	case "pip", "pip3":
		return words[0].Text == "cache" || words[0].Text == "config" || words[0].Text == "install" && !reads
	}
	return false
}

func operandsBelow(c *shell.Command, dirs ...string) bool {
	operands := c.Operands()
	for _, w := range operands {
		ok := slices.ContainsFunc(dirs, func(dir string) bool {
			return w.Text == dir || strings.HasPrefix(w.Text, dir+"/")
		})
		if !ok || strings.Contains(w.Text, "..") {
			return false
		}
	}
	return len(operands) > 0
}

// watchers are the reasons to think that one of the steps sees that the Dockerfile, which is copied
// too, has changed.
func watchers(steps []*stages.Step) (doubts []string) {
	for _, s := range steps {
		if doubt, ok := watches(s).(string); ok {
			doubts = append(doubts, doubt)
		}
	}
	return doubts
}

type watchesKey struct{}

// watches is the doubt about one step: a string, or nil.
func watches(s *stages.Step) any {
	switch s.Instr.Name {
	case "ONBUILD":
		return "an ONBUILD may look at the copied files"
	case "RUN":
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if listsTree(c) {
				return c.Program + " may see that the Dockerfile, which is copied too, has changed"
			}
		}
	}
	return nil
}

// listsTree reports whether the command lists or hashes whole directories, so that its result
// depends on the bytes of the Dockerfile itself.
func listsTree(c *shell.Command) bool {
	switch c.Program {
	case "b2sum", "cksum", "cpio", "du", "find", "git", "ls", "md5sum", "rsync", "sha1sum", "sha224sum", "sha256sum", "sha384sum",
		"sha512sum", "stat", "tar", "tree", "zip":
		return true
	case "grep", "rg":
		return c.Program == "rg" || c.HasFlag("-r", "-R", "--recursive")
	case "npm", "pnpm", "yarn":
		return len(c.Words) > 1 && c.Words[1].Text == "pack"
	}
	return false
}
