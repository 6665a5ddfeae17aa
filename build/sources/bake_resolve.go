package sources

import (
	"cmp"
	"maps"
	"slices"
)

// merge puts what a later block or target sets over p.
func (p *bakeProperties) merge(over *bakeProperties) {
	for _, t := range []struct{ to, from **bakeWord }{
		{&p.context, &over.context}, {&p.dockerfile, &over.dockerfile}, {&p.inline, &over.inline}, {&p.target, &over.target},
	} {
		if *t.from != nil {
			*t.to = *t.from
		}
	}
	p.args = mergedWordsByName(p.args, over.args)
	p.contexts = mergedWordsByName(p.contexts, over.contexts)
	if over.platforms != nil {
		p.platforms = over.platforms
	}
	if over.tags != nil {
		p.tags = over.tags
	}
	if over.exports != nil {
		p.exports, p.exportAt = over.exports, over.exportAt
	}
	p.secrets = append(slices.Clip(p.secrets), over.secrets...)
	p.ssh = append(slices.Clip(p.ssh), over.ssh...)
	p.inherits = append(slices.Clip(p.inherits), over.inherits...)
	p.unsure = p.unsure || over.unsure
	p.parents = cmp.Or(p.parents, over.parents)
}

func mergedWordsByName(under, over map[string]bakeWord) map[string]bakeWord {
	if len(over) == 0 {
		return under
	}
	under = maps.Clone(under)
	if under == nil {
		under = map[string]bakeWord{}
	}
	maps.Copy(under, over)
	return under
}

// resolved is a target with what it inherits. visited are the targets on the way to it: circles are broken
// where they close, as bake does.
func (e *bakeEvaluator) resolved(name string, visited map[string]*bakeProperties) *bakeProperties {
	if p, ok := visited[name]; ok {
		return p
	}
	visited[name] = nil
	if !e.r.step() {
		return nil
	}
	own := e.named(name)
	p := &bakeProperties{}
	for _, parent := range own.inherits {
		if len(e.targets[parent]) == 0 && e.services[parent] == nil {
			p.parents = "it inherits from " + parent + ", which is not in this file"
			continue
		}
		if inherited := e.resolved(parent, visited); inherited != nil {
			from := *inherited
			from.inherits = nil
			if !e.r.spend(len(from.args) + len(from.contexts)) { // that are copied
				return nil
			}
			p.merge(&from)
		}
	}
	p.merge(own)
	e.override(name, p)
	maps.DeleteFunc(p.contexts, func(_ string, from bakeWord) bool { return from.text == "" })
	visited[name] = p
	return p
}

// named is what all blocks of a name set together.
func (e *bakeEvaluator) named(name string) *bakeProperties {
	p := &bakeProperties{}
	if under := e.services[name]; under != nil {
		p.merge(under)
	}
	for _, i := range e.targets[name] {
		p.merge(e.properties(i))
	}
	return p
}

// members are the targets of a group, with those of its groups, or the target of that name.
func (e *bakeEvaluator) members(name string, visited map[string][]string) []string {
	if list, ok := visited[name]; ok {
		return list
	}
	list, ok := e.memberNames[name]
	if !ok {
		return []string{name}
	}
	visited[name] = nil
	var all []string
	for _, member := range list {
		if !e.r.step() {
			break
		}
		found := e.members(member, visited)
		if len(found) == 0 {
			found = []string{member}
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	visited[name] = all
	return all
}

// name works out the names of all targets and the members of all groups.
func (e *bakeEvaluator) name() {
	targets := map[string][]*bakeTarget{}
	e.memberNames, e.matrices = map[string][]string{}, map[string]bool{}
	renamed := map[string][]string{}
	for _, b := range e.blocks {
		for _, i := range e.instances(b) {
			if targets[i.name] == nil {
				e.order = append(e.order, i.name)
			}
			targets[i.name] = append(targets[i.name], i)
			renamed[b.label] = append(renamed[b.label], i.name)
		}
	}
	e.targets = targets
	if len(e.services) > 0 {
		e.memberNames["default"] = slices.Sorted(maps.Keys(e.services))
	}
	for _, g := range e.groups {
		var list []string
		if x := g.attributes["targets"]; x != nil {
			var known bool
			list, known = e.list(&bakeTarget{block: g, name: g.label}, "targets")
			if !known {
				e.note(x.file, x.line, "not all targets of the group %s are known", g.label)
			}
		}
		e.memberNames[g.label] = list // of several, the last one counts
	}
	for label, names := range renamed {
		slices.Sort(names)
		names = slices.Compact(names)
		if _, ok := e.memberNames[label]; !ok && !(len(names) == 1 && names[0] == label) {
			e.memberNames[label], e.matrices[label] = names, true
		}
	}
}
