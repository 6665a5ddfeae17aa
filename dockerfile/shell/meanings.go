package shell

import "strings"

// Meaning is what options of programs mean, whatever each program calls them. Which ones have a meaning stands in the rows
// of the table; who needs to know asks for the meaning, and names no option.
type Meaning int

// The meanings. Those that have a value say what it is.
const (
	ProjectFile         Meaning = iota // the manifest that is read in place of the usual one
	SettingsFile                       // a file of settings that is read in place of the usual one, or beside it
	BuildFile                          // a script of the build, or one that runs before it
	InputFile                          // any other file that is read, whatever for
	Requirements                       // groups of requirements: NAME, or FILE:NAME
	EditableProject                    // a project that is installed from where it is
	PackageIndex                       // an address, or a folder, that packages are taken from
	PackageFolder                      // a folder, or a page, of packages
	TargetFolder                       // the folder that files are put into
	ChosenDeps                         // which kinds of dependencies are installed, or left out
	LeftOutGroups                      // groups of dependencies that are left out
	FileOwner                          // the user that the files are given to
	LikeFile                           // a file whose owner or permissions the others get
	InputMark                          // what stands in a command for a line of the input
	NoScripts                          // scripts that packages and the project have for an install do not run
	NoPlugins                          // plugins do not run
	NoAutoloader                       // none is written
	OptimizedAutoloader                // one is written that knows all classes
	NoProject                          // the project itself is not installed
	NoWorkspace                        // nor are the other projects of the workspace
	NoLockFile                         // none is written
	TrustsLockFile                     // the lock file is taken as it is, whatever the manifest says
	UserNumber                         // the number of a user that is made
	QuietDownload                      // no progress is shown
	NoLoginLog                         // a new user is not noted in the logs of logins
	StartsAtOnce                       // what is enabled is started, too
	FailsOnError                       // an answer of the server that is an error makes the command fail
	FollowsRedirects                   // it asks again where the server says that the file is elsewhere
	AsksMore                           // it does more than to fetch a file: it sends something, or shows what the server says
	MadeFile                           // the file that a compiler makes
	NamesNoFile                        // beginnings of options of a compiler that name neither file nor folder
	ScriptFromInput                    // the standard input is the script, also where there are arguments
	ChosenModules                      // which modules of the project are built, and no others
	AlsoOtherModules                   // modules that have to do with these are built, too
)

// meanings are the options that have a meaning for a program: lists of words.
type meanings map[Meaning]string

// Has reports whether an option of the meaning is given.
func (c *Command) Has(m Meaning) bool { return c.hasListed(c.row().means[m]) }

// Value is the value of the first option of the meaning.
func (c *Command) Value(m Meaning) (value Word, ok bool) {
	return c.Flag(strings.Fields(c.row().means[m])...)
}

// Values are the values of all options of the meaning.
func (c *Command) Values(m Meaning) []Word { return c.listed(c.row().means[m]) }

// optionVariable is a variable that holds options for a program.
type optionVariable struct {
	name  string
	files string // options that name files; - stands for any
}

// optionVariables are sorted by name.
var optionVariables = []optionVariable{
	{"GOFLAGS", "-modfile --modfile -mod=vendor --mod=vendor -overlay --overlay"},
	{"GRADLE_OPTS", ofJava},
	{"JAVA_TOOL_OPTIONS", ofJava},
	{"JDK_JAVA_OPTIONS", ofJava},
	{"MAVEN_ARGS", ofMaven},
	{"MAVEN_CONFIG", ofMaven},
	{"MAVEN_OPTS", ofJava},
	{"NODE_OPTIONS", "-r --require --import --loader --experimental-loader --env-file --openssl-config --icu-data-dir"},
	{"PERL5OPT", "-"},
	{"RUBYOPT", "-"},
	{"TF_CLI_ARGS", "-"},
	{"TF_CLI_ARGS_INIT", "-"},
}

const (
	ofJava  = "-javaagent -agentpath @ -Dmaven.multiModuleProjectDirectory"
	ofMaven = "-s --settings -f --file -t -gs --global-settings --toolchains"
)

// HoldsOptions reports whether the variable holds options for a program that reads it by itself: NODE_OPTIONS.
func HoldsOptions(variable string) bool {
	_, ok := optionsOf(variable)
	return ok
}

// OptionsNameFiles reports whether the value of a variable that holds options has one that names a file:
// NODE_OPTIONS=--max-old-space-size=4096 has none. One with a variable in it may have.
func OptionsNameFiles(variable, value string) bool {
	v, ok := optionsOf(variable)
	if !ok {
		return false
	}
	for option := range strings.FieldsSeq(v.files) {
		if strings.Contains(" "+value, " "+option) {
			return true
		}
	}
	return strings.Contains(value, "$")
}

func optionsOf(variable string) (optionVariable, bool) {
	for _, v := range optionVariables {
		if strings.EqualFold(v.name, variable) {
			return v, true
		}
	}
	return optionVariable{}, false
}
