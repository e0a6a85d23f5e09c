package process

import "os"

// openInput makes the program's standard input, if it is to have one, and returns the program's end of it.
func (p *Process) openInput() (theirs *os.File, err error) {
	if !p.command.Input {
		return nil, nil
	}
	theirs, p.input, err = os.Pipe()
	if err == nil {
		p.cmd.Stdin = theirs
	}
	return theirs, err
}

// Input returns what the program reads as its standard input, nil unless its command asked for that. Stop closes it.
func (p *Process) Input() *os.File { return p.input }
