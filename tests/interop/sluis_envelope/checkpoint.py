"""Checkpoints (§9)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from .encoding import Refused, require
from .keys import LOG, VerifyingKey

MAX_NOTE = 4096
MAX_SIGNATURES = 16


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Refused("Format", "base64") from None
    require(base64.b64encode(data).decode() == text, "base64")
    return data


def _is_name(text: str) -> bool:
    return bool(text) and all("!" <= char <= "~" and char != "+" for char in text)


@dataclass(frozen=True)
class Checkpoint:
    """A signed note."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def parse(cls, note: bytes) -> Checkpoint:
        """The form."""
        require(len(note) <= MAX_NOTE, "a note too long")
        try:
            lines = note.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise Refused("Format", "a note must be UTF-8") from None
        require(len(lines) >= 6 and lines[3] == "" and lines[-1] == "", "lines of a checkpoint")
        origin, size, root = lines[:3]
        require(_is_name(origin), "an origin")
        require(size.isascii() and size.isdigit() and (size == "0" or size[0] != "0"), "a size")
        require(int(size) < 2**64, "a size")
        require(len(_base64(root)) == 32, "a root")
        require(len(lines[4:-1]) <= MAX_SIGNATURES, "too many signatures")
        signatures: list[tuple[str, bytes]] = []
        for line in lines[4:-1]:
            parts = line.split(" ")
            require(len(parts) == 3 and parts[0] == "\u2014" and _is_name(parts[1]), "a signature line")
            signature = _base64(parts[2])
            require(len(signature) > 4, "a signature line")
            signatures.append((parts[1], signature))
        text = "\n".join(lines[:3]) + "\n"
        return cls(origin, int(size), _base64(root), text.encode(), tuple(signatures))

    def verify(self, origin: str, key: VerifyingKey) -> None:
        """Origin, presence of the log's signature, signature."""
        require(key.kind == LOG, "not a log key", "WrongKey")
        require(self.origin == origin, "another log", "Origin")
        key_hash = hashlib.sha256(origin.encode() + b"\n\x01" + key.raw).digest()[:4]
        own = [value[4:] for name, value in self.signatures if name == origin and value[:4] == key_hash]
        require(own != [], "the log's signature is not there", "Unsigned")
        require(len(own[0]) == 64, "length of the log's signature")
        key.verify_plain(self.text, own[0])
