// Package yaml reads YAML that someone else wrote. A few bytes of it can stand for billions of values,
// or for a tree so deep that the parser needs gigabytes: such texts are refused before they are parsed.
package yaml

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxSize    = 64 << 10 // of a text that is read on the side
	maxNesting = 100      // brackets inside each other, or structures that begin on one line
	maxAnchors = 20       // in a text that refers to them, where they are expanded
)

// Parse is the tree of a text of at most 64 KiB.
func Parse(src string) (file *ast.File, err error) { return ParseUpTo(src, maxSize) }

// ParseUpTo is the tree of a text of at most so many bytes.
func ParseUpTo(src string, size int) (file *ast.File, err error) {
	if len(src) > size {
		return nil, errTooLarge(size)
	}
	defer func() {
		if recover() != nil { // the library panics on some malformed texts
			file, err = nil, errors.New("it is malformed")
		}
	}()
	tokens := lexer.Tokenize(src)
	if err := bounded(tokens, maxAnchors); err != nil {
		return nil, err
	}
	if file, err = parser.Parse(tokens, 0); err != nil {
		return nil, mistake(err)
	}
	return file, nil
}

func errTooLarge(size int) error { return fmt.Errorf("it is larger than %d KiB", size>>10) }

// Error is a mistake at its place, which counts from 1.
type Error struct {
	Line, Column int
	Message      string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// mistake is the library's error without the text around it, which it takes quadratic time to quote.
func mistake(err error) error {
	var at yaml.Error
	if !errors.As(err, &at) {
		return errors.New(yaml.FormatError(err, false, false))
	}
	e := &Error{Line: 1, Column: 1, Message: at.GetMessage()}
	if t := at.GetToken(); t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

// Unmarshal decodes the first document of a text.
func Unmarshal(src string, to any) (err error) {
	file, err := Parse(src)
	if err != nil || len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return err
	}
	defer func() {
		if recover() != nil {
			err = errors.New("it is malformed")
		}
	}()
	if err := yaml.NodeToValue(file.Docs[0].Body, to); err != nil {
		return mistake(err)
	}
	return nil
}

// bounded refuses what needs out of proportion more than its length.
func bounded(tokens token.Tokens, maxAnchors int) error {
	line, begun, brackets, anchors, aliases := 0, 0, 0, 0, 0
	for _, t := range tokens {
		if t.Position != nil && t.Position.Line != line {
			line, begun = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.CollectEntryType:
			begun = 0
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType, token.MergeKeyType, token.TagType:
			begun++
		case token.AnchorType:
			begun++
			anchors++
		case token.AliasType:
			aliases++
		}
		if brackets > maxNesting || begun > maxNesting {
			return errors.New("it is too deeply nested")
		}
	}
	if aliases > 0 && anchors > maxAnchors {
		return errors.New("it has too many anchors")
	}
	return nil
}
