// Package published opens a log of ours, as a folder has it, with Go's checksum-database code alone.
package published

import (
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // 256 hashes

// Tiles reads our tiles: the same as Go's, but for the height in the path and where they lie.
type Tiles struct{ Folder string }

func (t Tiles) Height() int { return height }

func (t Tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t Tiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.Folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

// Open opens a checkpoint with the verifier key and returns the tree it commits to, and its text.
func Open(checkpoint []byte, verifier note.Verifier) (tlog.Tree, string) {
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	Must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		log.Fatalf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	Must(err)
	return tlog.Tree{N: size, Hash: Hash(lines[2])}, opened.Text
}

// Hash reads a hash in base64.
func Hash(text string) tlog.Hash {
	found, err := tlog.ParseHash(text)
	Must(err)
	return found
}

// Read returns a file of the folder.
func Read(folder, name string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, name))
	Must(err)
	return data
}

// Must ends the program where there is an error.
func Must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
