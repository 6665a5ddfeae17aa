package cli

import "context"

// ahead is how many files for each job may be done before the first one in order is.
const ahead = 64

// checkAll checks the targets in parallel and yields their results in order.
func (r *runner) checkAll(ctx context.Context, targets []target) func(yield func(*result) bool) {
	type slot struct {
		target
		done chan *result
	}
	return func(yield func(*result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		work := make(chan slot)
		order := make(chan slot, r.Jobs*ahead)
		go func() {
			defer close(work)
			defer close(order)
			for _, t := range targets {
				s := slot{t, make(chan *result, 1)}
				select {
				case order <- s:
				case <-ctx.Done():
					return
				}
				work <- s
			}
		}()
		ended := make(chan struct{})
		for range r.Jobs {
			go func() {
				for s := range work {
					s.done <- r.check(ctx, s.target)
				}
				ended <- struct{}{}
			}()
		}
		defer func() {
			cancel()
			for range r.Jobs {
				<-ended
			}
		}()
		for s := range order {
			if !yield(<-s.done) {
				return
			}
		}
	}
}
