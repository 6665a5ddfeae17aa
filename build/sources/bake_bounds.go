package sources

import (
	"errors"

	"layerwise/internal/lazy"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// This file bounds what it takes to evaluate an expression.

// Limits of the values that a bake file makes.
const (
	maxWeight     = 10_000 // of a value: its elements, and a part more for long texts
	maxExponent   = 4096   // of a number, in bits: its text is as long
	maxReferences = 500    // variables and functions that refer to each other, one inside the other
)

// errSpent is that no more work is allowed; there is a note already.
var errSpent = errors.New("it takes too many steps to evaluate")

// countedNode is a node of an expression that counts the work and the size of what it makes: HCL itself has no
// bounds.
type countedNode struct {
	hclsyntax.Expression
	e *bakeEvaluator
}

func (c countedNode) Value(scope *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if !c.e.r.step() {
		panic(errSpent) // node catches it; a mistake would only end this part of the expression
	}
	v, diags := c.Expression.Value(scope)
	left := weigh(v, maxWeight)
	if left < 0 {
		return cty.DynamicVal, c.fails(errors.New("it makes a value that is too large"))
	}
	c.e.r.spend((maxWeight - left) / 2)
	return v, diags
}

func (c countedNode) fails(err error) hcl.Diagnostics {
	at := c.Range()
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Limit", Detail: err.Error(), Subject: &at, Extra: err}}
}

// weigh takes the weight of a value off a limit. Below zero it is too heavy.
func weigh(v cty.Value, limit int) int {
	limit--
	if limit < 0 || !v.IsKnown() || v.IsNull() {
		return limit
	}
	switch t := v.Type(); {
	case t == cty.String:
		s := v.AsString()
		if len(s) > maxText || hugeNumber.MatchString(s) {
			return -1
		}
		return limit - len(s)/64
	case t == cty.Number:
		if f := v.AsBigFloat(); !f.IsInf() && (f.MantExp(nil) > maxExponent || f.MantExp(nil) < -maxExponent) {
			return -1
		}
	case v.CanIterateElements():
		for it := v.ElementIterator(); limit >= 0 && it.Next(); {
			key, item := it.Element()
			if t.IsMapType() || t.IsObjectType() {
				limit = weigh(key, limit)
			}
			limit = weigh(item, limit)
		}
	}
	return limit
}

// hugeNumber is a text that would be a number of thousands of digits.
var hugeNumber = lazy.New(`^\s*[-+]?[0-9.]+[eE][-+]?[0-9]{4,}\s*$`)

// count makes all nodes of an expression countedNode ones, in place.
func (e *bakeEvaluator) count(x hclsyntax.Expression) hclsyntax.Expression {
	all := func(list []hclsyntax.Expression) {
		for i := range list {
			list[i] = e.count(list[i])
		}
	}
	one := func(list ...*hclsyntax.Expression) {
		for _, p := range list {
			if *p != nil {
				*p = e.count(*p)
			}
		}
	}
	switch x := x.(type) {
	case *hclsyntax.ParenthesesExpr:
		one(&x.Expression)
	case *hclsyntax.RelativeTraversalExpr:
		one(&x.Source)
	case *hclsyntax.FunctionCallExpr:
		all(x.Args)
	case *hclsyntax.ConditionalExpr:
		one(&x.Condition, &x.TrueResult, &x.FalseResult)
	case *hclsyntax.IndexExpr:
		one(&x.Collection, &x.Key)
	case *hclsyntax.TupleConsExpr:
		all(x.Exprs)
	case *hclsyntax.ObjectConsExpr:
		for i := range x.Items {
			one(&x.Items[i].KeyExpr, &x.Items[i].ValueExpr)
		}
	case *hclsyntax.ObjectConsKeyExpr:
		if _, word := x.Wrapped.(*hclsyntax.ScopeTraversalExpr); !word { // a word is a key by itself
			one(&x.Wrapped)
		}
	case *hclsyntax.ForExpr:
		one(&x.CollExpr, &x.KeyExpr, &x.ValExpr, &x.CondExpr)
	case *hclsyntax.SplatExpr:
		one(&x.Source, &x.Each)
	case *hclsyntax.BinaryOpExpr:
		one(&x.LHS, &x.RHS)
	case *hclsyntax.UnaryOpExpr:
		one(&x.Val)
	case *hclsyntax.TemplateExpr:
		all(x.Parts)
	case *hclsyntax.TemplateJoinExpr:
		one(&x.Tuple)
	case *hclsyntax.TemplateWrapExpr:
		one(&x.Wrapped)
	}
	return countedNode{x, e}
}
