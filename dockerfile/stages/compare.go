package stages

import "slices"

// comparison compares what is in effect before steps of two states of a stage. Steps are given in order, so
// that the variables, which differ by a few from step to step, are not compared from the start each time.
type comparison struct {
	x, y    *InEffect // the last that were compared: most steps share theirs with the one above
	equal   bool      // whether those are
	a, b    *Scope    // the last that were compared and are the same
	differs bool      // the variables of the stages do: those below are made of them
}

// same reports whether the same directory, user, shell and variables are in effect before both steps.
func (c *comparison) same(a, b *Step) bool {
	if a == b {
		return true
	}
	if a.Stage.Windows != b.Stage.Windows || (a.N == 0) != (b.N == 0) {
		return false
	}
	x, y := a.InEffect, b.InEffect
	if c.x != x || c.y != y {
		vars := c
		if a.N == 0 {
			vars = new(comparison) // FROM sees the global ARGs
		}
		c.x, c.y = x, y
		c.equal = x.Workdir == y.Workdir && x.User == y.User && x.escape == y.escape && x.OwnShell == y.OwnShell && slices.Equal(x.Shell, y.Shell) && vars.sameScope(x.Vars, y.Vars)
	}
	return c.equal
}

func (c *comparison) sameScope(a, b *Scope) bool {
	if c.differs {
		return false
	}
	for x, y := a, b; x != y && !(x == c.a && y == c.b); x, y = x.up, y.up {
		if x == nil || y == nil || x.Name != y.Name || x.Value != y.Value || x.Env != y.Env || (x.Step == nil) != (y.Step == nil) {
			c.differs = true
			return false
		}
		if x.Step != nil && x.Step.Instr != y.Step.Instr {
			c.differs = true
			return false
		}
	}
	c.a, c.b = a, b
	return true
}
