package server

import (
	"bytes"
	"encoding/json"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// decodeInitialize reads the parameters of initialize. A client that gives a capability another type than the protocol has
// for it, as a limit that is a text, could not start at all: what does not fit is left out, the smallest part that does it.
// raw are the parameters that were read.
func decodeInitialize(req *jsonrpc2.Request) (params *protocol.InitializeParams, raw json.RawMessage, err error) {
	raw = json.RawMessage(req.Params())
	if params, err = decode[protocol.InitializeParams](req); err == nil {
		return params, raw, nil
	}
	var all map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&all) != nil {
		return nil, nil, err
	}
	fits := func(v any) bool {
		text, err := json.Marshal(v)
		return err == nil && protocol.Unmarshal(text, new(protocol.InitializeParams)) == nil
	}
	rest, _ := fitting(all, func(v any) any { return v }, fits)
	text, failed := json.Marshal(rest)
	params = new(protocol.InitializeParams)
	if failed != nil || protocol.Unmarshal(text, params) != nil {
		return nil, nil, err
	}
	return params, text, nil
}

// fitting is a value without those parts that do not fit by themselves. around puts a part where it stands in the whole,
// and fits judges that. ok is false if nothing of the value fits.
func fitting(v any, around func(any) any, fits func(any) bool) (rest any, ok bool) {
	if fits(around(v)) {
		return v, true
	}
	switch v := v.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, part := range v {
			if part, ok := fitting(part, func(part any) any { return around(map[string]any{key: part}) }, fits); ok {
				kept[key] = part
			}
		}
		return kept, fits(around(kept))
	case []any:
		kept := []any{}
		for _, part := range v {
			if part, ok := fitting(part, func(part any) any { return around([]any{part}) }, fits); ok {
				kept = append(kept, part)
			}
		}
		return kept, fits(around(kept))
	}
	return nil, false
}
