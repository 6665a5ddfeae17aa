package buildlog

import "testing"

func TestAlike(t *testing.T) {
	for _, test := range []struct {
		written, told string
		want          int
	}{
		{"RUN make all", "RUN make all", same},
		{"RUN make all", "RUN make", 0},
		{"WORKDIR $DIR", "WORKDIR /app", possible},
		{"WORKDIR $DIR", "WORKDIR ", possible}, // the value is empty
		{"COPY $A ./", "COPY  ./", possible},
		{"COPY a.txt ${TO:-/x}/", "COPY a.txt /x/", possible},
		{"COPY a.txt ${TO:-/x}/", "COPY b.txt /x/", 0},
		{"COPY <<EOF /a", "COPY <<EOF (hello) /a", 0},
	} {
		if got := alike(test.written, test.told, false); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.written, test.told, got, test.want)
		}
	}
}
