package shell

import "slices"

// Unwaited are the commands that run in the background and that the script does not surely wait for: when it
// ends, so do they, whether they are done or not.
func (s *Script) Unwaited() (list []*Command) {
	started := 0
	for n, c := range s.Commands {
		if !c.Background {
			continue
		}
		if n == 0 || !s.Commands[n-1].Background || c.Op == "&" {
			started++
		}
		list = append(list, c)
	}
	for n, w := range s.Commands {
		if len(list) == 0 || !w.is(waiter) || !s.surelyRuns(n) {
			continue
		}
		if len(w.Words) > 1 && started > 1 {
			continue // for which one?
		}
		list = slices.DeleteFunc(list, func(c *Command) bool {
			return c.Span.Start < w.Span.Start && !c.InSubst && c.Depth == w.Depth && (c.Depth == 0 || c.Top == w.Top)
		})
	}
	return list
}

// surelyRuns reports whether the script cannot succeed without its command n.
func (s *Script) surelyRuns(n int) bool {
	c := s.Commands[n]
	if c.Background || c.InSubst || c.Pipe != 0 || c.Op == "||" {
		return false
	}
	return c.Op != "&&" || !slices.ContainsFunc(s.Commands[n+1:], func(later *Command) bool { return later.Op != "&&" })
}
