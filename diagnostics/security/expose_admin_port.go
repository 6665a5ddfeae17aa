package security

import (
	"path/filepath"
	"strconv"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var exposeAdminPort = &diagnostics.Rule{
	Name:       "expose-admin-port",
	Severity:   diagnostics.Warning,
	Production: true,
	Elsewhere:  diagnostics.Elsewhere{Trivy: []string{"DS-0004"}, Checkov: []string{"CKV_DOCKER_1"}, Sonar: []string{"S6473"}},
	Stage: func(p *diagnostics.Pass) {
		seen := p.See(exposeKey{}, seeAdminPorts)
		if len(seen) == 0 || !p.Exported() || isForAdmins(p) {
			return
		}
		for _, s := range seen {
			found, _ := s.What.([]adminPort)
			for _, port := range found {
				p.Report(diagnostics.Finding{
					Step: s.Step, Span: port.span,
					Message: diagnostics.Plain("Port " + strconv.Itoa(port.number) + " is for " + port.what + ", which gives whoever gets in the whole container; use " + words.Code("docker exec") + " to look into it, and expose only what the program serves"),
					Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return dropPort(p, s.Step, port) },
				})
			}
		}
	},
}

// adminPorts are the registered TCP ports of services that give a shell or a screen (IANA's Service Name and Transport
// Protocol Port Number Registry), and Docker's own without TLS.
var adminPorts = map[int]string{22: "SSH", 23: "Telnet", 2375: "Docker without TLS", 3389: "remote desktops", 5900: "VNC"}

type exposeKey struct{}

// adminPort is a word of EXPOSE that holds one.
type adminPort struct {
	span   text.Span
	number int
	what   string
	alone  bool // the EXPOSE names nothing else
	exact  bool // it is not one of a range
}

func seeAdminPorts(s *stages.Step) any {
	if _, ok := s.Instr.Cmd().(*instructions.ExposeCommand); !ok {
		return nil
	}
	var list []adminPort
	for _, w := range s.Instr.Words {
		v := s.Expand(w.Text)
		ports, protocol, _ := strings.Cut(v.Text, "/")
		if !v.Known || protocol != "" && !strings.EqualFold(protocol, "tcp") {
			continue
		}
		ports = ports[strings.LastIndexByte(ports, ':')+1:]
		low, high, ranged := strings.Cut(ports, "-")
		if !ranged {
			high = low
		}
		from, err := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		if err != nil || err2 != nil || to-from > 1000 {
			continue // all that there are, for a program that takes any
		}
		for number := from; number <= to; number++ {
			if what := adminPorts[number]; what != "" {
				list = append(list, adminPort{w.Span, number, what, len(s.Instr.Words) == 1, !ranged})
				break
			}
		}
	}
	if list == nil {
		return nil
	}
	return list
}

// isForAdmins reports whether the image is made to be entered over the network: by what it starts, or by its name.
func isForAdmins(p *diagnostics.Pass) bool {
	for _, word := range startOf(p.SeeChain(userKey{}, seeUser)).argv {
		if entered.MatchString(word) {
			return true
		}
	}
	folder, name := filepath.Split(p.Path())
	return entered.MatchString(p.Stage.Root().Base.Text) || entered.MatchString(p.Stage.Name) || entered.MatchString(name) || entered.MatchString(filepath.Base(folder))
}

// entered matches names of servers that are there to be logged in to, and of what holds them: a git server, a bastion, a
// desktop in a container, Docker in Docker, a host for tests of what logs in.
var entered = lazy.New(`(?i)(ssh|sftp|rsync|(^|[-_./])(git|gitea|gogs|gitlab|gitolite|forgejo|bastion|jump|ansible|dind|dockerd?|moby|swarm)([-_./:0-9]|$)|vnc|desktop|rdp|kasm|telnet|honeypot|supervisord)`)

func dropPort(p *diagnostics.Pass, s *stages.Step, port adminPort) []diagnostics.Fix {
	if port.alone || !port.exact {
		return nil
	}
	change := p.Change()
	change.DropWord(s, port.span)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{Title: "Do not expose " + strconv.Itoa(port.number), Edits: []diagnostics.FileEdit{edit}}}
}
