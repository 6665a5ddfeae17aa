package shell

import (
	"slices"
	"strings"
)

// Imports reports whether the command may import the module of that name, and looks for it in the directory that
// it works in before all other places: python -m MODULE, for the module itself and for those of the standard library,
// whose names a project must not use.
func (c *Command) Imports(module string) bool {
	if !c.isModule(c.row()) {
		return false
	}
	return IsStandardModule(module) || module == c.Words[2].Text
}

// IsStandardModule reports whether the name is that of a module of Python's standard library.
func IsStandardModule(name string) bool {
	_, found := slices.BinarySearch(standardLibrary, name)
	return found
}

// standardLibrary are the modules of Python's standard library, those of Python 2 and of versions to come too,
// without what nothing imports (test, turtledemo) and what is private. It is sorted.
var standardLibrary = strings.Fields(`
	ConfigParser Cookie HTMLParser Queue SocketServer StringIO UserDict UserList UserString __future__ abc aifc
	annotationlib argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect builtins
	bz2 cPickle cProfile cStringIO calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys commands
	compileall compiler compression concurrent configparser contextlib contextvars cookielib copy copy_reg copyreg crypt
	csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest dummy_thread dummy_threading email
	encodings ensurepip enum errno exceptions faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib
	functools future_builtins gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac hotshot html
	htmlentitydefs htmllib http httplib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3
	linecache locale logging lzma macpath mailbox mailcap marshal math md5 mimetools mimetypes mimify mmap modulefinder
	msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev
	parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib posix posixpath pprint profile
	pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter
	robotparser runpy sched secrets select selectors sets sha shelve shlex shutil signal site smtpd smtplib sndhdr socket
	socketserver spwd sqlite3 sre sre_compile sre_constants sre_parse ssl stat statistics string stringprep strop struct
	subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap thread
	threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata unittest
	urllib urllib2 urlparse user uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmllib
	xmlrpc xmlrpclib zipapp zipfile zipimport zlib zoneinfo`)
