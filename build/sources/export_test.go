package sources

import "testing"

func TestExport(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   Export
	}{
		{nil, ExportNone},
		{[]string{""}, ExportNone},
		{[]string{"type=gha"}, ExportResult},
		{[]string{"type=registry,ref=a/b:cache"}, ExportResult},
		{[]string{"a/b:cache"}, ExportResult},
		{[]string{"a/b:" + unknown}, ExportResult},
		{[]string{"type=gha,mode=min"}, ExportResult},
		{[]string{"type=gha,mode=max"}, ExportAll},
		{[]string{"type=gha, mode=max"}, ExportAll},
		{[]string{"mode=max,type=local,dest=x"}, ExportAll},
		{[]string{"type=inline"}, ExportInline},
		{[]string{"type=inline", "type=gha,mode=max"}, ExportAll},
		{[]string{"type=inline", "type=gha"}, ExportResult},
		{[]string{"type=gha,scope=" + unknown}, ExportResult},
		{[]string{"type=gha,mode=" + unknown}, ExportNone},
		{[]string{"type=" + unknown}, ExportNone},
		{[]string{"type=gha," + unknown}, ExportNone},
		{[]string{unknown}, ExportNone},
		{[]string{unknown, "type=gha"}, ExportNone},
		{[]string{unknown, "type=gha,mode=max"}, ExportAll},
	} {
		if got := exportOf(c.values); got != c.want {
			t.Errorf("%q: %q, want %q", c.values, got, c.want)
		}
	}
}
