package stages

// Changes are what lies between two states of a file: which stages and steps of the earlier one are still there.
type Changes struct {
	old, now *Graph
	kept     []*Kept // of the stages of now; nil where nobody has asked yet
}

// Between are the changes from an earlier graph of the same file.
func Between(old, now *Graph) *Changes {
	return &Changes{old: old, now: now, kept: make([]*Kept, len(now.Stages))}
}

// Before is the stage of the earlier graph that has become s, which is s itself if it has not changed. It is a guess:
// the stage in its place, from the start or from the end of the file, that has its FROM or its first instruction
// after that. It is nil if there is none.
func (c *Changes) Before(s *Stage) *Stage {
	old := c.old.Stages
	if s.Index < len(old) && old[s.Index] == s {
		return s
	}
	for _, i := range []int{s.Index, len(old) - len(c.now.Stages) + s.Index} {
		if i < 0 || i >= len(old) {
			continue
		}
		for n := range min(2, len(s.Steps), len(old[i].Steps)) {
			if old[i].Steps[n].Instr == s.Steps[n].Instr {
				return old[i]
			}
		}
	}
	return nil
}

// Kept says which steps of the stage's earlier state are in it. It is nil if Before is.
func (c *Changes) Kept(s *Stage) *Kept {
	if k := c.kept[s.Index]; k != nil {
		return k
	}
	old := c.Before(s)
	if old == nil {
		return nil
	}
	c.kept[s.Index] = keep(old, s)
	return c.kept[s.Index]
}

// Kept says which steps of an earlier state of a stage are in the new one, with the same in effect before
// them: the first ones and the last ones.
type Kept struct {
	Head, Tail int   // how many have the same instruction
	Old, New   int   // how many there are
	Fresh      []int // the steps of the new state that are others, or have other things in effect; sorted
}

func keep(old, s *Stage) *Kept {
	k := &Kept{Old: len(old.Steps), New: len(s.Steps)}
	if old == s {
		k.Head = k.New
		return k
	}
	for k.Head < min(k.Old, k.New) && old.Steps[k.Head].Instr == s.Steps[k.Head].Instr {
		k.Head++
	}
	for k.Tail < min(k.Old, k.New)-k.Head && old.Steps[k.Old-1-k.Tail].Instr == s.Steps[k.New-1-k.Tail].Instr {
		k.Tail++
	}
	var effects comparison
	for i, step := range s.Steps {
		o := i
		switch {
		case i >= k.New-k.Tail:
			o = i + k.Old - k.New
		case i >= k.Head:
			k.Fresh = append(k.Fresh, i)
			continue
		}
		if !effects.same(old.Steps[o], step) {
			k.Fresh = append(k.Fresh, i)
		}
	}
	return k
}

// Visit calls, in the order of the new state, fresh with the steps that are others, and again with those of n
// noted ones that are still there: with the number of the note, and its step in the new state. noted is the step of
// a note in the earlier state.
func (k *Kept) Visit(n int, noted func(int) int, fresh func(step int), again func(i, step int)) {
	next := 0
	for i := range n {
		step := noted(i)
		switch {
		case step >= k.Old-k.Tail:
			step += k.New - k.Old
		case step >= k.Head:
			continue // it is gone
		}
		for next < len(k.Fresh) && k.Fresh[next] < step {
			fresh(k.Fresh[next])
			next++
		}
		if next < len(k.Fresh) && k.Fresh[next] == step {
			continue // it is the next to be looked at anew
		}
		again(i, step)
	}
	for ; next < len(k.Fresh); next++ {
		fresh(k.Fresh[next])
	}
}
