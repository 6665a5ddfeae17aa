package names

import "testing"

func TestIsDockerfile(t *testing.T) {
	for name, want := range map[string]bool{
		"Dockerfile":              true,
		"a/dockerfile":            true,
		"Containerfile":           true,
		"Dockerfile.prod":         true,
		"api.Dockerfile":          true,
		"api.dockerfile":          true,
		"Dockerfile-fpm":          true,
		"Dockerfile_fpm":          true,
		"api-dockerfile":          true,
		"DemoDockerfile":          true,
		"XDockerfile":             true,
		"DockerfileDemo":          true,
		"Dockerfile2":             true,
		"Containerfile-fpm":       true,
		"Dockerfile.go":           true, // of a Go service
		"dockerfile.go":           false,
		"hubs/dockerfile.ex":      false,
		"dockerfile_test.exs":     false,
		"dockerfile.lua":          false,
		"dockerfile.tf":           false,
		"Dockerfile.j2":           false,
		"Dockerfile.tt":           false,
		"Dockerfile-notes.md":     false,
		"Dockerfile-lint.js":      false,
		"DockerfileParser.java":   false,
		"my-dockerfile-lint.js":   false,
		"mydockerfile":            false,
		"Dockerfiles":             false,
		"dockerfiles":             false,
		"Dockerfile.dockerignore": false,
		"Dockerfile/main.go":      false,
		".dockerignore":           false,
		"Makefile":                false,
	} {
		if got := IsDockerfile(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDoubtful(t *testing.T) {
	for name, want := range map[string]bool{
		"Dockerfile": false, "a/containerfile": false, "api.dockerfile": false, "Dockerfile.txt": true, "dockerfile.orig": true, "DemoDockerfile": true,
		"notes.txt": false, // has a name that says nothing
	} {
		if got := Doubtful(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestHoldsInstructions(t *testing.T) {
	for src, want := range map[string]bool{
		"FROM alpine":                           true,
		"# comment\r\nfrom alpine:3 as x\r\n":   true,
		"from --platform=$BUILDPLATFORM golang": true,
		"from ${BASE}\n":                        true,
		"FRM debian:12\nRUN apt-get update\n":   true, // a mistake that is to be told
		"  COPY a b":                            true,
		"":                                      false,
		"defmodule Dockerfile do\n  def from, do: 1": false,
		"from os import path\nrun = 1\n":             false,
		"from 'x'\nadd(1)\n":                         false,
		"Run the tests first.\nAdd what is missing.": false,
		"FROMAGE":  false,
		"RUNNER x": false,
	} {
		if got := HoldsInstructions(src); got != want {
			t.Errorf("%q: %v", src, got)
		}
	}
}

func TestIsTemplate(t *testing.T) {
	for src, want := range map[string]bool{
		"{{ def x: 1 }}\nFROM alpine\n":                              true,
		"FROM alpine\n{%- if x %}\nRUN a\n{%- endif %}":              true,
		"ARG A=1\nFROM ruby:<%= version %>\n":                        true,
		"ARG A=<%= version %>\nFROM ruby:$A\n":                       true,
		"FROM alpine:%%TAG%%\nRUN a":                                 true,
		"FROM @BASE@":                                                true,
		"FROM alpine":                                                false,
		"FROM alpine\nRUN docker ps --format \\\n  {{.Names}}\n":     false,
		"FROM alpine\nRUN docker ps \\\n# why\n\n  {{.Names}}\n":     false,
		"FROM alpine\nCOPY <<EOF /a.tmpl\n{{ range . }}\nEOF\n":      false,
		"FROM alpine@sha256:abc\nRUN date +%%Y%%m\nENV A={{x}}\n":    false,
		"FROM --platform=$BUILDPLATFORM ${BASE:-alpine}@${SHA} AS a": false,
	} {
		if got := IsTemplate(src); got != want {
			t.Errorf("%q: %v", src, got)
		}
	}
}

func TestDockerfilesForDevelopers(t *testing.T) {
	for file, want := range map[string][2]bool{
		"Dockerfile":                           {false, false},
		"api/Dockerfile.dev":                   {true, false},
		"docker/devenv/Dockerfile":             {true, false},
		"tests/release/centos8/Dockerfile":     {true, false},
		".circleci/images/go/Dockerfile":       {true, false},
		"dev/services/api/Dockerfile":          {false, false}, // "dev" may be a stage of a deployment, with what users get
		"dev/docker/Dockerfile":                {true, false},
		"services/docker/Dockerfile":           {false, false},
		".gitpod.Dockerfile":                   {true, false},
		"docker/gitpod/Dockerfile":             {true, false},
		"Dockerfile.tilt":                      {true, false},
		"workstation/install/Dockerfile":       {true, false},
		"playwright/compose/app/Dockerfile":    {true, false},
		"tilted/Dockerfile":                    {false, false},
		"contest/Dockerfile":                   {false, false},
		"integrations/slack/Dockerfile":        {false, false},
		"Dockerfile.integration":               {true, false},
		"parser/testfiles-negative/Dockerfile": {false, true},
		"build/testdata/x/Dockerfile":          {false, true},
		"fixtures.Dockerfile":                  {false, false},
	} {
		if got := [2]bool{DockerfileForDevelopers(file), IsTestData(file)}; got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}

func TestIsCompose(t *testing.T) {
	for name, want := range map[string]bool{
		"compose.yaml": true, "compose.yml": true, "docker-compose.yml": true, "a/docker-compose.test.yml": true,
		"compose-dev.yaml": true, "compose.override.yml": true, "docker-compose.json": false, "composer.yaml": false, "my-compose.yml": false,
	} {
		if got := IsCompose(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestStagesForDevelopers(t *testing.T) {
	for name, want := range map[string][2]bool{ // as a script or service, as a stage
		"":                  {false, false},
		"dev":               {true, true},
		"API_Dev":           {true, true},
		"dev2":              {true, true},
		"node:22-devel":     {true, true},
		"e2e":               {true, true},
		"unit-tests":        {true, true},
		"ci":                {false, true},
		"lint.go":           {false, true},
		"latest":            {false, false},
		"devices":           {false, false},
		"mydev":             {false, false},
		"contest-test-data": {true, true},
		"specific":          {false, false},
	} {
		if got := [2]bool{ForDevelopers(name), StageForDevelopers(name)}; got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
