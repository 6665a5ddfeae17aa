package correctness

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var cacheMountNotWritable = &diagnostics.Rule{
	Name:     "cache-mount-not-writable",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		given := map[string]bool{} // the caches that a step gives to a user
		for _, seen := range p.SeeChain(cacheMountsKey{}, seeCacheMounts) {
			found, _ := seen.What.(cacheMounts)
			for i, m := range found.mounts {
				switch {
				case found.gives:
					given[cacheID(m)] = true
				case seen.Step.Stage == p.Stage && !given[cacheID(m)] && !found.switches && ofRoot(m) && runsAsUser(seen.Step):
					reportCache(p, seen.Step, found.flags[i], m)
				}
			}
		}
	},
}

type cacheMountsKey struct{}

// cacheMounts are the caches that a RUN mounts, with their flags.
type cacheMounts struct {
	mounts   []*instructions.Mount
	flags    []syntax.Flag
	gives    bool // the script gives files to a user: chown
	switches bool // it becomes another user: sudo
}

func seeCacheMounts(s *stages.Step) any {
	if s.Instr.Name != "RUN" || len(s.Instr.Flags) == 0 || s.Stage.Windows {
		return nil
	}
	flags := slices.DeleteFunc(slices.Clone(s.Instr.Flags), func(f syntax.Flag) bool { return f.Name.Of(s.Instr.Text) != "mount" })
	mounts, err := s.Mounts()
	if err != nil || len(mounts) != len(flags) {
		return nil
	}
	var found cacheMounts
	for i, m := range mounts {
		if m.Type == instructions.MountTypeCache && m.From == "" {
			found.mounts, found.flags = append(found.mounts, m), append(found.flags, flags[i])
		}
	}
	if len(found.mounts) == 0 {
		return nil
	}
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		_, _, gives := cmd.GivesFiles()
		found.gives = found.gives || gives
		found.switches = found.switches || shell.SwitchesUser(cmd.Program) || slices.ContainsFunc(cmd.Wrappers, shell.SwitchesUser)
	}
	return found
}

func cacheID(m *instructions.Mount) string {
	if m.CacheID != "" {
		return m.CacheID
	}
	return m.Target
}

// ofRoot reports whether only root may write to the cache: it belongs to the user 0, with the mode 0755, unless the mount
// says otherwise.
func ofRoot(m *instructions.Mount) bool {
	return (m.UID == nil || *m.UID == 0) && m.Mode == nil && !m.ReadOnly
}

// runsAsUser reports whether a step surely runs as another user than root.
func runsAsUser(s *stages.Step) bool {
	return s.User.Known && s.User.Text != "" && !images.IsRoot(s.User.Text)
}

func reportCache(p *diagnostics.Pass, s *stages.Step, flag syntax.Flag, m *instructions.Mount) {
	user, _, _ := strings.Cut(s.User.Text, ":")
	uid := numberOf(p.Stage, user)
	known := uid != ""
	what := "add `uid=` with the user's number"
	if known {
		what = "add " + words.Code("uid="+uid)
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: flag.Span,
		Message: diagnostics.Plain("The cache " + m.Target + " belongs to root, so that the user " + user + " cannot write to it: the command fails, or does without a cache; " + what),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			written := flag.Span.Of(s.Instr.Text)
			if !known || m.UID != nil || strings.ContainsAny(written, "\"'\\\n") {
				return nil
			}
			option := "uid=" + uid
			if m.GID == nil {
				option += ",gid=" + uid
			}
			return p.FixBy("Add "+words.Code(option), diagnostics.Suggested, func(c *rewrite.Change) { c.ReplaceFlag(s, flag, written+","+option) })
		},
	})
}
