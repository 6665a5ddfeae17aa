package occurrences

// Differs compares two states of a file of which one calls something old what the other calls new: it is the first
// name that means something else in the other state, as another kind of name, another definition, another stage.
// ok is false if there is none. The zero Ref stands for states that do not have the same instructions and names.
func (t *Table) Differs(other *Table, old, new string) (r Ref, ok bool) {
	if t.count() != other.count() {
		return Ref{}, true
	}
	for i, in := range t.graph.File.Instructions {
		if in == other.graph.File.Instructions[i] {
			continue // shared: it has the same names
		}
		a, b := t.In(i), other.In(i)
		if len(a) != len(b) {
			return Ref{}, true
		}
		for n := range a {
			if !t.meansAs(a[n], other, b[n]) {
				return a[n], true
			}
		}
	}
	for _, name := range []string{old, new} {
		for _, list := range [][]Ref{t.variable(name).refs, t.usesOf(name)} {
			for _, a := range list {
				if b := other.In(a.Index); len(b) <= a.n || !t.meansAs(a, other, b[a.n]) {
					return a, true
				}
			}
		}
	}
	return Ref{}, false
}

func (t *Table) meansAs(a Ref, other *Table, b Ref) bool {
	if a.Kind != b.Kind || a.Place != b.Place || a.Defines != b.Defines || a.By != b.By {
		return false
	}
	switch a.Kind {
	case Stage:
		x, isStage := t.StageOf(a)
		y, wasStage := other.StageOf(b)
		return x == y && isStage == wasStage && t.KindOf(a) == other.KindOf(b)
	case Variable:
		if a.By == Nobody {
			return true
		}
		x, y := t.definition(a), other.definition(b)
		return x.IsZero() == y.IsZero() && (x.IsZero() || x.place() == y.place())
	case Local, Heredoc:
		x, y := t.Definitions(a), other.Definitions(b)
		return len(x) == len(y) && (len(x) == 0 || x[0].n == y[0].n)
	}
	return true
}
