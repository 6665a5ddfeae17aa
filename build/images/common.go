package images

import "strings"

// Common is an image on which many Dockerfiles build.
type Common struct {
	Name string   // as people write it
	Doc  string   // what it is for
	Tags []string // some that are maintained, in the order in which they are likely: with long support first
}

// CommonAsOf is the day of the table of common images.
const CommonAsOf = "2026-08-22"

// CommonImages are those that are common, the most common ones first. Their tags are of versions that are maintained on the
// day of the table. Source: endoflife.date, and the repositories of the images.
var CommonImages = []Common{
	{"node", "JavaScript: Node.js, npm and yarn", tags("24 26 22", "-slim", "-alpine", "")},
	{"python", "Python and pip", tags("3.14 3.13 3.12", "-slim", "-alpine", "")},
	{"golang", "Go: the compiler; what it builds needs nothing of this image", tags("1.27 1.26", "", "-alpine")},
	{"alpine", "a small Linux with apk, and musl in place of glibc", tags("3.24 3.23 3.22", "")},
	{"debian", "Linux with apt", tags("trixie bookworm", "-slim", "")},
	{"ubuntu", "Linux with apt", tags("26.04 24.04 22.04", "")},
	{"eclipse-temurin", "Java: the JDK, or only what runs programs (jre)", tags("25 21 17", "-jre", "-jdk", "-jre-alpine")},
	{"rust", "Rust: the compiler and cargo", tags("1", "-slim", "-alpine", "")},
	{"nginx", "a web server", tags("1.30 1.31", "-alpine", "")},
	{"php", "PHP, on the command line, with Apache or with FPM", tags("8.5 8.4 8.3", "-fpm", "-cli", "-apache", "-fpm-alpine")},
	{"ruby", "Ruby, gem and bundler", tags("4.0 3.4 3.3", "-slim", "-alpine", "")},
	{"mcr.microsoft.com/dotnet/sdk", ".NET: what builds programs", tags("10.0", "", "-alpine")},
	{"mcr.microsoft.com/dotnet/aspnet", ".NET: what runs web programs", tags("10.0", "", "-alpine", "-noble-chiseled")},
	{"mcr.microsoft.com/dotnet/runtime", ".NET: what runs programs", tags("10.0", "", "-alpine", "-noble-chiseled")},
	{"maven", "Java: Maven with a JDK", tags("3", "-eclipse-temurin-25", "-eclipse-temurin-21", "-eclipse-temurin-17")},
	{"gradle", "Java: Gradle with a JDK", tags("9 8", "-jdk25", "-jdk21", "-jdk17")},
	{"gcr.io/distroless/static-debian13", "nothing but certificates, time zones and a user; for programs that need no library", tags("nonroot latest debug", "")},
	{"gcr.io/distroless/base-debian13", "glibc and OpenSSL, no shell", tags("nonroot latest debug", "")},
	{"gcr.io/distroless/nodejs24-debian13", "Node.js, no shell", tags("nonroot latest debug", "")},
	{"gcr.io/distroless/java21-debian13", "Java, no shell", tags("nonroot latest debug", "")},
	{"gcr.io/distroless/python3-debian13", "Python, no shell", tags("nonroot latest debug", "")},
	{"busybox", "the smallest tools of a system", tags("stable latest", "-glibc", "-musl", "")},
	{"postgres", "a database", tags("18 17 16", "-alpine", "")},
	{"redis", "a store in memory", tags("8", "-alpine", "")},
	{"mysql", "a database", tags("8.4 9.7", "")},
	{"mariadb", "a database", tags("11.8 12.3 11.4", "")},
	{"mongo", "a database", tags("8.0 7.0", "")},
	{"httpd", "the Apache web server", tags("2.4", "", "-alpine")},
	{"caddy", "a web server", tags("2", "-alpine", "")},
	{"ghcr.io/astral-sh/uv", "uv, for COPY --from", tags("latest python3.13-bookworm-slim", "")},
	{"oven/bun", "JavaScript: Bun", tags("1", "", "-slim", "-alpine")},
	{"denoland/deno", "JavaScript: Deno", tags("2.9.0 alpine debian", "")},
	{"composer", "PHP's package manager, for COPY --from", tags("2", "")},
	{"elixir", "Elixir and mix", tags("1.20 1.19 1.18", "-slim", "-alpine", "")},
	{"erlang", "Erlang", tags("29 28 27", "-slim", "-alpine", "")},
	{"amazoncorretto", "Java: Amazon's JDK", tags("25 21 17", "", "-alpine")},
	{"amazonlinux", "Linux with dnf", tags("2023", "")},
	{"fedora", "Linux with dnf", tags("44 43", "")},
	{"almalinux", "Linux like RHEL, with dnf", tags("10 9 8", "", "-minimal")},
	{"rockylinux", "Linux like RHEL, with dnf", tags("9", "", "-minimal")},
	{"registry.access.redhat.com/ubi9", "Red Hat's Linux with dnf", tags("latest", "")},
	{"registry.access.redhat.com/ubi9-minimal", "Red Hat's Linux with microdnf", tags("latest", "")},
	{"public.ecr.aws/lambda/python", "Python for AWS Lambda", tags("3.14 3.13 3.12", "")},
	{"public.ecr.aws/lambda/nodejs", "Node.js for AWS Lambda", tags("24 22", "")},
	{"swift", "Swift: the compiler, or only what runs programs (slim)", tags("6.2", "", "-slim")},
	{"dart", "Dart: the compiler", tags("stable", "")},
	{"perl", "Perl", tags("5.44 5.42", "-slim", "")},
	{"gcc", "C and C++", tags("15 14", "")},
	{"julia", "Julia", tags("1.12 1.10", "")},
	{"docker", "the docker command, and the daemon (dind)", tags("29", "-cli", "-dind", "")},
	{"hashicorp/terraform", "Terraform", tags("1.15 1.14", "")},
	{"grafana/grafana", "dashboards", nil},
	{"rabbitmq", "a message broker", tags("4.3", "-management", "-alpine", "")},
	{"memcached", "a cache in memory", tags("1.6", "-alpine", "")},
	{"elasticsearch", "a search engine", tags("9.5.0 8.19.0", "")},
	{"nvidia/cuda", "CUDA: drivers' libraries, on Ubuntu", nil},
	{"condaforge/miniforge3", "Python: conda and mamba", tags("latest", "")},
	{"continuumio/miniconda3", "Python: conda", tags("latest", "")},
	{"scratch", "no files at all", nil},
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
