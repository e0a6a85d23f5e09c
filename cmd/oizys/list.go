package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

func newListCommand() *cobra.Command {
	var role, format, tier string
	cmd := &cobra.Command{
		Use:   "list [GLOB…]",
		Short: "List the cases: ID and title",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkRole(role); err != nil {
				return err
			}
			cases, _, err := catalogue(spec.Role(role))
			if err != nil {
				return err
			}
			if !suite.Tier(tier).Valid() {
				return usageErrorf("--tier %q is unknown; it is quick, default or exhaustive", tier)
			}
			cases = suite.Tier(tier).Of(spec.Role(role), cases)
			if cases, err = runner.Choose(cases, args, nil); err != nil {
				return usageError(err)
			}
			switch format {
			case "text":
				for _, c := range cases {
					fmt.Fprintf(cmd.OutOrStdout(), "%-44s %s\n", c.ID, c.Title)
				}
				return nil
			case "md":
				return listMarkdown(cmd.OutOrStdout(), spec.Role(role), cases)
			default:
				return usageErrorf("--format %q is unknown; it is text or md", format)
			}
		},
	}
	cmd.Flags().StringVar(&role, "role", "server", "the role whose cases are listed: server, client or driver")
	cmd.Flags().StringVar(&tier, "tier", string(suite.Default), "which cases: quick, default or exhaustive")
	cmd.Flags().StringVar(&format, "format", "text", "how they are listed: text or md, a page by requirement")
	return cmd
}

func newExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain ID",
		Short: "Explain a case, a requirement, a silence such as silence-2, or a known fault in full",
		Args: func(_ *cobra.Command, args []string) error {
			if _, ok := silence(strings.Join(args, " ")); len(args) != 1 && !ok {
				return usageErrorf("explain takes one ID, of a case, a requirement, a silence or a fault; `oizys list` shows the cases, `oizys faulty list` the faults")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return explain(cmd.OutOrStdout(), strings.Join(args, " "))
		},
	}
}

// catalogue returns the cases for a role.
func catalogue(role spec.Role) ([]suite.Case, *vectors.Set, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return nil, nil, err
	}
	cases, err := runner.Catalogue(role, set)
	return cases, set, err
}

// roles are those that can be certified.
func roles() []spec.Role { return spec.Roles() }

// ofRole is a case, and the role that it is for.
type ofRole struct {
	role spec.Role
	suite.Case
}

func everyCatalogue() ([]ofRole, *vectors.Set, error) {
	var all []ofRole
	var set *vectors.Set
	for _, role := range roles() {
		cases, s, err := catalogue(role)
		if err != nil {
			return nil, nil, err
		}
		set = s
		for _, c := range suite.Exhaustive.Of(role, cases) {
			all = append(all, ofRole{role, c})
		}
	}
	return all, set, nil
}

func explain(w io.Writer, id string) error {
	id = strings.TrimSuffix(id, "/")
	if s, ok := silence(id); ok {
		fmt.Fprintf(w, "silence-%d\n  %s\n  Reading: %s\n  Recorded of: %v\n", s.Number, s.Topic, s.Reading, s.Roles)
		return nil
	}
	cases, set, err := everyCatalogue()
	if err != nil {
		return err
	}
	var same []ofRole
	for _, c := range cases {
		if c.ID == id {
			same = append(same, c)
		}
	}
	if len(same) > 0 {
		return explainCase(w, same, set)
	}
	if r, ok := spec.Find(id); ok {
		explainRequirement(w, r, cases)
		return nil
	}
	if f, ok := faulty.Find(id); ok {
		return explainFault(w, f)
	}
	return usageErrorf("there is no case, requirement, silence or fault %q%s", id, nearest(id, cases))
}

// silence returns the silence that is named as reports cite it, "silence 2", or as the specification's anchor, "silence-2".
func silence(name string) (spec.Silence, bool) {
	for _, s := range spec.Silences() {
		if number := fmt.Sprint(s.Number); name == "silence "+number || name == "silence-"+number {
			return s, true
		}
	}
	return spec.Silence{}, false
}

// explainCase explains the cases of one ID, one for each role that has it.
func explainCase(w io.Writer, same []ofRole, set *vectors.Set) error {
	c := same[0]
	fmt.Fprintf(w, "%s\n  %s\n\n", c.ID, c.Title)
	for _, id := range c.Requirements {
		if r, ok := spec.Find(id); ok {
			fmt.Fprintf(w, "%s (%s)\n  %s\n  Source: %s\n\n", r.ID, r.Level, r.Statement, r.Source)
		}
	}
	for _, c := range same {
		if len(c.Needs) > 0 {
			fmt.Fprintf(w, "Role %s: not run unless these pass: %s\n\n", c.role, strings.Join(c.Needs, ", "))
		}
	}
	if c.Sessions > 1 {
		fmt.Fprintf(w, "Not run unless the server serves %d sessions at once.\n\n", c.Sessions)
	}
	if v, ok := set.Find(c.ID); ok {
		if err := vectors.Show(w, v); err != nil {
			return err
		}
		if end := v.Outcome.Error; v.Kind == vectors.KindStream && (end == vectors.ErrorReservedByte || end == vectors.ErrorEmptyMessage) {
			fmt.Fprintln(w, "Behind these bytes a server is sent one more message, of 32 bytes: it must not come back.")
		}
		fmt.Fprintln(w)
	}
	for _, c := range same {
		switch c.role {
		case spec.Client:
			fmt.Fprintf(w, "Run it alone on a client: oizys certify --role client --case %s -- COMMAND {socket} {message}\n", c.ID)
		case spec.Driver:
			fmt.Fprintf(w, "Run it alone on a driver: oizys certify --role driver --case %s -- COMMAND\n", c.ID)
		default:
			fmt.Fprintf(w, "Run it alone on a server: oizys certify --case %s -- COMMAND {socket}\n", c.ID)
		}
	}
	return nil
}

func explainRequirement(w io.Writer, r spec.Requirement, cases []ofRole) {
	fmt.Fprintf(w, "%s (%s)\n  %s\n  Source: %s\n  Binds: %v\n\n", r.ID, r.Level, r.Statement, r.Source, r.Roles)
	none := true
	for _, role := range roles() {
		var shown []string
		for _, c := range cases {
			if c.role == role && slices.Contains(c.Requirements, r.ID) {
				shown = append(shown, c.ID)
			}
		}
		if len(shown) == 0 {
			continue
		}
		none = false
		fmt.Fprintf(w, "Shown by %d cases for a %s:\n", len(shown), role)
		for _, id := range shown {
			fmt.Fprintf(w, "  %s\n", id)
		}
	}
	if none {
		fmt.Fprintln(w, "No case of this version shows it.")
	}
}

// explainFault says what a fault is, what it breaks, and which cases find it.
func explainFault(w io.Writer, f faulty.Fault) error {
	kind := "a defect of the class " + f.Class
	if f.Odd {
		kind = "an odd habit that conforms"
	}
	fmt.Fprintf(w, "%s\n  Role %s, %s.\n  %s\n\n", f.Name, f.Role, kind, f.Description)
	for _, id := range append(slices.Clone(f.Breaks), f.Warns...) {
		if r, ok := spec.Find(id); ok {
			fmt.Fprintf(w, "Breaks %s (%s)\n  %s\n\n", r.ID, r.Level, r.Statement)
		}
	}
	known, err := diagnosis.Embedded(f.Role)
	if err != nil {
		return err
	}
	if ids := known.Cases(f.Name); len(ids) > 0 {
		fmt.Fprintf(w, "Found by %d cases:\n", len(ids))
		for _, id := range ids {
			fmt.Fprintf(w, "  %s\n", id)
		}
		fmt.Fprintln(w)
	}
	command := fmt.Sprintf("oizys selftest --fault %s", f.Name)
	_, err = fmt.Fprintf(w, "See it found: %s\n", command)
	return err
}

// nearest suggests what a mistyped name may mean, of all kinds that explain knows.
func nearest(id string, cases []ofRole) string {
	var names []string
	for _, r := range spec.Requirements() {
		names = append(names, r.ID)
	}
	for _, role := range roles() {
		for _, f := range append(faulty.Faults(role), faulty.Habits(role)...) {
			names = append(names, f.Name)
		}
	}
	for _, s := range spec.Silences() {
		names = append(names, fmt.Sprintf("silence-%d", s.Number))
	}
	for _, c := range cases {
		names = append(names, c.ID)
	}
	slices.Sort(names)
	near := vectors.Near(id, slices.Compact(names), 3)
	for _, r := range spec.Requirements() {
		if len(near) == 0 && strings.HasPrefix(id, r.ID+"/") {
			near = []string{r.ID}
		}
	}
	if len(near) == 0 {
		return "; `oizys list` shows the cases, `oizys faulty list` the faults"
	}
	return "; is it " + strings.Join(near, ", ") + "?"
}

// usageError makes an error of the libraries one of this command line.
func usageError(err error) error {
	return usageErrorf("%s", strings.TrimPrefix(err.Error(), runner.ErrUsage.Error()+": "))
}
