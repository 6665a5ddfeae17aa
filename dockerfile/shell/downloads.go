package shell

import (
	"path"
	"strings"
)

// Fetch is a file that a command downloads.
type Fetch struct {
	URL  Word
	File Word // as the command names it, or as the tool derives it from the URL; Text empty: the standard output
	Dir  Word // the directory that an option puts it into
}

// Downloads are the files that the command downloads by address: curl, wget, aria2c. ok is false for
// other commands, and if the addresses or names are not known.
func (c *Command) Downloads() (list []Fetch, ok bool) {
	p := c.row()
	switch p.name {
	case "curl", "wget", "aria2c":
	default:
		return nil, false
	}
	if c.HasFlag("-i", "--input-file") && p.name != "curl" || c.HasFlag("-K", "--config") && p.name == "curl" {
		return nil, false
	}
	urls := append(append([]Word(nil), c.Operands()...), c.flags("--url")...)
	var outs []Word
	var dir Word
	derives := false
	switch p.name {
	case "curl":
		outs, derives = c.flags("-o", "--output"), c.HasFlag("-O", "--remote-name", "--remote-name-all")
		dir, _ = c.Flag("--output-dir")
		if c.HasFlag("-J", "--remote-header-name") {
			return nil, false // the server names the file
		}
	case "wget":
		outs, derives = c.flags("-O", "--output-document"), true
		dir, _ = c.Flag("-P", "--directory-prefix")
		if c.HasFlag("-r", "--recursive", "-m", "--mirror", "-p", "--page-requisites", "--content-disposition", "-x", "--force-directories", "-i") {
			return nil, false
		}
	case "aria2c":
		outs, derives = c.flags("-o", "--out"), true
		dir, _ = c.Flag("-d", "--dir")
	}
	for n, url := range urls {
		f := Fetch{URL: url, Dir: dir}
		switch {
		case p.name == "wget" && len(outs) > 0:
			f.File, f.Dir = outs[0], Word{} // all into one
		case n < len(outs):
			f.File = outs[n]
		case derives && (mayBeOptions(url) || strings.Contains(url.Text, "%")): // tools decode %20, each in its way
			return nil, false
		case derives:
			f.File = url
			if f.File.Text = nameOf(url.Text, p.name == "wget"); f.File.Text == "" && p.name == "wget" {
				f.File.Text = "index.html"
			}
			f.File.Literal = !strings.ContainsAny(f.File.Text, "$`")
		}
		if f.File.Text == "-" || strings.HasPrefix(f.File.Text, "/dev/") {
			f.File = Word{}
		}
		list = append(list, f)
	}
	return list, true
}

// nameOf is the last part of an address's path; "" if it ends in a slash. wget keeps the query.
func nameOf(url string, query bool) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	url, _, _ = strings.Cut(url, "#")
	address, asked, _ := strings.Cut(url, "?")
	url = address
	_, file, ok := strings.Cut(url, "/")
	if !ok {
		return ""
	}
	name := file[strings.LastIndexByte(file, '/')+1:]
	if query && name != "" && asked != "" {
		name += "?" + asked
	}
	return name
}

// Path is the file with the directory that it is put into; Text is empty for the standard output.
func (f Fetch) Path() Word {
	w := f.File
	if w.Text != "" && f.Dir.Text != "" && !path.IsAbs(w.Text) {
		w.Text = path.Join(f.Dir.Text, w.Text)
		w.Literal = w.Literal && f.Dir.Literal
	}
	return w
}

// downloads adds the files that Downloads names.
func downloads(c *Command, e *Effects) {
	if c.Program == "curl" {
		for _, w := range c.flags(strings.Fields(posted + " -H --header -w --write-out")...) {
			e.posts(w)
		}
	}
	list, ok := c.Downloads()
	if !ok {
		e.Writes.Tree = true
		return
	}
	for _, f := range list {
		e.Writes.word(f.Path())
		if strings.HasPrefix(f.URL.Text, "file:") {
			e.Reads.All = true
		}
	}
}

// clones adds the directory that git clone makes.
func clones(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) < 2 || words[0].Text != "clone" {
		return
	}
	to := words[len(words)-1]
	if len(words) == 2 {
		to.Text = strings.TrimSuffix(path.Base(strings.TrimRight(to.Text, "/")), ".git")
		if i := strings.LastIndexByte(to.Text, ':'); i >= 0 {
			to.Text = to.Text[i+1:] // git@host:name.git
		}
		if c.HasFlag("--bare", "--mirror") {
			to.Text += ".git"
		}
	}
	e.Writes.word(to)
	if dir, ok := c.Flag("-C"); ok {
		paths := Paths{Words: []Word{to}}
		paths.moveTo(dir)
		e.Writes.word(paths.Words[0])
	}
}

// posted are the options of curl whose value is sent, or a file that is, behind an @.
const posted = "-d --data --data-ascii --data-binary --data-urlencode --json -F --form"

// posts adds the file of @FILE, NAME=@FILE and NAME=<FILE.
func (e *Effects) posts(w Word) {
	for _, start := range []string{"@", "=@", "=<"} {
		before, file, ok := strings.Cut(w.Text, start)
		if !ok || start == "@" && before != "" && !isName(before) {
			continue
		}
		for _, name := range strings.Split(file, ",") { // several files of one field, or settings of one
			w.Text, _, _ = strings.Cut(name, ";")
			e.Reads.word(w)
		}
		return
	}
}

// downloadDirs are the options of wget and curl that name the folder of downloads, which their paths begin with.
const downloadDirs = "-P --directory-prefix --output-dir"
