package shell

import (
	"slices"
	"strings"
	"sync"
)

// Many programs take a long option by any beginning of its name that fits no other: `tar --strip 1`, `wget
// --no-check-cert`, `pip install --no-cache`. So do those that use getopt_long of GNU, and Python's optparse and argparse. Others,
// such as apt-get and cargo, refuse it. A row need not have all options of its program, but those with whose whole names others
// of its options begin: `zypper clean --all` allows nothing unsigned.

// whole is the name of a long option that may be cut short; the option itself if that is not known. What a program refuses, because
// two of its options begin so, stands in no Dockerfile that works.
func (p *program) whole(option string) string {
	if p.kind&abbreviates == 0 || len(option) < 4 || !strings.HasPrefix(option, "--") {
		return option
	}
	found := ""
	for _, long := range p.longOptions() {
		switch {
		case long == option:
			return option
		case strings.HasPrefix(long, option) && found != "":
			return option
		case strings.HasPrefix(long, option):
			found = long
		}
	}
	if found == "" {
		return option
	}
	return found
}

var longOptionsOf sync.Map // of *program: []string

// longOptions are the long options that the table knows of the program.
func (p *program) longOptions() []string {
	if known, ok := longOptionsOf.Load(p); ok {
		return known.([]string)
	}
	lists := []string{p.takes, p.reads, p.writes, p.dir, p.long, p.inline, p.modules, p.script, p.namedBy, p.asks, cachesOff[p.name].flags}
	for _, list := range p.means {
		lists = append(lists, list)
	}
	for _, u := range p.uses {
		lists = append(lists, u.with)
	}
	if f := p.fetches; f != nil {
		lists = append(lists, f.out, f.dir, f.url, f.derive, f.unknown, f.sends)
	}
	for _, t := range []*certificates{p.tls, p.unsigned} {
		if t != nil {
			lists = append(lists, t.flags, t.by, t.asks)
			if t.trusts != "" {
				lists = append(lists, "--"+t.trusts)
			}
		}
	}
	for _, s := range p.secrets {
		lists = append(lists, s.options, s.pairs, s.headers, s.keys)
	}
	if m := p.packages; m != nil {
		lists = append(lists, m.noIndex, m.fetch, m.group, m.lean, m.root, m.extras, m.asks.yes, m.asks.quiet, m.asks.sets, m.asks.files)
	}
	var long []string
	for _, list := range lists {
		for option := range strings.FieldsSeq(list) {
			if strings.HasPrefix(option, "--") && !strings.Contains(option, "=") {
				long = append(long, option)
			}
		}
	}
	slices.Sort(long)
	long = slices.Compact(long)
	longOptionsOf.Store(p, long)
	return long
}
