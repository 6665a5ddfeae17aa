package images_test

import (
	"strings"
	"testing"

	"layerwise/build/images"
)

// TestEndOf: only what a tag names has an end, and only once it is over. The day that counts is that of the table, so
// that a program gives the same answer each day.
func TestEndOf(t *testing.T) {
	for ref, want := range map[string]string{
		"node:16":                                   "node 16 2023-09-11",
		"node:16.20.2-alpine":                       "node 16 2023-09-11",
		"docker.io/library/node:16":                 "node 16 2023-09-11",
		"node:16@sha256:" + strings.Repeat("a", 64): "node 16 2023-09-11",
		"node:24":                                   "",
		"node":                                      "",
		"node:latest":                               "",
		"node:lts":                                  "",
		"node@sha256:" + strings.Repeat("a", 64):    "",
		"node:$VERSION":                             "",
		"python:3":                                  "", // moves on
		"python:2":                                  "python 2 2020-01-01",
		"python:3.8-slim":                           "python 3.8 2024-10-07",
		"python:3.12-slim-buster":                   "debian 10 2024-06-30, the system",
		"python:3.12-slim-bookworm":                 "", // with the long support that all get
		"debian:buster-slim":                        "debian 10 2024-06-30",
		"debian:10.13":                              "debian 10 2024-06-30",
		"debian:stable":                             "",
		"ubuntu:18.04":                              "ubuntu 18.04 2023-05-31",
		"ubuntu:bionic":                             "ubuntu 18.04 2023-05-31",
		"alpine:3.15":                               "alpine 3.15 2023-11-01",
		"golang:1.20-alpine3.15":                    "golang 1.20 2024-02-06",
		"golang:1.26-alpine3.15":                    "alpine 3.15 2023-11-01, the system",
		"rust:1.70":                                 "", // each release ends within weeks
		"openjdk:8-jdk":                             "openjdk 2022-08, no longer built",
		"openjdk:28-ea-11-windowsservercore":        "", // what comes is still built
		"mcr.microsoft.com/windows/nanoserver:1803":     "mcr.microsoft.com/windows/nanoserver 1803 2019-11-12",
		"mcr.microsoft.com/windows/nanoserver:1809":     "", // the tag is Windows Server 2019's
		"mcr.microsoft.com/windows/servercore:2004":     "mcr.microsoft.com/windows/servercore 2004 2021-12-14",
		"mcr.microsoft.com/windows/servercore:ltsc2019": "",
		"java:8":                              "java 2017-06-08, no longer built",
		"centos:7":                            "centos 2024-07-29, no longer built",
		"postgres:9":                          "postgres 9 2021-11-11", // all of them
		"postgres:9.6":                        "postgres 9.6 2021-11-11",
		"mysql:5.7":                           "mysql 5.7 2023-10-31",
		"gcr.io/distroless/nodejs18-debian12": "gcr.io/distroless/nodejs18-debian12 2026-01",
		"mcr.microsoft.com/dotnet/sdk:6.0":    "mcr.microsoft.com/dotnet/sdk 6 2024-11-12",
		"acme/node:16":                        "",
		"registry.example.com/node:16":        "",
	} {
		e, ok := images.EndOf(ref)
		got := ""
		if ok {
			got = e.Of + " " + e.Day
		}
		if e.Base {
			got += ", the system"
		}
		if e.Built {
			got += ", no longer built"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}
