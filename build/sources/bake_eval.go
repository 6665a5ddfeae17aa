package sources

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyfunction "github.com/zclconf/go-cty/cty/function"
)

// bakeEvaluator works out expressions of bake files, one attribute at a time: an attribute that fails or that
// only the run knows spoils no other one. What the run decides is an unknown value.
type bakeEvaluator struct {
	r *reading
	*bakeFiles
	functions map[string]ctyfunction.Function
	known     map[string]cty.Value // variables that are worked out
	running   map[string]bool      // what is being worked out, to see circles
	depth     int

	environment lookup    // of the call; nil if nothing is known of one
	used        bool      // a variable was taken from it
	only        string    // the file whose targets are sought; "" for all
	git         bool      // the files and their contexts are those of a commit
	released    bool      // what a call builds is what users get
	sets        []bakeSet // of the call
	setAt       Place     // where it is

	targets     map[string][]*bakeTarget   // by name; empty until all names are worked out
	order       []string                   // the names, as they come
	services    map[string]*bakeProperties // of compose files that are read with the bake files
	memberNames map[string][]string        // of groups
	matrices    map[string]bool            // those groups that are the targets of one matrix
}

func newBakeEvaluator(r *reading) *bakeEvaluator {
	e := &bakeEvaluator{
		r:         r,
		bakeFiles: &bakeFiles{variables: map[string]*bakeVariable{}, plain: map[string]*bakeExpression{}, userFunctions: map[string]*bakeFunction{}},
		functions: map[string]ctyfunction.Function{},
		known:     map[string]cty.Value{"BAKE_CMD_CONTEXT": cty.StringVal("cwd://"), "BAKE_LOCAL_PLATFORM": cty.UnknownVal(cty.String)},
		running:   map[string]bool{},
	}
	for name, f := range bakeFunctions() {
		e.functions[name] = f
	}
	return e
}

// bakeExpression is an expression of a bake file, ready to be worked out.
type bakeExpression struct {
	file  string
	line  int
	root  hclsyntax.Expression       // of countedNode nodes
	pairs []hclsyntax.ObjectConsItem // of an expression that is an object as it is written: its entries
	uses  []hcl.Traversal
}

// value works out an expression. locals are variables that only it sees.
func (e *bakeEvaluator) value(x *bakeExpression, locals map[string]cty.Value) (cty.Value, error) {
	return e.node(x, x.root, e.scope(x, locals))
}

func (e *bakeEvaluator) node(x *bakeExpression, n hclsyntax.Expression, scope *hcl.EvalContext) (v cty.Value, err error) {
	defer func() {
		if p := recover(); p == errSpent {
			v, err = cty.DynamicVal, errSpent
		} else if p != nil {
			panic(p)
		}
	}()
	v, diags := n.Value(scope)
	if diags.HasErrors() {
		return cty.DynamicVal, hclFault(diags)
	}
	return v, nil
}

// fault is the first of the mistakes, for a note.
func hclFault(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if d.Extra == errSpent {
			return errSpent
		}
		text := strings.Join(strings.Fields(d.Detail), " ")
		if len(text) > 200 {
			text = strings.ToValidUTF8(text[:200], "") + "…"
		}
		text = strings.TrimSuffix(text, ".")
		if first, rest, _ := strings.Cut(text, " "); first == strings.ToUpper(first[:1])+strings.ToLower(first[1:]) {
			text = strings.ToLower(first) + " " + rest
		}
		return errors.New(shown(text))
	}
	return errors.New("it is wrong")
}

// scope has the variables that an expression uses.
func (e *bakeEvaluator) scope(x *bakeExpression, locals map[string]cty.Value) *hcl.EvalContext {
	vars := map[string]cty.Value{}
	blocks := map[string][]hcl.Traversal{}
	for _, t := range x.uses {
		name := t.RootName()
		if v, ok := locals[name]; ok {
			vars[name] = v
		} else if name == "target" || name == "group" {
			blocks[name] = append(blocks[name], t)
		} else if _, ok := vars[name]; !ok {
			if v, ok := e.variable(name); ok {
				vars[name] = v
			}
		}
	}
	for name, uses := range blocks {
		vars[name] = cty.DynamicVal
		if name == "target" {
			vars[name] = e.blockValues(uses)
		}
	}
	return &hcl.EvalContext{Variables: vars, Functions: e.functions}
}

// variable is the value of a variable, if there is one of that name: that of the caller's environment, else its
// default. One without default is whatever the environment has.
func (e *bakeEvaluator) variable(name string) (cty.Value, bool) {
	if v, ok := e.known[name]; ok {
		return v, true
	}
	x, typ := e.plain[name], cty.DynamicPseudoType
	if x == nil {
		v := e.variables[name]
		if v == nil {
			return cty.DynamicVal, false
		}
		if text, ok := e.given(name, v); ok && v.preset == nil {
			e.known[name] = e.fromEnvironment(name, text, v.typ)
			return e.known[name], true
		}
		if v.preset == nil {
			e.known[name] = cty.UnknownVal(v.typ)
			if v.typ == cty.DynamicPseudoType {
				e.known[name] = cty.UnknownVal(cty.String).RefineNotNull()
			}
			return e.known[name], true
		}
		x, typ = v.preset, v.typ
	}
	if e.running[name] || e.depth > maxReferences {
		e.note(x.file, x.line, "the variable %s is not known: it refers to itself, or to too many others", name)
		return cty.DynamicVal, true
	}
	e.running[name] = true
	e.depth++
	v, err := e.value(x, nil)
	e.depth--
	delete(e.running, name)
	if err == nil {
		v, err = convert.Convert(v, typ)
	}
	switch {
	case err != nil:
		e.failed(x, err, "the variable "+name)
		v = cty.UnknownVal(typ)
	case v.IsNull() && e.plain[name] == nil: // it waits for a value
		v = cty.UnknownVal(typ)
	}
	if own := e.variables[name]; own != nil {
		if text, ok := e.given(name, own); ok {
			v = e.fromEnvironment(name, text, v.Type())
		}
	}
	e.known[name] = v
	return v, true
}

// given is the text that the caller's environment has for a variable. One of a type may have it as JSON, which is
// not read.
func (e *bakeEvaluator) given(name string, v *bakeVariable) (text string, ok bool) {
	if e.environment == nil {
		return "", false
	}
	text, ok = e.environment(name)
	if _, json := e.environment(name + "_JSON"); json && (!ok || v.typ != cty.DynamicPseudoType) && e.variables[name+"_JSON"] == nil {
		return unknown, true
	}
	return text, ok
}

// fromEnvironment is a text of the caller's environment as a value of a type, which is that of the variable's default if
// it names none. Lists, which bake reads as CSV, are not known.
func (e *bakeEvaluator) fromEnvironment(name, text string, typ cty.Type) cty.Value {
	e.used = true
	switch {
	case typ == cty.DynamicPseudoType:
		typ = cty.String
	case !typ.IsPrimitiveType():
		return cty.UnknownVal(typ)
	}
	if !isKnown(text) {
		return cty.UnknownVal(typ).RefineNotNull()
	}
	v, err := convert.Convert(cty.StringVal(text), typ)
	if typ == cty.Bool { // which it spells in more ways
		var is bool
		is, err = strconv.ParseBool(text)
		v = cty.BoolVal(is)
	}
	if err != nil {
		e.note(e.setAt.File, max(e.setAt.Line, 1), "the variable %s is not known: what this sets is no %s", name, typ.FriendlyName())
		return cty.UnknownVal(typ).RefineNotNull()
	}
	return v
}

// blockValues is the object of attributes of targets that expressions refer to: target.NAME.ATTRIBUTE.
func (e *bakeEvaluator) blockValues(uses []hcl.Traversal) cty.Value {
	found := map[string]map[string]cty.Value{}
	for _, t := range uses {
		if len(t) < 3 {
			return cty.DynamicVal
		}
		name, attribute := stepName(t[1]), stepName(t[2])
		list := e.targets[name]
		if len(list) == 0 || attribute == "" {
			return cty.DynamicVal
		}
		if found[name] == nil {
			found[name] = map[string]cty.Value{}
		}
		found[name][attribute] = e.attribute(name, list[len(list)-1], attribute)
	}
	values := map[string]cty.Value{}
	for name, attributes := range found {
		values[name] = cty.ObjectVal(attributes)
	}
	return cty.ObjectVal(values)
}

func stepName(step hcl.Traverser) string {
	switch s := step.(type) {
	case hcl.TraverseAttr:
		return s.Name
	case hcl.TraverseIndex:
		if s.Key.IsKnown() && !s.Key.IsNull() && s.Key.Type() == cty.String {
			return s.Key.AsString()
		}
	}
	return ""
}

// attributeTypes are those of a target's attributes that others may refer to.
var attributeTypes = map[string]cty.Type{
	"context": cty.String, "dockerfile": cty.String, "dockerfile-inline": cty.String, "target": cty.String, "description": cty.String,
	"args": cty.Map(cty.String), "labels": cty.Map(cty.String), "contexts": cty.Map(cty.String),
	"platforms": cty.List(cty.String), "tags": cty.List(cty.String), "inherits": cty.List(cty.String),
}

func (e *bakeEvaluator) attribute(target string, i *bakeTarget, name string) cty.Value {
	typ, ok := attributeTypes[name]
	x := i.block.attributes[name]
	switch key := "target." + target + "." + name; {
	case !ok:
		return cty.DynamicVal
	case x == nil:
		return cty.NullVal(typ)
	case e.running[key] || e.depth > maxReferences:
		e.note(x.file, x.line, "the %s of target %s is not known: it refers to itself, or to too many others", name, target)
		return cty.UnknownVal(typ)
	default:
		e.running[key] = true
		e.depth++
		v, err := e.value(x, i.locals)
		e.depth--
		delete(e.running, key)
		if err == nil {
			v, err = convert.Convert(v, typ)
		}
		if err != nil {
			return cty.UnknownVal(typ) // what uses the attribute itself says so
		}
		return v
	}
}

// note says at a place of the bake files what could not be known.
func (e *bakeEvaluator) note(file string, line int, format string, args ...any) {
	e.r.noteAt(Note{File: file, Line: line, Message: shown(fmt.Sprintf(format, args...))})
}

// failed notes why something could not be worked out.
func (e *bakeEvaluator) failed(x *bakeExpression, err error, what string) {
	if err != errSpent && e.r.steps < maxSteps {
		e.note(x.file, x.line, "%s is not known: %v", what, err)
	}
}

// bakeText is the text of a value, with unknown for what only the run knows; nil for null.
func bakeText(v cty.Value) (*string, error) {
	if v.IsNull() {
		return nil, nil
	}
	if !v.IsKnown() {
		text := unknown
		if v.Type() == cty.String {
			text = v.Range().StringPrefix() + unknown
		}
		return &text, nil
	}
	v, err := convert.Convert(v, cty.String)
	if err != nil {
		return nil, err
	}
	text := v.AsString()
	return &text, nil
}
