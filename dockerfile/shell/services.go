package shell

import (
	"slices"
	"strings"
)

// StartsService reports whether the command starts a service that is to run on beside the shell: service nginx start, a
// server in the background.
func (c *Command) StartsService() bool {
	words := Texts(c.Operands())
	starts := func(at int) bool { return at < len(words) && listed(startsIt, words[at]) }
	switch {
	case len(c.Words) == 0 || !c.Words[0].Literal:
		return false
	case c.is(runsServices):
		return starts(1) && !strings.HasPrefix(words[0], "-")
	case c.is(managesServices):
		return len(words) > 1 && (starts(0) || words[0] == "enable" && c.Has(StartsAtOnce))
	case strings.HasPrefix(c.Words[0].Text, "/etc/init.d/"):
		return starts(0)
	}
	return c.Background && (c.is(daemon) || c.row().users != "") && !slices.Contains(words, "stop")
}

// startsIt are the words by which a service is started, for all programs that do so.
const startsIt = "start restart"

// StartsPackage reports whether a script of a package.json has a name by which people start what they ship.
func StartsPackage(script string) bool {
	return listed("start start:prod start:production serve", script)
}
