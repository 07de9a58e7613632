"""Checks the content credentials (C2PA) of a file against its bytes; fetches nothing."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

# The first bytes by which c2pa's own parsers tell the formats apart (offset, bytes, media type).
_SIGNATURES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/avi"),
)
_OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


def _format_of(head: bytes) -> str:
    for offset, signature, media_type in _SIGNATURES:
        if head[offset:].startswith(signature):
            return media_type
    return ""


def _statuses(results: dict[str, Any]) -> list[dict[str, str]]:
    failures = results.get("activeManifest", {}).get("failure", [])
    return [{"code": each["code"], "why": each.get("explanation", "")} for each in failures[:50]]


def _described(store: dict[str, Any]) -> dict[str, object]:
    active = store["manifests"][store["active_manifest"]]
    signature: dict[str, Any] = active.get("signature_info") or {}
    makers: list[dict[str, Any]] = active.get("claim_generator_info") or []
    maker = " ".join(str(makers[0].get(key, "")) for key in ("name", "version")) if makers else ""
    actions = [
        str(action.get("action", ""))
        for assertion in active.get("assertions", [])
        if assertion.get("label", "").startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", [])
    ]
    results = store.get("validation_results", {})
    passed = {each["code"] for each in results.get("activeManifest", {}).get("success", [])}
    return {
        "state": str(store.get("validation_state", "")),
        "failures": _statuses(results),
        "ingredients": len(active.get("ingredients", [])),
        "bad_ingredients": sum(
            bool(each.get("validationDeltas", {}).get("failure"))
            for each in results.get("ingredientDeltas", [])
        ),
        "issuer": str(signature.get("issuer") or ""),
        "signer": str(signature.get("common_name") or ""),
        "signed_at": str(signature.get("time") or ""),
        "time_checked": "timeStamp.validated" in passed,
        "generator": maker.strip() or str(active.get("claim_generator", "")),
        "title": str(active.get("title") or ""),
        "actions": ", ".join(actions[:20]),
    }


def main() -> None:
    """Answers with one JSON object."""
    c2pa = importlib.import_module("c2pa")
    answer: dict[str, object] = {"version": c2pa.sdk_version()}
    with open(sys.argv[1], "rb") as file:  # noqa: PTH123  # a stream is what c2pa takes
        media_type = _format_of(file.read(16))
        file.seek(0)
        answer["format"] = media_type
        if media_type:
            try:
                context = c2pa.Context.from_dict(_OFFLINE)
                with c2pa.Reader(media_type, file, context=context) as reader:
                    answer["credential"] = _described(json.loads(reader.json()))
            except c2pa.C2paError.ManifestNotFound:
                answer["absent"] = True
            except c2pa.C2paError as error:
                remote = str(error).startswith("Remote")  # the library has no class of its own
                answer["remote" if remote else "error"] = str(error)[:400]
    json.dump(answer, sys.stdout)


main()
