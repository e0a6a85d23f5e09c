package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/vectors"
	"github.com/oizys-protocol/oizys/vectors/gen"
)

// vectorsDir is where the vectors lie, seen from the root of the repository.
const vectorsDir = "vectors/data"

func newVectorsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vectors",
		Short: "Write, check and print the golden vectors",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageErrorf("unknown command %q for vectors; use generate, verify, show or list", args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newVectorsGenerateCommand(), newVectorsVerifyCommand(), newVectorsShowCommand(), newVectorsListCommand())
	return cmd
}

func newVectorsGenerateCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "generate [--dir DIR]",
		Short: "Write the files of vectors; the same bytes each time",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("dir") && !isDir(dir) {
				return usageErrorf("there is no %s here; run this in the root of the repository, or give --dir DIR", dir)
			}
			if dir == "" {
				return usageErrorf("--dir is empty; name a directory")
			}
			if err := gen.Generate(dir); err != nil {
				return usageErrorf("generate vectors: %w", err)
			}
			return printSet(cmd, dir, os.DirFS(dir), "written")
		},
	}
	cmd.Flags().StringVar(&dir, "dir", vectorsDir, "directory to write to; made if it does not exist")
	return cmd
}

func newVectorsVerifyCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "verify [--dir DIR]",
		Short: "Check that the files of vectors are as generated, byte for byte",
		Long: "Check that the files of vectors are as generated, byte for byte.\n\n" +
			"Without --dir this checks " + vectorsDir + " if it is there, and otherwise the vectors in the program itself.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			name, fsys := dir, os.DirFS(dir)
			if !cmd.Flags().Changed("dir") {
				name = vectorsDir
				fsys = os.DirFS(vectorsDir)
				if !isDir(vectorsDir) {
					name, fsys = "embedded vectors", vectors.EmbeddedFS()
				}
			} else if !isDir(dir) {
				return usageErrorf("--dir %q is not a directory", dir)
			}
			err := gen.VerifyFS(fsys)
			var drift *gen.DriftError
			switch {
			case errors.As(err, &drift):
				return exitError{code: exitFound, err: fmt.Errorf("%s: %w", name, err)}
			case err != nil:
				return usageErrorf("verify vectors: %w", err)
			}
			return printSet(cmd, name, fsys, "as generated")
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "directory to check (default "+vectorsDir+", or the vectors in the program)")
	return cmd
}

func newVectorsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID...",
		Short: "Print vectors with their bytes annotated",
		Long: "Print vectors with their bytes annotated.\n\n" +
			"An ID is a vector's, or a requirement's or an area's for all vectors below it: hdr/reserved-nonzero/0x7f, msg/empty, stream.",
		RunE: func(cmd *cobra.Command, ids []string) error {
			if len(ids) == 0 {
				return usageErrorf("show needs the ID of a vector; `oizys vectors list` prints them")
			}
			list, err := chosenVectors(ids)
			if err != nil {
				return err
			}
			for i, v := range list {
				if i > 0 {
					fmt.Fprintf(cmd.OutOrStdout(), "\n%s\n\n", strings.Repeat("─", 72))
				}
				if err := vectors.Show(cmd.OutOrStdout(), v); err != nil {
					return exitError{code: exitInconclusive, err: err}
				}
			}
			return nil
		},
	}
}

func newVectorsListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list [ID...]",
		Short: "List the vectors, or those below the IDs: one line each, ID and description",
		RunE: func(cmd *cobra.Command, ids []string) error {
			list, err := chosenVectors(ids)
			if err != nil {
				return err
			}
			for _, v := range list {
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\t%s\n", v.ID, v.Description); err != nil {
					return exitError{code: exitInconclusive, err: err}
				}
			}
			return nil
		},
	}
}

// chosenVectors returns the vectors that are named or lie below what is named, and all when nothing is.
func chosenVectors(ids []string) ([]*vectors.Vector, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return nil, exitError{code: exitInconclusive, err: err}
	}
	if len(ids) == 0 {
		return set.All(), nil
	}
	var list []*vectors.Vector
	for _, id := range ids {
		below := set.Under(id)
		if len(below) == 0 {
			hint := "`oizys vectors list` prints all"
			if near := set.Near(id, 3); len(near) > 0 {
				hint = "is it " + strings.Join(near, " or ") + "?"
			}
			return nil, usageErrorf("no vector %q; %s", id, hint)
		}
		list = append(list, below...)
	}
	return list, nil
}

func printSet(cmd *cobra.Command, name string, fsys fs.FS, verb string) error {
	set, err := vectors.Load(fsys)
	if err != nil {
		return exitError{code: exitFound, err: err}
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %d vectors in %d files, %s; digest %s\n",
		name, len(set.All()), len(set.Files()), verb, set.Digest()); err != nil {
		return exitError{code: exitInconclusive, err: err}
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageErrorf("unexpected argument %q", args[0])
	}
	return nil
}
