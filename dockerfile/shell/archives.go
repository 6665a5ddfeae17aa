package shell

import "strings"

// tarCall is what a tar command does.
type tarCall struct {
	mode    byte // c, x, t, r, u, A, d; 0 if it is not known
	file    Word
	dirs    []Word
	members []Word
}

// readTar reads the words of tar, whose first may be a cluster without a dash.
func readTar(c *Command) (t tarCall, known bool) {
	words := c.Words[1:]
	p := c.row()
	known = true
	for i := 0; i < len(words); i++ {
		w := words[i]
		next := func() (v Word) {
			if i+1 < len(words) {
				i++
				v = words[i]
			}
			return v
		}
		switch name, value, has := strings.Cut(w.Text, "="); {
		case mayBeOptions(w):
			return t, false
		case w.Text == "--":
			t.members = append(t.members, words[i+1:]...)
			return t, known
		case strings.HasPrefix(w.Text, "--"):
			name = p.whole(name)
			v := Word{Span: w.Span, Text: value, Literal: w.Literal}
			takes := p.takesValue(name) || name == "--file" || name == "--directory" || name == "--one-top-level" && has
			if !has && takes {
				v = next()
			}
			switch name {
			case "--file":
				t.file = v
			case "--directory":
				t.dirs = append(t.dirs, v)
			case "--one-top-level":
				known = false
			case "--create", "--extract", "--get", "--list", "--append", "--update", "--delete", "--diff", "--compare":
				t.mode = map[string]byte{"--create": 'c', "--extract": 'x', "--get": 'x', "--list": 't'}[name]
			case "--to-command", "--checkpoint-action", "--absolute-names":
				known = false
			}
		case isShort(w.Text) || i == 0 && w.Text != "":
			letters := strings.TrimPrefix(w.Text, "-")
			dash := len(letters) < len(w.Text)
			for n := 0; n < len(letters); n++ {
				letter := letters[n : n+1]
				takes := letter == "f" || letter == "C" || p.takesValue("-"+letter)
				v := Word{}
				if takes && dash && n+1 < len(letters) {
					v = Word{Span: w.Span, Text: letters[n+1:], Literal: w.Literal}
					n = len(letters)
				} else if takes {
					v = next()
				}
				switch letter {
				case "f":
					t.file = v
				case "C":
					t.dirs = append(t.dirs, v)
				case "c", "x", "t", "r", "u", "A", "d":
					t.mode = letter[0]
				case "P":
					known = false
				}
			}
		default:
			t.members = append(t.members, w)
		}
	}
	return t, known
}

// tar reads an archive and writes below the directory, or the other way round.
func tar(c *Command, e *Effects) {
	t, known := readTar(c)
	e.Known = known && (t.mode == 'x' || t.mode == 'c' || t.mode == 't')
	e.Reads.Words, e.Writes.Words = nil, nil
	if !e.Known {
		return
	}
	e.Vars.add("TAPE TAR_OPTIONS")
	e.Vars.add(anyProgram)
	for _, w := range append(c.flags("-T", "--files-from"), c.flags("-X", "--exclude-from")...) {
		e.Reads.word(w)
	}
	if strings.Contains(t.file.Text, ":") {
		e.Network = true
	}
	switch t.mode {
	case 't':
		e.Reads.word(t.file)
	case 'x':
		e.Reads.word(t.file)
		for _, dir := range t.dirs {
			e.Writes.word(dir)
		}
		e.Writes.Tree = len(t.dirs) == 0
	case 'c':
		e.Writes.word(t.file)
		if len(t.dirs) == 0 {
			e.Reads.add(operands, t.members)
			break
		}
		// Which members belong to which directory does not matter: all of it is read.
		e.Reads.Tree = len(t.dirs) > 1
		e.Reads.add(operands, t.dirs)
		e.Reads.add(operands, t.members)
	}
}

// unzip writes below the directory, or that of -d; -l, -t, -p and -Z only read.
func unzip(c *Command, e *Effects) {
	e.Known = true
	e.Vars.add("UNZIP UNZIPOPT ZIPOPT")
	e.Vars.add(anyProgram)
	words := c.Operands()
	dir := Word{}
	for i, w := range c.Words[1:] {
		if w.Text == "-d" && i+2 < len(c.Words) {
			dir = c.Words[i+2]
		} else if isShort(w.Text) && strings.HasPrefix(w.Text, "-d") && len(w.Text) > 2 {
			dir = Word{Span: w.Span, Text: w.Text[2:], Literal: w.Literal}
		}
	}
	e.Reads.Words, e.Writes.Words = nil, nil
	e.Reads.add(first, words)
	switch {
	case c.HasFlag("-l", "-t", "-p", "-Z", "-v"):
	case dir.Text != "":
		e.Writes.word(dir)
	default:
		e.Writes.Tree = true
	}
}

// Unpacks is the archive that the command unpacks as a whole and as it is, as ADD does: tar -xf. plain is false if it
// leaves out parts of the paths or files, or takes them apart in another way. file is empty for other commands.
func (c *Command) Unpacks() (file Word, plain bool) {
	if c.row() != lookup("tar") || c.InSubst {
		return Word{}, false
	}
	t, known := readTar(c)
	if t.mode != 'x' || t.file.Text == "-" {
		return Word{}, false
	}
	shapes := c.HasFlag("--strip-components", "--strip", "--transform", "--xform", "--exclude", "--wildcards", "--one-top-level", "-O", "--to-stdout", "--owner", "--no-same-owner")
	return t.file, known && len(t.members) == 0 && !shapes
}
