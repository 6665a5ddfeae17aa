// Package server is the language server: it speaks the language server protocol on one side and
// asks the workspace and the packages of features on the other. Lines, columns and JSON exist here
// only.
//
// One goroutine reads messages and handles them in the order of the wire. Notifications are handled
// on it to the end, and must be quick. A request takes its snapshot on it and then goes on beside
// it, so that an answer always belongs to the state in which the request was sent.
package server

import (
	"context"
	"io"
	"os"
	"reflect"
	"sync"
	"time"

	"layerwise/build/shellcheck"
	"layerwise/workspace"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"
)

// Name is the name of the server, the source of its diagnostics, and its section of the settings.
const Name = "layerwise"

// Server serves one client.
type Server struct {
	conn    jsonrpc2.Conn
	log     *zap.Logger
	version string
	ctx     context.Context // ends with the connection
	session string          // tells the result ids of this process from those of others

	state  state       // changed on the reading goroutine only
	more   func() bool // tells that goroutine whether another message is there
	exited chan int

	client     client // set by initialize, before anything else reads it
	workspace  *workspace.Workspace
	publisher  publisher
	refresher  refresher
	lenses     lensBook
	hints      hintBook
	tokens     tokenBook
	completed  completionBook
	seeker     seeker
	collector  collector
	afterwards afterwards
	survey     survey
	names      symbolBook
	settings   settings

	slots   chan struct{} // bounds the requests that are under way
	answers underWay      // requests and publications
	leaving chan struct{} // closed when the client wants no more answers
	leave   func()        // closes it
}

// state is where the session stands.
type state int

const (
	created state = iota
	initialized
	shutDown
)

// maxRequests is how many requests may be under way. While there are as many, nothing is read, which
// holds back a client that asks faster than it can be answered.
const maxRequests = 32

// drainTime is how long answers under way may take once the client has closed its side.
const drainTime = time.Second

// Run serves the client at in and out until it leaves, and returns the exit code of the process. scripts checks the scripts of
// RUN; nil if nothing does.
func Run(ctx context.Context, in io.ReadCloser, out io.WriteCloser, log *zap.Logger, version string, scripts *shellcheck.Program) (exitCode int) {
	ctx, cancel := context.WithCancel(ctx)
	defer scripts.Close() // nothing of it outlives the session
	defer cancel()
	if log == nil {
		log = zap.NewNop()
	}
	s := &Server{
		log: log, version: version, ctx: ctx,
		session:   time.Now().Format("150405.000000000") + "-",
		exited:    make(chan int, 1),
		workspace: workspace.New(),
		slots:     make(chan struct{}, maxRequests),
	}
	s.leaving = make(chan struct{})
	s.leave = sync.OnceFunc(func() { close(s.leaving) })
	s.workspace.CheckScripts(scripts)
	if log.Core().Enabled(zap.InfoLevel) {
		s.spawn(func(ctx context.Context) { log.Info(scripts.Describe(ctx)) })
	}
	s.collector.start(os.Getenv("GOGC"))
	defer s.collector.stop()
	s.publisher.start(s)
	s.survey.start(s)
	s.settings.told, s.settings.shown = map[string]bool{}, map[string]bool{}
	wire := &wire{in: in, out: out, drain: s.drain}
	wire.filter = newFrameFilter(in, wire.Write)
	wire.filter.idle = s.publisher.flush
	s.more = wire.filter.more
	s.conn = jsonrpc2.NewConn(jsonrpc2.NewStream(wire), jsonrpc2.WithCodec(new(codec)))
	s.conn.Go(ctx, s.handler())

	select {
	case exitCode = <-s.exited:
	case <-s.conn.Done(): // the client closed its side
		log.Debug("connection closed", zap.Error(s.conn.Err()))
	case <-ctx.Done():
	}
	return exitCode
}

// drain waits until what the client asked for is answered, but not long: it may not read any more.
func (s *Server) drain() {
	s.leave()
	s.publisher.flush()
	done := make(chan struct{})
	go func() {
		s.answers.wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(drainTime):
		s.exit(0)
	}
}

// exit ends Run. The first call counts.
func (s *Server) exit(code int) {
	select {
	case s.exited <- code:
	default:
	}
}

// spawn runs fn beside the reading of messages. Its context ends with the connection.
func (s *Server) spawn(fn func(ctx context.Context)) {
	go func() {
		defer s.recovered("background work")
		fn(s.ctx)
	}()
}

// recovered, deferred, keeps a mistake in one piece of work from ending the session.
func (s *Server) recovered(doing string) {
	if r := recover(); r != nil {
		s.log.Error("panic", zap.String("in", doing), zap.Any("value", r), zap.Stack("stack"))
	}
}

// wire is the client's two streams as the JSON-RPC library wants them.
type wire struct {
	in     io.Closer
	filter *frameFilter
	drain  func()     // called at the end of the input, before the library learns of it and stops writing
	mu     sync.Mutex // held while a whole message is written
	out    io.WriteCloser
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.filter.Read(p)
	if err != nil {
		w.drain()
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

func (w *wire) Close() error {
	w.in.Close()
	return w.out.Close()
}

// codec is the protocol's JSON for the parameters and results of messages.
type codec struct {
	lengths sync.Map // reflect.Type of a list → how many bytes the last one took
}

func (c *codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(jsonrpc2.RawMessage); ok {
		return raw, nil
	}
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice && list.Len() > 0 {
		return c.appendEach(list)
	}
	return protocol.Marshal(v)
}

// appendEach writes a list element by element: the library knows how to write the protocol's structures, but a list of
// them it looks at by reflection, which takes twice as long. After a key, the next list is about as long as the last one.
func (c *codec) appendEach(list reflect.Value) (data []byte, err error) {
	if last, ok := c.lengths.Load(list.Type()); ok {
		data = make([]byte, 0, last.(int)+last.(int)/8)
	}
	data = append(data, '[')
	for i := range list.Len() {
		if i > 0 {
			data = append(data, ',')
		}
		if data, err = protocol.AppendMarshal(data, list.Index(i).Addr().Interface()); err != nil {
			return nil, err
		}
	}
	data = append(data, ']')
	c.lengths.Store(list.Type(), len(data))
	return data, nil
}

func (*codec) Unmarshal(data []byte, v any) error {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		*raw = append((*raw)[:0], data...)
		return nil
	}
	return protocol.Unmarshal(data, v)
}
