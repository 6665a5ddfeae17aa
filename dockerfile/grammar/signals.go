package grammar

// SignalName is a signal that STOPSIGNAL takes. Those that people use have a Doc.
type SignalName struct {
	Name string
	Doc  string
}

// Signals are those with a name, the likely ones first. The real-time signals (SIGRTMIN+3) are not among them.
var Signals = []SignalName{
	{"SIGTERM", "asks to end; the default"},
	{"SIGINT", "what Ctrl+C sends; Python, Node.js and PostgreSQL end quickly by it"},
	{"SIGQUIT", "lets nginx and php-fpm finish their requests first"},
	{"SIGKILL", "ends at once; the program cannot clean up"},
	{"SIGHUP", "the terminal is gone; many servers read their configuration again"},
	{"SIGUSR1", "means what the program makes of it"},
	{"SIGUSR2", "means what the program makes of it"},
	{"SIGWINCH", "lets Apache httpd finish its requests first"},
	{"SIGABRT", ""}, {"SIGALRM", ""}, {"SIGBUS", ""}, {"SIGCHLD", ""}, {"SIGCLD", ""}, {"SIGCONT", ""}, {"SIGFPE", ""},
	{"SIGILL", ""}, {"SIGIO", ""}, {"SIGIOT", ""}, {"SIGPIPE", ""}, {"SIGPOLL", ""}, {"SIGPROF", ""}, {"SIGPWR", ""},
	{"SIGSEGV", ""}, {"SIGSTKFLT", ""}, {"SIGSTOP", ""}, {"SIGSYS", ""}, {"SIGTRAP", ""}, {"SIGTSTP", ""}, {"SIGTTIN", ""},
	{"SIGTTOU", ""}, {"SIGURG", ""}, {"SIGVTALRM", ""}, {"SIGXCPU", ""}, {"SIGXFSZ", ""},
}

// Protocols are those of EXPOSE; the first is the default.
var Protocols = []string{"tcp", "udp", "sctp"}
