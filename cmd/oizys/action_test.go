package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// certifyAction is what of the action's file matters here.
type certifyAction struct {
	Inputs  map[string]struct{ Description, Default string }
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []struct {
			ID, Uses, Shell, Run string
			Env                  map[string]string
		}
	}
}

const actionFolder = ".github/actions/certify"

func readAction(t *testing.T) certifyAction {
	t.Helper()
	var a certifyAction
	require.NoError(t, yaml.Unmarshal([]byte(readDoc(t, actionFolder+"/action.yml")), &a))
	return a
}

// Every input reaches a script by its environment, and no script has one pasted into it.
func TestActionPassesItsInputs(t *testing.T) {
	a := readAction(t)
	require.Equal(t, "composite", a.Runs.Using)
	var inputs, passed []string
	for name, in := range a.Inputs {
		inputs = append(inputs, name)
		require.NotEmpty(t, in.Description, name)
	}
	require.ElementsMatch(t, []string{"command", "role", "args", "known", "reports", "version"}, inputs)
	for _, step := range a.Runs.Steps {
		require.NotContains(t, step.Run, "${{")
		if step.Run == "" {
			continue
		}
		name := regexp.MustCompile(`[a-z]+\.sh`).FindString(step.Run)
		script := readDoc(t, actionFolder+"/"+name)
		for variable, value := range step.Env {
			require.Contains(t, script, variable, name)
			if m := regexp.MustCompile(`inputs\.([a-z]+)`).FindStringSubmatch(value); m != nil {
				require.Equal(t, "INPUT_"+strings.ToUpper(m[1]), variable)
				passed = append(passed, m[1])
			}
		}
	}
	require.ElementsMatch(t, inputs, passed)
	for name, out := range a.Outputs {
		m := regexp.MustCompile(`steps\.([a-z]+)\.outputs\.([a-z]+)`).FindStringSubmatch(out.Value)
		require.NotNil(t, m, name)
		require.Contains(t, readDoc(t, actionFolder+"/"+m[1]+".sh"), `echo "`+m[2]+"=")
	}
}

// The script of the action does what the action says, with this program.
func TestActionScript(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "oizys")
	binary, err := os.ReadFile(self)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, binary, 0o700)) // by its name, the test binary is the program
	known := filepath.Join(t.TempDir(), "known failures.yaml")
	require.NoError(t, os.WriteFile(known, []byte("- {case: msg/empty/only, reason: issue 17}\n"), 0o600))
	script, err := filepath.Abs(inModule(actionFolder + "/certify.sh"))
	require.NoError(t, err)
	for _, tc := range []struct {
		name, result string
		inputs       []string
		status       int
		summary      string
	}{
		{"conforming", "conforming", []string{`INPUT_COMMAND="$OIZYS" peer server {socket}`}, 0, "oizys: conforming"},
		{"non-conforming", "non-conforming", []string{`INPUT_COMMAND="$OIZYS" faulty server empty-echoed {socket}`}, 1, "oizys: non-conforming"},
		{"known", "non-conforming", []string{`INPUT_COMMAND="$OIZYS" faulty server empty-echoed {socket}`, "INPUT_KNOWN=" + known}, 0, "Known failures"},
		{"client", "conforming", []string{`INPUT_COMMAND="$OIZYS" peer client -e {socket} -m {message}`, "INPUT_ROLE=client", "INPUT_ARGS=--case cli/request/plain"}, 0, "oizys: conforming"},
		{"nothing to run", "none", []string{"INPUT_COMMAND=./no-such-server {socket}"}, 2, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			output, summary := filepath.Join(dir, "output"), filepath.Join(dir, "summary")
			cmd := exec.Command(script)
			cmd.Dir = dir
			cmd.Env = append(slices.Clone(os.Environ()), "OIZYS="+program, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary,
				"INPUT_ARGS=--case hdr/length/example-hi --case 'msg/empty/on*'", "INPUT_REPORTS=out/reports")
			cmd.Env = append(cmd.Env, tc.inputs...)
			text, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				err = nil
			}
			require.NoError(t, err)
			require.Equal(t, tc.status, cmd.ProcessState.ExitCode(), "%s", text)
			got, err := os.ReadFile(output)
			require.NoError(t, err)
			require.Equal(t, "result="+tc.result+"\n", string(got))
			if tc.summary == "" {
				require.NoFileExists(t, summary)
				return
			}
			page, err := os.ReadFile(summary)
			require.NoError(t, err)
			require.Contains(t, string(page), tc.summary)
			for _, name := range []string{"report.json", "report.xml", "report.md"} {
				require.FileExists(t, filepath.Join(dir, "out/reports", name))
			}
		})
	}
}
