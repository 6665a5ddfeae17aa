package manifests

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/internal/lazy"
)

var (
	gemFile     = lazy.New(`\bruby\s*\(?\s*file:\s*["']([^"'#]+)["']\s*\)?`)
	gemReadFile = lazy.New(`\b(?:File|IO)\.read\(\s*["']([^"'#]+)["']\s*\)`)
	gemEval     = lazy.New(`(?m)^\s*eval_gemfile\s*\(?\s*["']([^"'#\n]+)["']\s*\)?`)
	gemSpec     = lazy.New(`(?m)^\s*gemspec\b`)
	gemPath     = lazy.New(`(?:\bpath:\s*|:path\s*=>\s*|^\s*path\s+)(\S+)`)
	gemCode     = lazy.New("\\b(File|Dir|IO|Pathname|YAML|JSON|Kernel|Open3)\\b|\\b(eval_gemfile|instance_eval|class_eval|eval|load|require|require_relative|open|system|exec|spawn)(?:\\s*\\(|\\s+[^\\s:=,])|\\b(__FILE__|__dir__)\\b|`|%x")
	rubyComment = lazy.New(`(?m)(^|\s)#[^{].*$`)
)

// readBundler reads a Gemfile. It is a program: what it reads is known only if it is as plain as most
// are.
func readBundler(r *reader) {
	dir, ok := r.nearest("Gemfile", "gems.rb")
	if !ok {
		return
	}
	name, lock := path.Join(dir, "Gemfile"), path.Join(dir, "Gemfile.lock")
	if !r.there(name) {
		name, lock = path.Join(dir, "gems.rb"), path.Join(dir, "gems.locked")
	}
	if v, set := r.lookup("BUNDLE_GEMFILE"); set && v.Known && v.Value != "" && !strings.Contains(v.Value, "$") {
		if to, known := r.toDir(v.Value); !known {
			r.doubtVar(v)
		} else if name = r.in(to); r.require(&r.others, name, "BUNDLE_GEMFILE") {
			lock = name + ".lock"
			if path.Base(name) == "gems.rb" {
				lock = path.Join(path.Dir(name), "gems.locked")
			}
			// The file is listed as a Gemfile, below.
			r.others = slices.DeleteFunc(r.others, func(p string) bool { return p == name })
			delete(r.seen, name)
		}
	}
	if w, given := r.value(shell.ProjectFile); given {
		p, known := r.operand(w)
		if !known {
			return
		}
		name, lock = p, p+".lock"
	}
	r.gemfile(name, 0)
	r.add(&r.locks, lock)
	frozen := r.inst.Frozen
	for _, name := range []string{"BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT"} {
		v, set := r.lookup(name)
		frozen = frozen || set && v.Known && (v.Value == "true" || v.Value == "1")
	}
	if config := path.Join(dir, ".bundle/config"); r.add(&r.others, config) {
		src, _ := r.text(config)
		for line := range strings.Lines(src) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			value = strings.Trim(strings.TrimSpace(value), `"'`)
			switch key {
			case "BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT":
				frozen = frozen || value == "true" || value == "1"
			case "BUNDLE_GEMFILE", "BUNDLE_CACHE_PATH":
				r.doubt("%s sets %s", config, key)
			case "BUNDLE_PATH":
				r.output(value)
			default:
				if strings.HasPrefix(key, "BUNDLE_LOCAL__") {
					r.doubt("%s sets %s", config, key)
				}
			}
		}
	}
	if found := r.below(path.Join(dir, "vendor/cache")); len(found) > 0 {
		r.folder(&r.others, path.Join(dir, "vendor/cache"))
	}
	if !frozen {
		r.lockWritten("Gemfile.lock")
	}
}

func (r *reader) gemfile(name string, depth int) {
	if depth > maxDepth || r.seen[name] || !r.add(&r.manifests, name) {
		return
	}
	src, ok := r.text(name)
	if !ok {
		return
	}
	src = rubyComment.ReplaceAllString(src, "$1")
	dir := path.Dir(name)
	if gemSpec.MatchString(src) {
		r.never("%s takes its gems from a gemspec, which reads the sources", name)
	}
	for _, pattern := range []*lazy.Regexp{gemFile, gemReadFile, gemEval} {
		for _, m := range pattern.FindAllStringSubmatch(src, -1) {
			p := path.Join(dir, m[1])
			if pattern == gemReadFile {
				p = r.in(m[1]) // relative to the working directory
			}
			switch {
			case path.IsAbs(m[1]):
				r.doubt("%s names %s by its absolute path", name, m[1])
			case pattern == gemEval:
				if r.there(p) {
					r.gemfile(p, depth+1)
				} else {
					r.doubt("%s names %s, which the build context does not have", name, p)
				}
			default:
				r.require(&r.others, p, name)
			}
		}
		src = pattern.ReplaceAllString(src, "")
	}
	for line := range strings.Lines(src) {
		if m := gemPath.FindStringSubmatch(line); m != nil {
			to := strings.Trim(m[1], `"',`)
			r.never("%s takes a gem from the folder %s", name, to)
			if !path.IsAbs(to) && !strings.ContainsAny(to, "#({") {
				r.reads(path.Join(dir, to))
			}
		}
		if m := gemCode.FindStringSubmatch(line); m != nil {
			r.doubt("%s is a program that uses %s", name, cmp.Or(m[1], m[2], m[3], "the shell"))
		}
	}
}
