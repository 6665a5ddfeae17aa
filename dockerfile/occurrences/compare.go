package occurrences

// Differs is the first name that means something else in another state of the file than in this one, though it may
// be called something else: another kind of name, another definition, another stage. ok is false if there is none.
// The zero Ref stands for states that do not have the same names.
func (t *Table) Differs(other *Table) (r Ref, ok bool) {
	if len(t.list) != len(other.list) {
		return Ref{}, true
	}
	for i := range t.list {
		if len(t.list[i]) != len(other.list[i]) {
			return Ref{}, true
		}
		for n := range t.list[i] {
			a, b := Ref{&t.list[i][n], i, n}, Ref{&other.list[i][n], i, n}
			if !t.meansAs(a, other, b) {
				return a, true
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
