package spec

func sessionRules() []Requirement {
	driver := []Role{Driver}
	return []Requirement{
		{"sess/send-empty", Must, "Sending empty content is refused with an error and puts nothing on the wire.", srcContent + "; " + seen, driver},
		{"sess/send-too-long", Must, "Sending more than 16,777,215 bytes is refused with an error and puts nothing on the wire.", srcContent + "; " + seen, driver},
		{"sess/send-queues", Must, "Send queues the message and returns without waiting for the peer to read; nothing queued is lost while the session is open.", srcNotes + "; " + seen, driver},
		{"sess/send-count", Should, "Send returns how many messages are queued, its own included.", seen, driver},
		{"sess/send-closed", Must, "Sending on a closed session is refused and puts nothing on the wire.", srcAPI, driver},
		{"sess/reading-starts", Must, "Reading begins when the message handler is set; what had arrived before is delivered then.", srcNotes, driver},
		{"sess/handler-twice", Must, "Setting a handler a second time is refused with an error.", seen, driver},
		{"sess/handler-fails", Must, "A handler that fails is contained: the session goes on.", seen, driver},
		{"sess/close-once", Must, "The close handler runs exactly once.", srcAPI, driver},
		{"sess/close-local", Must, "A local close runs the close handler without an error.", seen, driver},
		{"sess/close-cause", Must, "A close that an error or the peer caused gives the close handler that error.", srcError, driver},
		{"sess/close-late-handler", Must, "A close handler set on a closed session runs at once, without an error.", seen, driver},
		{"sess/close-again", Must, "Closing a closed session does nothing.", seen, driver},
		{"sess/close-silences", Must, "All handlers are removed when the session is closed: no message is delivered afterwards.", srcNotes, driver},
		{"sess/release", Must, "Releasing a session closes it.", seen, driver},
		{"sess/reentrant", Must, "Send and close work from within either handler.", srcAPI, driver},
		{"sess/independent", Must, "Sessions in one process are independent of each other.", srcAPI, driver},
	}
}

func serverRules() []Requirement {
	server := []Role{Server}
	const robust = "an error closes the session, not the server: " + srcError
	return []Requirement{
		{"srv/serves-again", Must, "However a session ends, the server serves the next one.", robust, server},
		{"srv/isolation", Must, "Sessions are independent: contents never mix, and one session's error leaves the others alone.", robust, server},
		{"srv/stays-up", Must, "The server process outlives its sessions.", robust, server},
		{"srv/releases", Must, "Descriptors, threads, processes and memory that a session used are given back when it ends.", robust, server},
		{"srv/announced-memory", Should, "Memory set aside for content that was announced but has not come stays far below the announced length.", "this project's reading of a silence", server},
	}
}

func clientRules() []Requirement {
	client := []Role{Client}
	return []Requirement{
		{"cli/request", Must, "The client sends exactly one message, whose content is the bytes that it was given.", srcProtocol, client},
		{"cli/reply", Must, "The client presents the reply's content whole and unmodified, and ends with status 0.", srcContent, client},
		{"cli/invalid-reply", Must, "The client presents nothing of an invalid or truncated reply as a reply.", srcError, client},
		{"cli/ends", Should, "The client ends soon after its reply, or after its session has closed.", srcNotes, client},
	}
}
