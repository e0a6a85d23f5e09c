package faulty

// Short ways to say what a fault of a client changes.

// ofSession changes how a client's session sends or receives a message.
func ofSession(change func(*hooks)) func(*clientHooks) {
	return func(do *clientHooks) { change(&do.hooks) }
}

// givenAs changes the content that is made from the argument.
func givenAs(convert func([]byte) []byte) func(*clientHooks) {
	return func(do *clientHooks) { do.given = convert }
}

// presentedAs changes the content of the reply before it is printed.
func presentedAs(convert func([]byte) []byte) func(*clientHooks) {
	return func(do *clientHooks) {
		present := do.present
		do.present = func(c *client, reply []byte) error { return present(c, convert(reply)) }
	}
}

// unsent makes it an error to send content for which refuses holds; that empty content is one stays as it is.
func unsent(refuses func(content []byte) bool) func(*clientHooks) {
	return func(do *clientHooks) {
		do.refuse = func(content []byte) error {
			if refuses(content) {
				return errRefused
			}
			return refuseToSend(content)
		}
	}
}
