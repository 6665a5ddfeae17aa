package shell

import "sync"

// habit is what a program does about rights, downloads and what it is given, as far as rules ask for it. Lists of options
// and sub-commands are strings of words; * stands for any.
type habit struct {
	sudo     bool   // a wrapper that runs its command as root
	other    string // its options that name another user, or a group
	stdin    string // options with which it sets the password that it reads; *: it always does
	password string // options whose value is a password, or its hash
	unlocks  string // options with which it removes a password
	locks    string // options with which the account is locked
	modes    string // options whose value is the mode of what it makes
	groups   string // options whose value is a list of groups that its last operand joins; *: of two operands, the second
	member   string // options whose value is who joins the group that is its operand

	sources  string // sub-commands behind which it takes addresses; * without one
	registry string // options whose value is an address that it takes packages from
	verifies string // options with which it compares files with what is known of them; * always
	installs bool   // its operands and the values of its options are files of packages
	unpacks  func(*Command) bool

	filter  bool   // its output holds its words, or what it reads
	copies  bool   // it puts all but its last operand there
	folders string // options with which it makes folders instead, or another folder is named
	fills   bool   // it writes its input to its operands
	edits   string // options with which it changes its operands
	scripts string // options that hold what else would be its first operand
	keeps   string // sub-commands behind which it writes addresses to files, with what is in them

	debugs    string // options with which it runs for developers
	debuggers string // operands that make a debugger a part of it
}

var noHabit = &habit{}

// habitOf is the habit of the command's program, by its name or by that of its row.
func habitOf(c *Command) *habit {
	if h := habits()[c.Program]; h != nil {
		return h
	}
	if h := habits()[c.row().name]; h != nil {
		return h
	}
	return noHabit
}

// habits are by program. What stands here of a name does not hold for aliases of its row that stand here, too.
var habits = sync.OnceValue(func() map[string]*habit {
	const others = "-u -g --user --group"
	filter := &habit{filter: true}
	registry := &habit{registry: "--registry", sources: "config set", keeps: "config|set"}
	return map[string]*habit{
		"addgroup":              {groups: "*"},
		"adduser":               {groups: "*"},
		"aria2c":                {sources: "*", registry: "--url", verifies: "--checksum"},
		"awk":                   filter,
		"b2sum":                 {verifies: "*"}, // with or without -c: a script may compare what it prints
		"base64":                filter,
		"bundle":                {keeps: "config"},
		"cat":                   filter,
		"chpasswd":              {stdin: "*"},
		"composer":              {keeps: "config"},
		"cosign":                {verifies: "*"},
		"cp":                    {copies: true, folders: "-t --target-directory"},
		"curl":                  {sources: "*", registry: "--url"},
		"cut":                   filter,
		"doas":                  {sudo: true, other: others},
		"docker-php-ext-enable": {debuggers: "xdebug"},
		"dpkg":                  {installs: true},
		"echo":                  filter,
		"envsubst":              filter,
		"flask":                 {debugs: "--debug --debugger"},
		"gem":                   {registry: "-s --source"},
		"git":                   {sources: "clone|remote|submodule|fetch|pull", keeps: "clone|config|remote|submodule"},
		"gpasswd":               {member: "-a --add"},
		"gpg":                   {verifies: "--verify --decrypt -d"},
		"gpgv":                  {verifies: "*"},
		"grep":                  filter,
		"gunicorn":              {debugs: "--reload"},
		"head":                  filter,
		"install":               {modes: "-m --mode", copies: true, folders: "-d --directory -t --target-directory"},
		"java":                  {debugs: "-agentlib:jdwp"},
		"jq":                    filter,
		"mkdir":                 {modes: "-m --mode"},
		"mv":                    {copies: true, folders: "-t --target-directory"},
		"node":                  {debugs: "--inspect --inspect-brk --inspect-wait"},
		"npm":                   registry,
		"openssl":               {verifies: "-verify"},
		"passwd":                {stdin: "--stdin", unlocks: "-d --delete", locks: "-l --lock"},
		"pip":                   {registry: "-i --index-url --extra-index-url -f --find-links", keeps: "config"},
		"pnpm":                  registry,
		"poetry":                {keeps: "config"},
		"printenv":              filter,
		"printf":                filter,
		"rpm":                   {sources: "*", verifies: "-K --checksig", installs: true},
		"rsync":                 {copies: true},
		"sed":                   {filter: true, edits: "-i --in-place", scripts: "-e --expression -f --file"},
		"sort":                  filter,
		"sudo":                  {sudo: true, other: others},
		"tar":                   {unpacks: unpacksTar},
		"tee":                   {filter: true, fills: true},
		"tr":                    filter,
		"unzip":                 {unpacks: func(c *Command) bool { return !c.hasListed("-l -t -v -Z") }},
		"useradd":               {password: "-p --password", groups: "-G --groups"},
		"usermod":               {password: "-p --password", groups: "-G --groups"},
		"uv":                    {registry: "-i --index-url --extra-index-url --default-index --index -f --find-links"},
		"uvicorn":               {debugs: "--reload"},
		"wget":                  {sources: "*"},
		"yarn":                  registry,
	}
})

func unpacksTar(c *Command) bool {
	t, _ := readTar(c)
	return t.mode == 'x'
}

// debugVariables are those that switch a framework to debugging, with the values that do, in small letters. Of the
// documentation of each.
var debugVariables = map[string]string{
	"APP_DEBUG":              "1 true on",       // Laravel, Symfony
	"APP_ENV":                "dev development", // Symfony
	"ASPNETCORE_ENVIRONMENT": "development",
	"DJANGO_DEBUG":           "1 true yes on",
	"DOTNET_ENVIRONMENT":     "development",
	"FLASK_DEBUG":            "1 true yes on",
	"FLASK_ENV":              "development",
	"NODE_ENV":               "dev development",
	"RACK_ENV":               "development",
	"RAILS_ENV":              "development",
	"XDEBUG_MODE":            "debug develop debug,develop develop,debug",
}
