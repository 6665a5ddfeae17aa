package manifests

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"layerwise/internal/yaml"

	"github.com/pelletier/go-toml/v2"
)

// text is the text of a file in UTF-8, without byte order mark.
func (r *reader) text(p string) (string, bool) {
	e, ok := r.c.Lookup(p)
	if !ok {
		return "", false
	}
	target, ok := r.resolve(e)
	if !ok {
		return "", false
	}
	src, err := r.c.Read(target)
	if err == nil {
		src, err = decode(src)
	}
	if err != nil {
		r.unreadable(p, err)
		return "", false
	}
	return src, true
}

func (r *reader) unreadable(p string, err error) {
	var parse *fs.PathError
	if errors.As(err, &parse) {
		err = parse.Err // the path is the host's
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	r.doubt("%s cannot be read: %s", p, line)
}

func decode(src string) (string, error) {
	switch {
	case strings.HasPrefix(src, "\xef\xbb\xbf"):
		src = src[3:]
	case strings.HasPrefix(src, "\xff\xfe"), strings.HasPrefix(src, "\xfe\xff"):
		low := 0
		if src[0] == 0xfe {
			low = 1
		}
		var units []uint16
		for i := 2; i+1 < len(src); i += 2 {
			units = append(units, uint16(src[i+low])|uint16(src[i+1-low])<<8)
		}
		return string(utf16.Decode(units)), nil
	}
	if !utf8.ValidString(src) {
		return "", errors.New("it is not UTF-8")
	}
	return src, nil
}

func (r *reader) json(p string, to any) bool {
	return r.decoded(p, to, func(src string, to any) error { return json.Unmarshal([]byte(src), to) })
}

func (r *reader) toml(p string, to any) bool {
	return r.decoded(p, to, func(src string, to any) error { return toml.Unmarshal([]byte(src), to) })
}

func (r *reader) yaml(p string, to any) bool { return r.decoded(p, to, yaml.Unmarshal) }

// xml decodes a file. The names in it are taken as they are in any encoding that extends ASCII.
func (r *reader) xml(p string, to any) bool {
	return r.decoded(p, to, func(src string, to any) error {
		d := xml.NewDecoder(strings.NewReader(src))
		d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
		return d.Decode(to)
	})
}

// decoded decodes a file to a variable, which must be zero. What is in it is shared and not to be
// modified: a large lock file is not decoded once more with every keystroke.
func (r *reader) decoded(p string, to any, unmarshal func(src string, to any) error) bool {
	src, ok := r.text(p)
	if !ok {
		return false
	}
	type key struct {
		path string
		as   reflect.Type
	}
	type result struct {
		value reflect.Value
		err   error
	}
	at := reflect.ValueOf(to).Elem()
	got := r.c.MemoOf(key{p, at.Type()}, src, func() any {
		value := reflect.New(at.Type())
		err := unmarshal(src, value.Interface())
		return result{value.Elem(), err}
	}).(result)
	if got.err != nil {
		r.unreadable(p, got.err)
		return false
	}
	at.Set(got.value)
	return true
}
