package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/cli"
	"layerwise/diagnostics"
	"layerwise/server"

	"go.uber.org/zap"
)

// TestSameFindings checks that an editor shows what the command line prints, at the same places.
func TestSameFindings(t *testing.T) {
	for name, src := range map[string]string{
		"quick-start": "",
		"many":        "FROM python\nMAINTAINER mé 🐳\nARG GIT_SHA\nRUN apt-get update\nRUN apt-get install -y x\nCOPY . .\nRUN pip install -r requirements.txt\nCOYP a\nCOPY --chwon=1 a b\nUSER root\nCMD [\"x\"]\n",
		"CRLF":        "FROM python:latest\r\nCOPY . .\r\nRUN pip install -r requirements.txt\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("docs/quickstart")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "Dockerfile")
			if src != "" {
				if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			printed, shown := onCommandLine(t, path), inEditor(t, path)
			if len(printed) == 0 || !slices.Equal(printed, shown) {
				t.Errorf("command line:\n%s\neditor:\n%s", strings.Join(printed, "\n"), strings.Join(shown, "\n"))
			}
		})
	}
}

func onCommandLine(t *testing.T, path string) (list []string) {
	var out bytes.Buffer
	opts := cli.Options{Paths: []string{path}, Format: "json", Color: "never", FailLevel: diagnostics.Warning}
	cli.Check(context.Background(), opts, cli.Streams{Out: &out, Err: io.Discard})
	type position struct{ Line, Column int }
	var report struct {
		Files []struct {
			Diagnostics []struct {
				Rule, Severity, Message string
				Range                   struct{ Start, End position }
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	for _, d := range report.Files[0].Diagnostics {
		list = append(list, fmt.Sprintf("%d:%d-%d:%d %s %s: %s", d.Range.Start.Line, d.Range.Start.Column,
			d.Range.End.Line, d.Range.End.Column, d.Severity, d.Rule, d.Message))
	}
	slices.Sort(list)
	return list
}

// inEditor opens the file as an editor does and returns what is published for it.
func inEditor(t *testing.T, path string) (list []string) {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- server.Run(context.Background(), toServer, fromServer, zap.NewNop(), "test", nil) }()
	uri := (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	send := func(message string) {
		if _, err := fmt.Fprintf(fromClient, "Content-Length: %d\r\n\r\n%s", len(message), message); err != nil {
			t.Error(err)
		}
	}
	text, _ := json.Marshal(string(src))
	go func() {
		send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`)
		send(`{"jsonrpc":"2.0","method":"initialized","params":{}}`)
		send(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":%q,"languageId":"dockerfile","version":1,"text":%s}}}`, uri, text))
	}()
	list = published(t, bufio.NewReader(toClient))
	go func() { _, _ = io.Copy(io.Discard, toClient) }()
	fromClient.Close()
	<-ended
	return list
}

// published reads messages up to the first that publishes diagnostics.
func published(t *testing.T, in *bufio.Reader) (list []string) {
	type position struct{ Line, Character int }
	for {
		length := 0
		for {
			header, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if header = strings.TrimSpace(header); header == "" {
				break
			}
			if n, ok := strings.CutPrefix(header, "Content-Length: "); ok {
				length, _ = strconv.Atoi(n)
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			t.Fatal(err)
		}
		var m struct {
			Method string
			Params struct {
				Diagnostics []struct {
					Range         struct{ Start, End position }
					Severity      int
					Code, Message string
				}
			}
		}
		if err := json.Unmarshal(body, &m); err != nil || m.Method != "textDocument/publishDiagnostics" {
			continue
		}
		for _, d := range m.Params.Diagnostics {
			severity := []string{"", "error", "warning", "info", "hint"}[d.Severity]
			list = append(list, fmt.Sprintf("%d:%d-%d:%d %s %s: %s", d.Range.Start.Line+1, d.Range.Start.Character+1,
				d.Range.End.Line+1, d.Range.End.Character+1, severity, d.Code, d.Message))
		}
		slices.Sort(list)
		return list
	}
}
