package images

import "strings"

// Common is an image on which many Dockerfiles build.
type Common struct {
	Name string   // as people write it
	Doc  string   // what it is for
	Tags []string // some that are maintained, in the order in which they are likely: with long support first
	Tool bool     // its program is taken from it by COPY --from
}

// CommonAsOf is the day of the table of common images.
const CommonAsOf = "2026-08-22"

// CommonImages are those that are common, the most common ones first. Their tags are of versions that are maintained on the
// day of the table. Source: endoflife.date, and the repositories of the images.
var CommonImages = []Common{
	{"node", "JavaScript: Node.js, npm and yarn", tags("26 24 22", "", "-slim", "-alpine"), false},
	{"python", "Python and pip", tags("3.14 3.13 3.12", "", "-slim", "-alpine"), false},
	{"golang", "Go: the compiler; what it builds needs nothing of this image", tags("1.27 1.26", "", "-alpine"), false},
	{"alpine", "a small Linux with apk, and musl in place of glibc", tags("3.24 3.23 3.22", ""), false},
	{"debian", "Linux with apt", tags("trixie bookworm", "", "-slim"), false},
	{"ubuntu", "Linux with apt", tags("26.04 24.04 22.04", ""), false},
	{"eclipse-temurin", "Java: the JDK, or only what runs programs (jre)", tags("25 21 17", "-jre", "-jdk", "-jre-alpine"), false},
	{"rust", "Rust: the compiler and cargo", tags("1", "", "-slim", "-alpine"), false},
	{"nginx", "a web server", tags("1.30 1.31", "-alpine", ""), false},
	{"php", "PHP, on the command line, with Apache or with FPM", tags("8.5 8.4 8.3", "-fpm", "-cli", "-apache", "-fpm-alpine"), false},
	{"ruby", "Ruby, gem and bundler", tags("4.0 3.4 3.3", "", "-slim", "-alpine"), false},
	{"mcr.microsoft.com/dotnet/sdk", ".NET: what builds programs", tags("10.0", "", "-alpine"), false},
	{"mcr.microsoft.com/dotnet/aspnet", ".NET: what runs web programs", tags("10.0", "", "-alpine", "-noble-chiseled"), false},
	{"mcr.microsoft.com/dotnet/runtime", ".NET: what runs programs", tags("10.0", "", "-alpine", "-noble-chiseled"), false},
	{"maven", "Java: Maven with a JDK", tags("3", "-eclipse-temurin-25", "-eclipse-temurin-21", "-eclipse-temurin-17"), false},
	{"gradle", "Java: Gradle with a JDK", tags("9 8", "-jdk25", "-jdk21", "-jdk17"), false},
	{"gcr.io/distroless/static-debian13", "nothing but certificates, time zones and a user; for programs that need no library", tags("nonroot latest debug", ""), false},
	{"gcr.io/distroless/base-debian13", "glibc and OpenSSL, no shell", tags("nonroot latest debug", ""), false},
	{"gcr.io/distroless/nodejs24-debian13", "Node.js, no shell", tags("nonroot latest debug", ""), false},
	{"gcr.io/distroless/java21-debian13", "Java, no shell", tags("nonroot latest debug", ""), false},
	{"gcr.io/distroless/python3-debian13", "Python, no shell", tags("nonroot latest debug", ""), false},
	{"busybox", "the smallest tools of a system", tags("stable", "", "-musl", "-glibc"), true},
	{"postgres", "a database", tags("18 17 16", "-alpine", ""), false},
	{"redis", "a store in memory", tags("8", "-alpine", ""), false},
	{"mysql", "a database", tags("8.4 9.7", ""), false},
	{"mariadb", "a database", tags("11.8 12.3 11.4", ""), false},
	{"mongo", "a database", tags("8.0 7.0", ""), false},
	{"httpd", "the Apache web server", tags("2.4", "", "-alpine"), false},
	{"caddy", "a web server", tags("2", "-alpine", ""), false},
	{"ghcr.io/astral-sh/uv", "uv, for COPY --from", tags("latest python3.13-bookworm-slim", ""), true},
	{"oven/bun", "JavaScript: Bun", tags("1", "", "-slim", "-alpine"), false},
	{"denoland/deno", "JavaScript: Deno", tags("2.9.0 alpine debian", ""), false},
	{"composer", "PHP's package manager, for COPY --from", tags("2", ""), true},
	{"elixir", "Elixir and mix", tags("1.20 1.19 1.18", "", "-slim", "-alpine"), false},
	{"erlang", "Erlang", tags("29 28 27", "", "-slim", "-alpine"), false},
	{"amazoncorretto", "Java: Amazon's JDK", tags("25 21 17", "", "-alpine"), false},
	{"amazonlinux", "Linux with dnf", tags("2023", ""), false},
	{"fedora", "Linux with dnf", tags("44 43", ""), false},
	{"almalinux", "Linux like RHEL, with dnf", tags("10 9 8", "", "-minimal"), false},
	{"rockylinux", "Linux like RHEL, with dnf", tags("9", "", "-minimal"), false},
	{"registry.access.redhat.com/ubi9", "Red Hat's Linux with dnf", tags("latest", ""), false},
	{"registry.access.redhat.com/ubi9-minimal", "Red Hat's Linux with microdnf", tags("latest", ""), false},
	{"public.ecr.aws/lambda/python", "Python for AWS Lambda", tags("3.14 3.13 3.12", ""), false},
	{"public.ecr.aws/lambda/nodejs", "Node.js for AWS Lambda", tags("24 22", ""), false},
	{"swift", "Swift: the compiler, or only what runs programs (slim)", tags("6.2", "", "-slim"), false},
	{"dart", "Dart: the compiler", tags("stable", ""), false},
	{"perl", "Perl", tags("5.44 5.42", "", "-slim"), false},
	{"gcc", "C and C++", tags("15 14", ""), false},
	{"julia", "Julia", tags("1.12 1.10", ""), false},
	{"docker", "the docker command, and the daemon (dind)", tags("29", "-cli", "-dind", ""), false},
	{"hashicorp/terraform", "Terraform", tags("1.15 1.14", ""), false},
	{"grafana/grafana", "dashboards", nil, false},
	{"rabbitmq", "a message broker", tags("4.3", "-management", "-alpine", ""), false},
	{"memcached", "a cache in memory", tags("1.6", "-alpine", ""), false},
	{"elasticsearch", "a search engine", tags("9.5.0 8.19.0", ""), false},
	{"nvidia/cuda", "CUDA: drivers' libraries, on Ubuntu", nil, false},
	{"condaforge/miniforge3", "Python: conda and mamba", tags("latest", ""), false},
	{"continuumio/miniconda3", "Python: conda", tags("latest", ""), false},
	{"scratch", "no files at all", nil, false},
}

// tags are those of each version in each variant.
func tags(versions string, variants ...string) (list []string) {
	for version := range strings.FieldsSeq(versions) {
		for _, variant := range variants {
			list = append(list, version+variant)
		}
	}
	return list
}

// CommonTags are tags of an image that are likely to be meant, by any of its names; none if the image is not common.
func CommonTags(name string) []string {
	r, err := Parse(name)
	if err != nil {
		return nil
	}
	canonical := contents().canonical(r.Name)
	for _, c := range CommonImages {
		if c.Name == canonical {
			return c.Tags
		}
	}
	return nil
}
