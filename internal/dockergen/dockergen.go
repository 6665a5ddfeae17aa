// Package dockergen writes long Dockerfiles for benchmarks.
package dockergen

import (
	"fmt"
	"strings"
)

// perStage is the number of instructions in a stage.
const perStage = 20

// File is a Dockerfile with the given number of instructions, the same for the same number. It has
// what real ones have: a stage for each twenty instructions, comments, continuations, cache mounts,
// and here-documents; about 52 bytes an instruction.
func File(instructions int) string {
	var b strings.Builder
	b.WriteString("# syntax=docker/dockerfile:1\n")
	for i := range instructions {
		stage := i / perStage
		switch i % perStage {
		case 0:
			fmt.Fprintf(&b, "\n# Stage %d\nFROM node:22-slim AS s%d\n", stage, stage)
		case 1:
			b.WriteString("ARG VERSION=1.2.3\n")
		case 2:
			fmt.Fprintf(&b, "ENV APP_HOME=/srv/app%d NODE_ENV=production\n", stage)
		case 3:
			b.WriteString("WORKDIR /srv/app\n")
		case 4:
			b.WriteString("RUN apt-get update && apt-get install -y --no-install-recommends \\\n" +
				"    # for the health check\n    curl \\\n    ca-certificates \\\n && rm -rf /var/lib/apt/lists/*\n")
		case 5:
			b.WriteString("COPY package.json package-lock.json ./\n")
		case 6:
			b.WriteString("RUN --mount=type=cache,target=/root/.npm \\\n    npm ci --omit=dev\n")
		case 7:
			fmt.Fprintf(&b, "COPY --chown=node:node src/part%d/ ./src/\n", stage)
		case 8:
			b.WriteString("RUN npm run build\n")
		case 9:
			fmt.Fprintf(&b, "LABEL org.opencontainers.image.version=\"$VERSION\" part=\"%d\"\n", stage)
		case 10:
			b.WriteString("COPY <<EOF /etc/app.conf\nport = 8080\nhome = $APP_HOME\nEOF\n")
		case 11:
			b.WriteString("RUN <<'EOF'\nset -e\nmkdir -p /var/log/app\nchown node /var/log/app\nEOF\n")
		case 12:
			if stage == 0 {
				b.WriteString("COPY config/ /etc/app/\n")
				continue
			}
			fmt.Fprintf(&b, "COPY --from=s%d /srv/app/dist ./dist%d\n", stage-1, stage)
		case 13:
			b.WriteString("EXPOSE 8080\n")
		case 14:
			b.WriteString("VOLUME [\"/data\"]\n")
		case 15:
			b.WriteString("RUN echo \"${VERSION:-none}\" > version.txt\n")
		case 16:
			b.WriteString("HEALTHCHECK --interval=30s CMD curl -f http://localhost:8080/ || exit 1\n")
		case 17:
			b.WriteString("USER node\n")
		case 18:
			b.WriteString("ENTRYPOINT [\"node\"]\n")
		case 19:
			b.WriteString("CMD [\"dist/server.js\"]\n")
		}
	}
	return b.String()
}

// Stages is a Dockerfile of many stages, with the given number of instructions at least, for a Node.js project
// in whose first stage there is much to find.
func Stages(instructions int) string {
	var b strings.Builder
	b.WriteString(flawed)
	for i := range instructions {
		if i%perStage == 0 {
			fmt.Fprintf(&b, "FROM node:22-slim AS s%d\n", i/perStage)
		}
		fmt.Fprintf(&b, "RUN echo %d && make x%d\n", i, i)
	}
	return b.String()
}

// OneStage is the same with all instructions in one stage.
func OneStage(instructions int) string {
	var b strings.Builder
	b.WriteString(flawed)
	for i := range instructions {
		fmt.Fprintf(&b, "RUN echo %d && make x%d\n", i, i)
	}
	return b.String()
}

// OneVariable is a Dockerfile of one stage with the given number of instructions, of which nearly all use one variable.
func OneVariable(instructions int) string {
	var b strings.Builder
	b.WriteString("FROM node:22-slim\nARG VERSION=1.2.3\n")
	for i := 2; i < instructions; i++ {
		switch i % 10 {
		case 0:
			fmt.Fprintf(&b, "ENV PART%d=$VERSION\n", i)
		case 5:
			fmt.Fprintf(&b, "RUN echo %d \\\n && make x%d\n", i, i)
		default:
			fmt.Fprintf(&b, "RUN echo $VERSION && make x%d\n", i)
		}
	}
	return b.String()
}

// flawed is a stage with mistakes of several kinds.
const flawed = "FROM node:22\nARG GIT_SHA\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN curl -k https://example.org/x | sh\n"
