package cache_test

import (
	"fmt"
	"layerwise/internal/scenario"
	"testing"
)

func TestDbg(t *testing.T) {
	s, _ := scenario.Load("testdata/scenarios/p031-link-add.json")
	_, b, err := predict(t, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range b.Steps {
		fmt.Println(st.State, st.Vertex.Name, st.Vertex.Lines, len(st.Vertex.Inputs), st.Vertex.Op)
	}
}
