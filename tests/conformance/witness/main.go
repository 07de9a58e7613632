// A foreign client of our witness, made of Go's checksum-database code and the C2SP specifications.
//
// usage: witness FOLDER URL SIZE...
//
// FOLDER holds a log of ours (checkpoint, tile/..., checkpoints/<size>), key (the log's verifier key)
// and witness (the witness's). For each size the witness at URL is asked with old size 0, as a client
// does that knows nothing; where it names another size, with the proof from there, which Go makes from
// our tiles. The answer is appended to the checkpoint and opened with both keys, as tlog-witness
// suggests. Written out: one JSON line a size, the cosigned checkpoint and its time. Any doubt: exit 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"../published"
)

// A Cosigner checks cosignature/v1 (C2SP tlog-cosignature, type 0x04).
type Cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func newCosigner(text string) *Cosigner {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		log.Fatal("not a verifier key")
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	published.Must(err)
	if len(material) != 33 || material[0] != 4 {
		log.Fatal("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		log.Fatal("a key id that is not its key's")
	}
	return &Cosigner{parts[0], binary.BigEndian.Uint32(sum[:4]), material[1:], 0}
}

func (c *Cosigner) Name() string { return c.name }

func (c *Cosigner) KeyHash() uint32 { return c.hash }

func (c *Cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	c.time = binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", c.time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("usage: witness FOLDER URL SIZE...")
	}
	folder, url := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(strings.TrimSpace(string(published.Read(folder, "key"))))
	published.Must(err)
	cosigner := newCosigner(strings.TrimSpace(string(published.Read(folder, "witness"))))
	tree, _ := published.Open(published.Read(folder, "checkpoint"), verifier)
	reader := tlog.TileHashReader(tree, published.Tiles{Folder: folder})
	for _, size := range os.Args[3:] {
		checkpoint := published.Read(folder, "checkpoints/"+size)
		head, _ := published.Open(checkpoint, verifier)
		status, kind, answer := ask(url, checkpoint, 0, nil)
		if status == http.StatusConflict {
			if kind != "text/x.tlog.size" || !strings.HasSuffix(answer, "\n") {
				log.Fatalf("a size of type %q: %q", kind, answer)
			}
			old, err := strconv.ParseInt(strings.TrimSuffix(answer, "\n"), 10, 64)
			published.Must(err)
			var proof tlog.TreeProof
			if old < head.N {
				proof, err = tlog.ProveTree(head.N, old, reader)
				published.Must(err)
			}
			status, _, answer = ask(url, checkpoint, old, proof)
		}
		if status != http.StatusOK {
			log.Fatalf("size %s: status %d: %s", size, status, answer)
		}
		cosigned := append(append([]byte{}, checkpoint...), answer...)
		opened, err := note.Open(cosigned, note.VerifierList(verifier, cosigner))
		published.Must(err)
		if len(opened.Sigs) != 2 || len(opened.UnverifiedSigs) != 0 {
			log.Fatalf("%d signatures, and %d of nobody", len(opened.Sigs), len(opened.UnverifiedSigs))
		}
		published.Must(json.NewEncoder(os.Stdout).Encode(map[string]any{"note": cosigned, "time": cosigner.time}))
	}
}

// ask submits a checkpoint and returns status, media type and body of the answer.
func ask(url string, checkpoint []byte, old int64, proof tlog.TreeProof) (int, string, string) {
	var body bytes.Buffer
	fmt.Fprintf(&body, "old %d\n", old)
	for _, one := range proof {
		fmt.Fprintf(&body, "%s\n", one)
	}
	body.WriteByte('\n')
	body.Write(checkpoint)
	answer, err := http.Post(url+"/add-checkpoint", "text/plain", &body)
	published.Must(err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	published.Must(err)
	return answer.StatusCode, answer.Header.Get("Content-Type"), string(data)
}
