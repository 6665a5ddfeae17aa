package catalog_test

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

const hadolintAlone = "hadolint alone"

// hadolintDifferences are those from hadolint.
var hadolintDifferences = []meant{
	// What holds for many rules.
	{anyCheck, hadolintAlone, "the base image is a placeholder such as %%FROM%%, which build-refused reports", placeholder},
	{anyCheck, hadolintAlone, "the RUN is for PowerShell or cmd, which hadolint reads as if it were for sh", func(d difference) bool {
		return d.step.Instr.Name == "RUN" && d.step.Stage.Windows
	}},
	{anyCheck, weAlone, "hadolint knows apt-get and dnf, but not apt and tdnf", runs(func(c *shell.Command) bool { return c.Program == "apt" || c.Program == "tdnf" })},
	{"apk-no-cache", hadolintAlone, inNoImage, notExported},
	{"apt-lists-not-removed", hadolintAlone, inNoImage, notExported},
	{"apt-no-install-recommends", hadolintAlone, inNoImage, notExported},
	{"healthcheck-missing", hadolintAlone, inNoImage, notTarget},
	{"label-missing", hadolintAlone, inNoImage, notTarget},
	{"non-numeric-user", hadolintAlone, inNoImage, notTarget},
	{"pip-no-cache-dir", hadolintAlone, inNoImage, notExported},

	// The base image.
	{"constant-from-platform", hadolintAlone, "a line of BuildKit's, # check=skip=…, silences it", func(d difference) bool {
		return slices.ContainsFunc(d.graph.File.Directives, func(x syntax.Directive) bool { return x.Name == "check" })
	}},
	{"base-image-latest", weAlone, "other tags than latest move to each release, too: alpine, sid-slim", func(d difference) bool {
		return !strings.HasSuffix(d.step.Stage.Base.Text, ":latest")
	}},
	{"base-image-untagged", hadolintAlone, "distroless images have no tags but latest", func(d difference) bool {
		return strings.HasPrefix(d.step.Stage.Base.Text, "gcr.io/distroless/")
	}},
	{"base-image-untagged", weAlone, "hadolint knows neither the image of COPY --from nor one that a variable names", fromElsewhere},
	{"untrusted-registry", weAlone, "hadolint takes the image for one of Docker Hub, where a variable names the registry", fromElsewhere},

	// Files.
	{"add-instead-of-copy", hadolintAlone, "the variable is an address, for which there is ADD", func(d difference) bool {
		return strings.Contains(d.step.Expand(d.step.Instr.Words[0].Text).Text, "://")
	}},
	{"copy-from-unknown-stage", hadolintAlone, "the name is that of an image, not nearly that of a stage", fromImage},
	{"copy-multi-source-dest-slash", hadolintAlone, "BuildKit takes the dot for the folder that it is", func(d difference) bool {
		return d.step.Instr.Words[len(d.step.Instr.Words)-1].Text == "."
	}},
	{"copy-relative-dest-without-workdir", hadolintAlone, "the base image sets a WORKDIR, or may", func(d difference) bool {
		facts, known := images.Of(d.step.Stage)
		return !known || !facts.Tagged || facts.Recalled || facts.Windows || facts.Workdir != ""
	}},
	{"copy-whole-filesystem", hadolintAlone, "the image is made by others, to be taken whole", fromImage},
	{"relative-workdir", hadolintAlone, "a WORKDIR above says where it begins", func(d difference) bool {
		return slices.ContainsFunc(d.step.Stage.Steps[:d.step.N], func(s *stages.Step) bool { return s.Instr.Name == "WORKDIR" })
	}},

	// Packages.
	{"apk-no-cache", hadolintAlone, "another apk add of the RUN has the option: this one adds by name what is there", runs(func(c *shell.Command) bool {
		os, ok := c.OSPackages()
		return ok && os.Install && !os.KeepsIndex
	})},
	{"apk-no-cache", hadolintAlone, "the RUN deletes the index itself", mentions("/var/cache/apk")},
	{"apt-lists-not-removed", hadolintAlone, "apt-get dist-clean deletes the lists", mentions("dist-clean")},
	{"apt-lists-not-removed", hadolintAlone, "a RUN below deletes them, for nothing, which rm-in-later-layer reports", func(d difference) bool {
		return slices.ContainsFunc(d.step.Stage.Steps[d.step.N+1:], func(s *stages.Step) bool { return strings.Contains(s.Instr.Text, "/var/lib/apt/lists") })
	}},
	{"apt-lists-not-removed", hadolintAlone, "a RUN below installs from them, which pkg-index-refresh-alone reports", runs(func(c *shell.Command) bool {
		os, ok := c.OSPackages()
		return ok && os.Refresh && !os.Install
	})},
	{"apt-lists-not-removed", weAlone, "hadolint takes any rm -rf for the one that deletes the lists, wherever it stands", mentions("rm -rf")},
	{"apt-no-install-recommends", hadolintAlone, "apt-get install -f names no package", runs(withoutPackages)},
	{"apt-no-install-recommends", hadolintAlone, "apt-get install -s only tries", mentions("apt-get install -s")},
	{"apt-noninteractive", hadolintAlone, "apt-get install -f names no package, and -s only tries", runs(withoutPackages)},
	{"apt-noninteractive", hadolintAlone, "apt-get install -f names no package, and -s only tries", mentions("apt-get install -s")},
	{"os-upgrade-in-build", weAlone, "hadolint knows only zypper, not apt-get and apk", func(d difference) bool { return !mentions("zypper")(d) }},
	{"pin-apk", hadolintAlone, listed, mentions("$buildDeps")},
	{"pin-apt", hadolintAlone, listed, mentions("$fetchDeps", "$buildDeps")},
	{"pin-go-install", hadolintAlone, "without @ the go.mod of the project decides, or what GOPATH holds", runs(func(c *shell.Command) bool {
		return c.Program == "go" && !strings.Contains(strings.Join(shell.Texts(c.Words), " "), "@latest")
	})},
	{"pin-pip", hadolintAlone, "pip itself may be new, and the tag is that of the repository", mentions("--upgrade pip", "git+https")},
	{"pin-pip", weAlone, "a pip that is named by its path is pip, too", mentions("/pip install")},
	{"pip-no-cache-dir", hadolintAlone, "the RUN writes settings of pip, or deletes a cache of it", mentions("pip.conf", ".pip/cache")},
	{"pip-no-cache-dir", hadolintAlone, "pip takes --no-cache for --no-cache-dir", mentions("--no-cache ")},
	{"pip-no-cache-dir", hadolintAlone, "pip itself is small", mentions("--upgrade pip")},
	{"wget-and-curl-both", hadolintAlone, "to use both costs nothing where one is not installed for it, or removed again", func(d difference) bool { return !keepsBoth(d.step.Stage) }},
	{"wget-and-curl-both", weAlone, "both are installed, whether they are used or not", func(d difference) bool { return keepsBoth(d.step.Stage) }},
	{"yarn-npm-cache-clean", weAlone, "hadolint knows only yarn, not npm", runs(func(c *shell.Command) bool { return c.Program == "npm" })},

	// Commands.
	{"cd-in-run", weAlone, "hadolint does not look at what an ONBUILD runs", func(d difference) bool { return d.step.Instr.Name == "ONBUILD" }},
	{"cd-in-run", hadolintAlone, "it is not what the RUN begins with, or a folder for this RUN alone", func(d difference) bool {
		first := shell.Commands(d.step.Instr, d.step.Shell)[0]
		return first.Program != "cd" || !strings.HasPrefix(first.Words[1].Text, "/") || strings.HasPrefix(first.Words[1].Text, "/tmp") || mentions("rm -rf", "&& cd", "; cd")(d)
	}},
	{"consecutive-run-merge", hadolintAlone, "RUNs that do different things are better apart: each stays in the cache by itself", func(d difference) bool { return !bothInstall(d) }},
	{"consecutive-run-merge", weAlone, "both install packages of the system, and hadolint looks at short ones only", bothInstall},
	{"missing-pipefail", hadolintAlone, "what stands in front of the pipe prints, and cannot fail", pipes((*shell.Command).HarmlessToFail)},
	{"missing-pipefail", hadolintAlone, "it is in $( ), or in a condition, whose result is looked at", pipes(func(c *shell.Command) bool {
		return c.HarmlessToFail() || c.InSubst || c.Asked || c.Negated
	})},
	{"missing-pipefail", hadolintAlone, "the script writes a script with pipefail, and may set it itself", mentions("pipefail")},
	{"missing-pipefail", hadolintAlone, "it is a part of a group with a pipe of its own, or may fail: || true", mentions("} |", "done |", ") |", "|| true", "|| :")},
	{"service-start-in-run", hadolintAlone, "kill ends what the RUN itself has started", mentions("kill $")},
	{"useradd-no-log-init", hadolintAlone, "the length of a variable's name says nothing of the number", runs(func(c *shell.Command) bool {
		_, number, ok := c.UserNumbered()
		return ok && strings.HasPrefix(number.Text, "$")
	})},
	{"wget-progress-noise", hadolintAlone, "the wget of busybox has no such option, and the image may have that", func(d difference) bool {
		facts, known := images.Of(d.step.Stage)
		return !known || facts.Family == "alpine"
	}},

	// What is started, and as whom.
	{"final-user-root", hadolintAlone, "the program that is started gives up root, as the base image or an entrypoint may", func(d difference) bool {
		return strings.Contains(d.text.src, "\nENTRYPOINT")
	}},
	{"healthcheck-missing", hadolintAlone, "the file starts nothing, or what is started is no service", func(d difference) bool {
		argv, known := copies.Entry(d.step.Stage)
		return !known || len(argv) == 0 || !d.step.Stage.Root().Base.Known || shell.StartsREPL(path.Base(argv[0]), argv[1:]) || shell.Idles(argv)
	}},
	{"non-numeric-user", hadolintAlone, "it is not the last USER", func(d difference) bool {
		return slices.ContainsFunc(d.step.Stage.Steps[d.step.N+1:], func(s *stages.Step) bool { return s.Instr.Name == "USER" })
	}},
	{"non-numeric-user", hadolintAlone, "the variable stands for a number, or for nobody knows what", mentions("$")},
	{"non-numeric-user", hadolintAlone, "root is root by any name", func(d difference) bool { return images.IsRoot(d.step.Stage.User().Text) }},
	{"non-numeric-user", hadolintAlone, "users of Windows have no numbers", func(d difference) bool { return d.step.Stage.Windows }},
	{"secret-name-in-arg-env", hadolintAlone, "the value is a placeholder", mentions("0000")},
	{"secret-name-in-arg-env", weAlone, "hadolint does not know the name, such as LDAP_ROOTPASS", mentions("PASS ", "PASS=", "KEY ")},
	{"shell-form-cmd-entrypoint", hadolintAlone, "a HEALTHCHECK gets no signals, and may need a shell", func(d difference) bool { return d.step.Instr.Name == "HEALTHCHECK" }},
	{"shell-form-cmd-entrypoint", hadolintAlone, "the file names the shell itself: SHELL", func(d difference) bool { return d.step.OwnShell }},
}

// Reasons of several rules.
const (
	inNoImage = "the stage is not the image that users get"
	listed    = "the packages stand in a variable that is put together while the script runs"
)

func notExported(d difference) bool { return !d.graph.Exported(d.step.Stage) }
func notTarget(d difference) bool   { return d.graph.Target != d.step.Stage }

// placeholder reports whether the name of the base image is none.
func placeholder(d difference) bool {
	root := d.step.Stage.Root()
	_, err := images.Parse(root.Base.Text)
	return d.step.Instr.Name == "FROM" && root.Base.Known && err != nil
}

// fromElsewhere reports whether the image is not written in a FROM, but in a variable or behind --from.
func fromElsewhere(d difference) bool {
	return d.step.Instr.Name != "FROM" || strings.Contains(d.step.Instr.Text, "$")
}

// fromImage reports whether the files are those of an image of others: it has a path.
func fromImage(d difference) bool {
	_, from, _ := strings.Cut(d.step.Instr.Text, "--from=")
	return strings.Contains(strings.Fields(from)[0], "/")
}

// runs reports whether a command of a RUN is such as the function says.
func runs(such func(*shell.Command) bool) func(difference) bool {
	return func(d difference) bool {
		return d.step.Instr.Name == "RUN" && slices.ContainsFunc(shell.Commands(d.step.Instr, d.step.Shell), such)
	}
}

// mentions reports whether the instruction has one of the texts.
func mentions(texts ...string) func(difference) bool {
	return func(d difference) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(d.step.Instr.Text, text) })
	}
}

// pipes reports whether all commands of a RUN that stand in front of a pipe are such as the function says.
func pipes(such func(*shell.Command) bool) func(difference) bool {
	return func(d difference) bool {
		list := shell.Commands(d.step.Instr, d.step.Shell)
		for i, c := range list {
			if i+1 < len(list) && c.Pipe != 0 && list[i+1].Pipe == c.Pipe && !such(c) {
				return false
			}
		}
		return true
	}
}

func withoutPackages(c *shell.Command) bool {
	os, ok := c.OSPackages()
	return ok && os.Install && len(os.Packages) == 0
}

// bothInstall reports whether a RUN and the step above it install packages of the system.
func bothInstall(d difference) bool {
	installs := runs(func(c *shell.Command) bool { os, ok := c.OSPackages(); return ok && os.Install })
	above := d
	above.step = d.step.Stage.Steps[d.step.N-1]
	return installs(d) && installs(above)
}

// keepsBoth reports whether the chain installs curl and wget, and removes none of them.
func keepsBoth(s *stages.Stage) bool {
	has := map[string]bool{}
	for _, stage := range s.Chain() {
		for _, step := range stage.Steps {
			if step.Instr.Name != "RUN" {
				continue
			}
			for _, c := range shell.Commands(step.Instr, step.Shell) {
				os, _ := c.OSPackages()
				for _, w := range os.Packages {
					has[w.Text] = has[w.Text] && !os.Remove || os.Install
				}
			}
		}
	}
	return has["curl"] && has["wget"]
}
