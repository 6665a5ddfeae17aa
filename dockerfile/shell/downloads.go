package shell

import (
	"path"
	"slices"
	"strings"
)

// Fetch is a file that a command downloads.
type Fetch struct {
	URL  Word
	File Word // as the command names it, or as the tool derives it from the URL; Text empty: the standard output
	Dir  Word // the directory that an option puts it into
}

// downloading says how a program that downloads by address names the files. Lists are strings of words.
type downloading struct {
	out     string // options whose value is the file
	dir     string // options whose value is the folder that it is put into
	url     string // options whose value is an address, beside the operands
	derive  string // options by which it takes the name from the address
	derives bool   // it does so without one of them
	query   bool   // the name has the query of the address
	index   string // the name for an address that ends in a slash
	joins   bool   // a file that an option names holds all that is fetched, wherever it is
	unknown string // options with which neither addresses nor names are known: a list of them, what the server says
	sends   string // options whose value may name a file behind an @
}

var (
	aria2cFiles = downloading{out: "-o --out", dir: "-d --dir", url: "--url", derives: true, unknown: "-i --input-file"}
	curlFiles   = downloading{out: "-o --output", dir: "--output-dir", url: "--url", derive: "-O --remote-name --remote-name-all",
		unknown: "-K --config -J --remote-header-name", sends: posted + " -H --header -w --write-out"}
	wgetFiles = downloading{out: "-O --output-document", dir: "-P --directory-prefix", url: "--url", derives: true, query: true, index: "index.html", joins: true,
		unknown: "-i --input-file -r --recursive -m --mirror -p --page-requisites --content-disposition -x --force-directories"}
)

// Downloads are the files that the command downloads by address: curl, wget, aria2c. ok is false for
// other commands, and if the addresses or names are not known.
func (c *Command) Downloads() (list []Fetch, ok bool) {
	how := c.row().fetches
	if how == nil || c.hasListed(how.unknown) {
		return nil, false
	}
	urls := append(slices.Clone(c.Operands()), c.listed(how.url)...)
	outs, derives := c.listed(how.out), how.derives || c.hasListed(how.derive)
	dir, _ := c.Flag(strings.Fields(how.dir)...)
	for n, url := range urls {
		f := Fetch{URL: url, Dir: dir}
		switch {
		case how.joins && len(outs) > 0:
			f.File, f.Dir = outs[0], Word{}
		case n < len(outs):
			f.File = outs[n]
		case derives && (mayBeOptions(url) || strings.Contains(url.Text, "%")): // tools decode %20, each in its way
			return nil, false
		case derives:
			f.File = url
			if f.File.Text = nameOf(url.Text, how.query); f.File.Text == "" {
				f.File.Text = how.index
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
	for _, w := range c.listed(c.row().fetches.sends) {
		e.posts(w)
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
