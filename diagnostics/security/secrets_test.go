package security_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"layerwise/diagnostics"
	"layerwise/diagnostics/security"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// findings are the messages of the family about a file.
func findings(file string) (messages []string) {
	g := stages.Resolve(syntax.Parse(file), stages.Args{}, nil)
	in := diagnostics.Input{Rules: security.Rules, Graph: g}
	for _, d := range diagnostics.Run(context.Background(), in, nil).Diagnostics {
		if strings.HasPrefix(d.Rule.Name, "secret-") {
			messages = append(messages, d.Message)
		}
	}
	return messages
}

// all are the messages of all rules about a file.
func all(file string) (messages []string) {
	in := diagnostics.Input{Rules: security.Rules, Graph: stages.Resolve(syntax.Parse(file), stages.Args{}, nil)}
	for _, d := range diagnostics.Run(context.Background(), in, nil).Diagnostics {
		messages = append(messages, d.Message)
	}
	return messages
}

// random is a text of n letters and digits such as tokens are made of. The tokens of these tests are put together from
// parts, so that no scanner takes them for real ones.
func random(n int) string {
	return strings.Repeat("a8f3kd92mz81qpxoTr0ub4dorXyZ", n/28+1)[:n]
}

func hex(n int) string { return strings.Repeat("a8f3cd92eb81", n/12+1)[:n] }

// TestTokens holds that tokens of documented shapes are told under any name, and no message repeats one.
func TestTokens(t *testing.T) {
	for what, value := range map[string]string{
		"a GitHub token":                   "ghs" + "_" + random(36),
		"a GitLab token":                   "glpat" + "-" + random(20),
		"an AWS access key":                "ASIA" + "Q3EGW7TTB5KYZ2ND",
		"a Slack token":                    "xoxb" + "-123456789012-" + random(24),
		"the address of a Slack webhook":   "https://hooks.slack" + ".com/services/T01ABCDEF/B01ABCDEF/" + random(24),
		"a Stripe key":                     "rk" + "_live_" + random(24),
		"an npm token":                     "npm" + "_" + random(36),
		"a PyPI token":                     "pypi" + "-AgEIcHlwaS5vcmc" + random(60),
		"a RubyGems key":                   "rubygems" + "_" + hex(48),
		"a Google API key":                 "AIza" + random(35),
		"a Google client secret":           "GOCSPX" + "-" + random(28),
		"a SendGrid key":                   "SG" + "." + random(22) + "." + random(43),
		"a Docker Hub token":               "dckr" + "_pat_" + random(27),
		"a Hugging Face token":             "hf" + "_abcdefghijklmnopqrstuvwxyzABCDEFGH",
		"a DigitalOcean token":             "dop" + "_v1_" + hex(64),
		"a Vault token":                    "hvs" + "." + random(24),
		"a Shopify token":                  "shpat" + "_" + hex(32),
		"an API key":                       "sk" + "-ant-" + random(40),
		"a Grafana token":                  "glsa" + "_" + random(32) + "_" + hex(8),
		"a Sentry token":                   "sntrys" + "_eyJpYXQi" + random(60),
		"an Atlassian token":               "ATATT3" + random(180) + "=" + "4F0C2A91",
		"a New Relic key":                  "NRAK" + "-" + strings.ToUpper(random(27)),
		"a Pulumi token":                   "pul" + "-" + hex(40),
		"a Terraform token":                random(14) + ".atlasv1" + "." + random(67),
		"a Databricks token":               "dapi" + hex(32),
		"a Doppler token":                  "dp" + ".pt." + random(43),
		"a Heroku key":                     "HRKU" + "-" + random(36),
		"a Fly.io token":                   "fm2" + "_" + random(80),
		"a Linear key":                     "lin" + "_api_" + random(40),
		"a Figma token":                    "figd" + "_" + random(40),
		"a Postman key":                    "PMAK" + "-" + hex(24) + "-" + hex(34),
		"a Square secret":                  "sq0csp" + "-" + random(43),
		"a Telegram bot token":             "123456789" + ":AA" + random(33),
		"the address of a Discord webhook": "https://discord" + ".com/api/webhooks/123456789012345678/" + random(68),
		"an age key":                       "AGE-SECRET" + "-KEY-1" + strings.Repeat("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 2)[:58],
		"an Azure account key":             "DefaultEndpointsProtocol=https;AccountKey=" + random(86) + "==",
		"a token in a URL":                 "https://" + random(28) + "@git.acme.dev/x/y.git",
		"a private key":                    "-----BEGIN RSA " + "PRIVATE KEY----- " + random(40),
	} {
		for _, line := range []string{"ENV A='" + value + "'", "ARG A='" + value + "'", "ENV A='x " + value + "'",
			"LABEL a='" + value + "'", "RUN ./a '" + value + "'", "CMD [\"a\", \"" + value + "\"]", "RUN <<EOF\na " + value + "\nEOF", "COPY <<EOF /a\na=" + value + "\nEOF"} {
			got := findings("FROM debian:12\n" + line + "\n")
			if len(got) != 1 || !strings.Contains(got[0], what) {
				t.Errorf("%s: %s: %q", what, line, got)
			}
			if slices.ContainsFunc(got, func(m string) bool { return strings.Contains(m, value) }) {
				t.Errorf("%s: the message repeats the value: %q", what, got)
			}
		}
		if got := findings("FROM debian:12\nENV A='z" + strings.ToLower(value[1:len(value)/2]) + "'\n"); len(got) > 0 && what != "an Azure account key" {
			t.Errorf("half of %s: %q", what, got)
		}
	}
}

// TestMessagesKeepValues holds that no message repeats the value that it is about.
func TestMessagesKeepValues(t *testing.T) {
	const secret = "Tr0ub4dor8f3k"
	for _, line := range []string{
		"ENV DB_PASSWORD=" + secret, "ARG DB_PASSWORD=" + secret, "ENV DB_PASSWORD " + secret, "ENV A=b DB_PASSWORD='" + secret + "'",
		"ENV A=postgres://app:" + secret + "@db/app", "ARG A=postgres://app:" + secret + "@db/app", "ARG B=" + secret + "\nENV API_TOKEN=$B",
		"ENV A='Server=db;User=sa;Password=" + secret + ";'", "LABEL a=https://app:" + secret + "@x.dev/",
		"RUN curl -u app:" + secret + " https://x.dev/a -o a", "RUN docker login -u app -p " + secret, "RUN npm config set //x.dev/:_authToken=" + secret,
		"RUN git clone https://app:" + secret + "@x.dev/a", "RUN export DB_PASSWORD=x8" + secret + "Qm", "RUN curl http://app:" + secret + "@x.dev/a | tar x",
		"RUN curl https://app:" + secret + "@x.dev/a | tar x", "RUN echo app:" + secret + " | chpasswd", "RUN usermod -p " + secret + " app", "RUN wget --password " + secret + " http://x.dev/a",
		"ENV VITE_DB_PASSWORD=" + secret, "RUN pip install --trusted-host x.dev -i https://app:" + secret + "@x.dev/simple a",
	} {
		got := all("FROM debian:12\n" + line + "\n")
		if len(got) == 0 {
			t.Errorf("%s: no finding", line)
		}
		for _, m := range got {
			if strings.Contains(m, secret) {
				t.Errorf("%s: the message repeats the value: %s", line, m)
			}
		}
	}
}
