package sources

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	ctyfunction "github.com/zclconf/go-cty/cty/function"
)

// bakeFiles are the contents of the files of one call of bake, in their order: later ones replace variables
// and functions, and add to targets and groups.
type bakeFiles struct {
	variables     map[string]*bakeVariable
	plain         map[string]*bakeExpression // variables without block
	userFunctions map[string]*bakeFunction
	groups        []*bakeBlock
	blocks        []*bakeBlock // of targets
}

type bakeVariable struct {
	typ    cty.Type
	preset *bakeExpression // its default; nil if it has none
}

type bakeFunction struct {
	params []string
	rest   string // the name for all further arguments
	result *bakeExpression
}

// bakeBlock is one target or group, as it is written.
type bakeBlock struct {
	kind       string // target or group
	label      string
	file       string
	line       int
	attributes map[string]*bakeExpression
}

var bakeSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "function", LabelNames: []string{"name"}},
	{Type: "group", LabelNames: []string{"name"}},
	{Type: "target", LabelNames: []string{"name"}},
}}

// load adds a file. Of one with mistakes nothing is read: bake itself would not run.
func (e *bakeEvaluator) load(file, src string) bool {
	var parsed *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(file, ".json") {
		if line := jsonTooDeep(src); line > 0 {
			e.note(file, line, "this file was not read: it is nested too deep")
			return false
		}
		parsed, diags = json.Parse([]byte(strings.TrimPrefix(src, "\ufeff")), file)
	} else {
		tokens, _ := hclsyntax.LexConfig([]byte(src), file, hcl.InitialPos)
		if line := hclTooDeep(tokens); line > 0 {
			e.note(file, line, "this file was not read: it is nested too deep")
			return false
		}
		parsed, diags = hclsyntax.ParseConfig([]byte(src), file, hcl.InitialPos)
	}
	if diags.HasErrors() {
		line := 1
		for _, d := range diags {
			if d.Severity == hcl.DiagError && d.Subject != nil {
				line = min(max(d.Subject.Start.Line, 1), strings.Count(src, "\n")+1)
				break
			}
		}
		e.note(file, line, "this file was not read: %v", hclFault(diags))
		return false
	}
	content, rest, _ := parsed.Body.PartialContent(bakeSchema)
	plain, _ := rest.JustAttributes()
	for name, a := range plain {
		if name != "variable" && name != "function" && name != "group" && name != "target" {
			e.plain[name] = e.expression(file, a)
		}
	}
	for _, b := range content.Blocks {
		e.loadBlock(file, b)
	}
	return true
}

func (e *bakeEvaluator) loadBlock(file string, b *hcl.Block) {
	name := b.Labels[0]
	attributes, _ := b.Body.JustAttributes()
	switch b.Type {
	case "variable":
		v := &bakeVariable{typ: cty.DynamicPseudoType}
		if a := attributes["type"]; a != nil {
			if t, diags := typeexpr.TypeConstraint(a.Expr); !diags.HasErrors() {
				v.typ = t
			}
		}
		if a := attributes["default"]; a != nil {
			v.preset = e.expression(file, a)
		}
		e.variables[name] = v
	case "function":
		f := &bakeFunction{}
		if a := attributes["params"]; a != nil {
			list, _ := hcl.ExprList(a.Expr)
			for _, p := range list {
				f.params = append(f.params, hcl.ExprAsKeyword(p))
			}
		}
		if a := attributes["variadic_params"]; a != nil {
			f.rest = hcl.ExprAsKeyword(a.Expr)
		}
		if a := attributes["result"]; a != nil {
			f.result = e.expression(file, a)
			if _, taken := e.functions[name]; !taken || e.userFunctions[name] != nil { // those of bake itself stay
				e.userFunctions[name] = f
				e.functions[name] = e.userFunction(name, f)
			}
		}
	case "group", "target":
		made := &bakeBlock{kind: b.Type, label: name, file: file, line: b.LabelRanges[0].Start.Line, attributes: map[string]*bakeExpression{}}
		for key, a := range attributes {
			made.attributes[key] = e.expression(file, a)
		}
		if b.Type == "group" {
			e.groups = append(e.groups, made)
		} else {
			e.blocks = append(e.blocks, made)
		}
	}
}

// userFunction is a function that a file defines.
func (e *bakeEvaluator) userFunction(name string, f *bakeFunction) ctyfunction.Function {
	spec := &ctyfunction.Spec{
		Type: ctyfunction.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if e.depth > maxReferences || e.running["function "+name] {
				return cty.DynamicVal, nil // bake refuses functions that call themselves
			}
			locals := map[string]cty.Value{}
			for i, p := range f.params {
				locals[p] = args[i]
			}
			if f.rest != "" {
				locals[f.rest] = cty.TupleVal(args[len(f.params):])
			}
			e.running["function "+name] = true
			e.depth++
			v, err := e.value(f.result, locals)
			e.depth--
			delete(e.running, "function "+name)
			return v, err
		},
	}
	parameter := ctyfunction.Parameter{Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true}
	for _, p := range f.params {
		parameter.Name = p
		spec.Params = append(spec.Params, parameter)
	}
	if f.rest != "" {
		parameter.Name = f.rest
		rest := parameter
		spec.VarParam = &rest
	}
	return ctyfunction.New(spec)
}

// expression is an attribute's value, ready to be worked out.
func (e *bakeEvaluator) expression(file string, a *hcl.Attribute) *bakeExpression {
	native := e.native(a.Expr)
	x := &bakeExpression{file: file, line: a.NameRange.Start.Line, uses: native.Variables()}
	object, isObject := native.(*hclsyntax.ObjectConsExpr)
	x.root = e.count(native)
	if isObject {
		x.pairs = object.Items
	}
	return x
}

// native is an expression of JSON in HCL's own nodes; what is HCL stays as it is.
func (e *bakeEvaluator) native(x hcl.Expression) hclsyntax.Expression {
	if n, ok := x.(hclsyntax.Expression); ok {
		return n
	}
	at := x.Range()
	if list, diags := hcl.ExprList(x); !diags.HasErrors() {
		tuple := &hclsyntax.TupleConsExpr{SrcRange: at, OpenRange: at}
		for _, item := range list {
			tuple.Exprs = append(tuple.Exprs, e.native(item))
		}
		return tuple
	}
	if pairs, diags := hcl.ExprMap(x); !diags.HasErrors() {
		object := &hclsyntax.ObjectConsExpr{SrcRange: at, OpenRange: at}
		for _, p := range pairs {
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{KeyExpr: e.native(p.Key), ValueExpr: e.native(p.Value)})
		}
		return object
	}
	v, _ := x.Value(nil)
	if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		src := []byte(v.AsString())
		if strings.Contains(v.AsString(), "${") || strings.Contains(v.AsString(), "%{") {
			tokens, _ := hclsyntax.LexTemplate(src, at.Filename, at.Start)
			if hclTooDeep(tokens) > 0 {
				return &hclsyntax.LiteralValueExpr{Val: cty.DynamicVal, SrcRange: at}
			}
			n, diags := hclsyntax.ParseTemplate(src, at.Filename, at.Start)
			if diags.HasErrors() {
				e.note(at.Filename, at.Start.Line, "this text is not known: %v", hclFault(diags))
				return &hclsyntax.LiteralValueExpr{Val: cty.DynamicVal, SrcRange: at}
			}
			return n
		}
	}
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: at}
}

// maxBakeDepth is how deep expressions may be nested: parsing and evaluating go as deep.
const maxBakeDepth = 500

// hclTooDeep is the line at which expressions are nested too deep, also by chains of operators; 0 if nowhere.
func hclTooDeep(tokens hclsyntax.Tokens) int {
	type level struct {
		chain     int  // operators in a row
		directive bool // %{
	}
	levels, depth := []level{{}}, 0
	chained := func() {
		levels[len(levels)-1].chain++
		depth++
	}
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			levels = append(levels, level{directive: t.Type == hclsyntax.TokenTemplateControl})
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			if last := levels[len(levels)-1]; len(levels) > 1 {
				depth -= 1 + last.chain
				levels = levels[:len(levels)-1]
				if last.directive || t.Type == hclsyntax.TokenCBrack || t.Type == hclsyntax.TokenCParen { // as in a[b][c]
					chained()
				}
			}
		case hclsyntax.TokenComma, hclsyntax.TokenNewline:
			depth -= levels[len(levels)-1].chain
			levels[len(levels)-1].chain = 0
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent,
			hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan,
			hclsyntax.TokenGreaterThanEq, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenQuestion, hclsyntax.TokenDot:
			chained()
		}
		if depth > maxBakeDepth {
			return max(t.Range.Start.Line, 1)
		}
	}
	return 0
}

// jsonTooDeep is the same for brackets of JSON.
func jsonTooDeep(src string) int {
	depth, line, quoted := 0, 1, false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\n':
			line++
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxBakeDepth {
				return line
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return 0
}
