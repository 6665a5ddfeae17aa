package sources

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"layerwise/internal/lazy"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	ctyfunction "github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// bakeFunctions are the functions of bake files, by their names.
//
// Source: docs/bake-stdlib.md of github.com/docker/buildx.
func bakeFunctions() map[string]ctyfunction.Function {
	f := map[string]ctyfunction.Function{
		"absolute": stdlib.AbsoluteFunc, "add": stdlib.AddFunc, "and": stdlib.AndFunc, "byteslen": stdlib.BytesLenFunc,
		"bytesslice": stdlib.BytesSliceFunc, "can": tryfunc.CanFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc,
		"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc,
		"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "convert": typeexpr.ConvertFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "divide": stdlib.DivideFunc, "element": stdlib.ElementFunc, "equal": stdlib.EqualFunc,
		"flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc, "formatdate": stdlib.FormatDateFunc,
		"greaterthan": stdlib.GreaterThanFunc, "greaterthanorequalto": stdlib.GreaterThanOrEqualToFunc, "hasindex": stdlib.HasIndexFunc,
		"index": stdlib.IndexFunc, "int": stdlib.IntFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "lessthan": stdlib.LessThanFunc, "lessthanorequalto": stdlib.LessThanOrEqualToFunc,
		"log": stdlib.LogFunc, "lookup": stdlib.LookupFunc, "lower": stdlib.LowerFunc, "max": stdlib.MaxFunc, "merge": stdlib.MergeFunc,
		"min": stdlib.MinFunc, "modulo": stdlib.ModuloFunc, "multiply": stdlib.MultiplyFunc, "negate": stdlib.NegateFunc, "not": stdlib.NotFunc,
		"notequal": stdlib.NotEqualFunc, "or": stdlib.OrFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc, "range": stdlib.RangeFunc,
		"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "reverse": stdlib.ReverseFunc, "reverselist": stdlib.ReverseListFunc,
		"sethaselement": stdlib.SetHasElementFunc, "setintersection": stdlib.SetIntersectionFunc, "setsubtract": stdlib.SetSubtractFunc,
		"setsymmetricdifference": stdlib.SetSymmetricDifferenceFunc, "setunion": stdlib.SetUnionFunc, "signum": stdlib.SignumFunc,
		"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "split": stdlib.SplitFunc, "strlen": stdlib.StrlenFunc, "substr": stdlib.SubstrFunc,
		"subtract": stdlib.SubtractFunc, "timeadd": stdlib.TimeAddFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "try": tryfunc.TryFunc, "upper": stdlib.UpperFunc,
		"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		// These make much of little, so their result is estimated first.
		"distinct":      limited(stdlib.DistinctFunc, func(args []cty.Value) int { return square(elements(args[0])) / 16 }),
		"format":        limited(stdlib.FormatFunc, formatSize),
		"formatlist":    limited(stdlib.FormatListFunc, func(args []cty.Value) int { return formatSize(args) * mostElements(args[1:]) }),
		"indent":        limited(stdlib.IndentFunc, func(args []cty.Value) int { return numberOf(args[0]) * (strings.Count(ctyText(args[1]), "\n") + 1) }),
		"join":          limited(stdlib.JoinFunc, func(args []cty.Value) int { return len(ctyText(args[0])) * allElements(args[1:]) }),
		"regex_replace": limited(stdlib.RegexReplaceFunc, func(args []cty.Value) int { return len(ctyText(args[0])) * (len(ctyText(args[2])) + 1) }),
		"replace":       limited(stdlib.ReplaceFunc, replaceSize),
		"setproduct":    limited(stdlib.SetProductFunc, productSize),

		"base64decode": ofText(func(s string) (string, error) {
			b, err := base64.StdEncoding.DecodeString(s)
			if err != nil || !utf8.Valid(b) {
				return "", errors.New("this is no text in base64")
			}
			return string(b), nil
		}),
		"base64encode": ofText(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }),
		"basename":     ofText(func(s string) (string, error) { return path.Base(s), nil }),
		"dirname":      ofText(func(s string) (string, error) { return path.Dir(s), nil }),
		"md5":          ofText(func(s string) (string, error) { return fmt.Sprintf("%x", md5.Sum([]byte(s))), nil }),
		"sanitize":     ofText(func(s string) (string, error) { return notInNames.ReplaceAllString(s, "_"), nil }),
		"sha1":         ofText(func(s string) (string, error) { return fmt.Sprintf("%x", sha1.Sum([]byte(s))), nil }),
		"sha256":       ofText(func(s string) (string, error) { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))), nil }),
		"sha512":       ofText(func(s string) (string, error) { return fmt.Sprintf("%x", sha512.Sum512([]byte(s))), nil }),
		"urlencode":    ofText(func(s string) (string, error) { return url.QueryEscape(s), nil }),
		"indexof":      indexOf,
	}
	// What depends on the time, on chance or on who calls is not known; nor is what few files use.
	for name, typ := range map[string]cty.Type{
		"bcrypt": cty.String, "cidrhost": cty.String, "cidrnetmask": cty.String, "cidrsubnet": cty.String, "cidrsubnets": cty.List(cty.String),
		"formattimestamp": cty.String, "homedir": cty.String, "rsadecrypt": cty.String, "semvercmp": cty.Bool, "timestamp": cty.String,
		"unixtimestampparse": cty.DynamicPseudoType, "uuidv4": cty.String, "uuidv5": cty.String,
	} {
		f[name] = notKnown(typ)
	}
	return f
}

var notInNames = lazy.New(`[^a-zA-Z0-9_-]`)

// anything takes each argument as it is.
var anything = ctyfunction.Parameter{Name: "arguments", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowNull: true}

func notKnown(typ cty.Type) ctyfunction.Function {
	return ctyfunction.New(&ctyfunction.Spec{
		VarParam: &anything,
		Type:     ctyfunction.StaticReturnType(typ),
		Impl:     func([]cty.Value, cty.Type) (cty.Value, error) { return cty.UnknownVal(typ), nil },
	})
}

// ofText is a function from text to text.
func ofText(f func(string) (string, error)) ctyfunction.Function {
	return ctyfunction.New(&ctyfunction.Spec{
		Params: []ctyfunction.Parameter{{Name: "text", Type: cty.String}},
		Type:   ctyfunction.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, err := f(args[0].AsString())
			return cty.StringVal(s), err
		},
	})
}

var indexOf = ctyfunction.New(&ctyfunction.Spec{
	Params: []ctyfunction.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
	Type:   ctyfunction.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if t := args[0].Type(); !t.IsListType() && !t.IsTupleType() {
			return cty.NilVal, errors.New("the first argument must be a list")
		}
		for it := args[0].ElementIterator(); it.Next(); {
			i, v := it.Element()
			equal, err := stdlib.Equal(v, args[1])
			if err != nil || !equal.IsKnown() {
				return cty.UnknownVal(cty.Number), err
			}
			if equal.True() {
				return i, nil
			}
		}
		return cty.NilVal, errors.New("the list has no such item")
	},
})

// limited is a function that fails where an estimate of what it makes, in bytes or elements, is too much.
// The estimate is given arguments that are known.
func limited(f ctyfunction.Function, estimate func([]cty.Value) int) ctyfunction.Function {
	return ctyfunction.New(&ctyfunction.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			for _, a := range args {
				if !a.IsWhollyKnown() {
					return f.ReturnTypeForValues(args)
				}
			}
			if n := estimate(args); n < 0 || n > 4*maxText {
				return cty.NilType, errors.New("it makes a value that is too large")
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

func ctyText(v cty.Value) string {
	if v.IsNull() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

// numberOf is that of a small argument; a large one is too much for any function.
func numberOf(v cty.Value) int {
	if v.IsNull() || v.Type() != cty.Number {
		return 0
	}
	n, _ := v.AsBigFloat().Int64()
	if n < 0 || n > maxText {
		return maxText * maxText
	}
	return int(n)
}

func square(n int) int { return n * n }

// elements is the number of elements.
func elements(v cty.Value) int {
	if v.IsNull() || !v.CanIterateElements() {
		return 1
	}
	return v.LengthInt()
}

func allElements(args []cty.Value) (n int) {
	for _, a := range args {
		n += elements(a)
	}
	return n
}

func mostElements(args []cty.Value) int {
	n := 1
	for _, a := range args {
		n = max(n, elements(a))
	}
	return n
}

func productSize(args []cty.Value) int {
	n := 1
	for _, a := range args {
		if n *= elements(a); n > maxText {
			return maxText * maxText
		}
	}
	return n
}

var wideFormat = lazy.New(`%[^a-zA-Z%]*[0-9*]{4,}`)

// formatSize is what a format makes: a width of thousands is too much.
func formatSize(args []cty.Value) int {
	if wideFormat.MatchString(ctyText(args[0])) {
		return maxText * maxText
	}
	n, most := len(ctyText(args[0])), 0
	for _, a := range args[1:] {
		most = max(most, maxWeight-weigh(a, maxWeight))
	}
	return n + strings.Count(ctyText(args[0]), "%")*most*64
}

func replaceSize(args []cty.Value) int {
	s, found, by := ctyText(args[0]), ctyText(args[1]), ctyText(args[2])
	return len(s) + len(s)/max(1, len(found))*len(by)
}
