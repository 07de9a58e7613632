// Reads a log of ours with Go's checksum-database code, which shares nothing with this project.
//
// usage: foreign FOLDER
//
// FOLDER holds the published log (checkpoint, tile/...), key (the verifier key), skey (the private
// key), leaves (one leaf a line, in base64) and claims (one JSON object a line: proofs by our code).
// All of it is checked with golang.org/x/mod/sumdb/note and tlog; then proofs and a signed note made
// by them are written to standard output as JSON lines, for our code to check. Any doubt: exit 1.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Claim is one proof: of inclusion where Leaf is given, else that Size begins with Old.
type Claim struct {
	Index   int64    `json:"index"`
	Leaf    string   `json:"leaf,omitempty"`
	Old     int64    `json:"old,omitempty"`
	OldRoot string   `json:"old_root,omitempty"`
	Size    int64    `json:"size"`
	Root    string   `json:"root"`
	Proof   []string `json:"proof"`
}

// Tiles reads our tiles: the same as Go's, but for the height in the path and where they lie.
type Tiles struct{ folder string }

const height = 8 // 256 hashes

func (t Tiles) Height() int { return height }

func (t Tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t Tiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: foreign FOLDER")
	}
	folder := os.Args[1]
	tree, text := readHead(folder)
	reader := tlog.TileHashReader(tree, Tiles{folder})
	checkTree(tree, reader, readLines(folder, "leaves"))
	for number, line := range readLines(folder, "claims") {
		var claim Claim
		must(json.Unmarshal([]byte(line), &claim))
		if err := check(claim); err != nil {
			log.Fatalf("claim %d: %v", number+1, err)
		}
	}
	prove(tree, reader)
	sign(folder, text)
}

// readHead opens the checkpoint with the verifier key and returns the tree it commits to.
func readHead(folder string) (tlog.Tree, string) {
	verifier, err := note.NewVerifier(readLines(folder, "key")[0])
	must(err)
	opened, err := note.Open(read(folder, "checkpoint"), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		log.Fatalf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}, opened.Text
}

// checkTree recomputes the root from the leaves alone, and finds each leaf's hash in the tiles, which
// the reader checks against the root of the checkpoint as it goes.
func checkTree(tree tlog.Tree, reader tlog.HashReader, leaves []string) {
	if int64(len(leaves)) != tree.N {
		log.Fatalf("%d leaves in a tree of %d", len(leaves), tree.N)
	}
	var stored []tlog.Hash
	memory := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	var places []int64
	for number, line := range leaves {
		leaf, err := base64.StdEncoding.DecodeString(line)
		must(err)
		more, err := tlog.StoredHashes(int64(number), leaf, memory)
		must(err)
		stored = append(stored, more...)
		places = append(places, tlog.StoredHashIndex(0, int64(number)))
	}
	root, err := tlog.TreeHash(tree.N, memory)
	must(err)
	if root != tree.Hash {
		log.Fatalf("the root of the leaves is %v, that of the checkpoint %v", root, tree.Hash)
	}
	published, err := reader.ReadHashes(places)
	must(err)
	for number, place := range places {
		if published[number] != stored[place] {
			log.Fatalf("leaf %d is not the one in its tile", number)
		}
	}
	root, err = tlog.TreeHash(tree.N, reader)
	must(err)
	if root != tree.Hash {
		log.Fatalf("the root of the tiles is %v, that of the checkpoint %v", root, tree.Hash)
	}
}

func check(claim Claim) error {
	var proof []tlog.Hash
	for _, one := range claim.Proof {
		proof = append(proof, hash(one))
	}
	root := hash(claim.Root)
	if claim.Leaf == "" {
		return tlog.CheckTree(proof, claim.Size, root, claim.Old, hash(claim.OldRoot))
	}
	leaf, err := base64.StdEncoding.DecodeString(claim.Leaf)
	must(err)
	return tlog.CheckRecord(proof, claim.Size, root, claim.Index, tlog.RecordHash(leaf))
}

// prove writes Go's own proofs for the whole tree: every leaf, and growth from every earlier size.
func prove(tree tlog.Tree, reader tlog.HashReader) {
	out := json.NewEncoder(os.Stdout)
	for index := int64(0); index < tree.N; index++ {
		record, err := tlog.ProveRecord(tree.N, index, reader)
		must(err)
		must(out.Encode(Claim{Index: index, Size: tree.N, Root: tree.Hash.String(), Proof: texts(record)}))
		old, err := tlog.TreeHash(index+1, reader)
		must(err)
		growth, err := tlog.ProveTree(tree.N, index+1, reader)
		must(err)
		must(out.Encode(Claim{Old: index + 1, OldRoot: old.String(), Size: tree.N, Root: tree.Hash.String(), Proof: texts(growth)}))
	}
}

// sign writes the checkpoint as Go signs it with the same key.
func sign(folder, text string) {
	signer, err := note.NewSigner(readLines(folder, "skey")[0])
	must(err)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(map[string][]byte{"note": signed}))
}

func texts(hashes []tlog.Hash) []string {
	found := []string{}
	for _, one := range hashes {
		found = append(found, one.String())
	}
	return found
}

func hash(text string) tlog.Hash {
	found, err := tlog.ParseHash(text)
	must(err)
	return found
}

func read(folder, name string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, name))
	must(err)
	return data
}

func readLines(folder, name string) []string {
	var found []string
	for _, line := range bytes.Split(read(folder, name), []byte("\n")) {
		if len(line) > 0 {
			found = append(found, string(line))
		}
	}
	return found
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
