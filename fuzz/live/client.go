package live

import "context"

func runClient(ctx context.Context, o Options, sum *Summary) error { return ErrNotJudged }
