"""Streams: content, blobs and self copies, sealed in chunks (§4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from .encoding import TEXT, Refused, label, require, uint

CHUNK = 65_536
TAG = 16


def ciphertext_length(padded: int) -> int:
    """Bytes of the ciphertext of `padded` bytes."""
    return padded + TAG * -(-padded // CHUNK)


@dataclass(frozen=True)
class Stream:
    """The keys of one stream."""

    prk: bytes
    key: bytes
    prefix: bytes
    context: bytes

    @classmethod
    def derive(cls, purpose: str, secret: bytes, context: bytes) -> Stream:
        """From purpose, secret and context."""
        prk = HKDF.extract(hashes.SHA256(), purpose.encode(TEXT), secret)

        def expand(text: str, length: int) -> bytes:
            return HKDFExpand(hashes.SHA256(), length, label(text, context)).derive(prk)

        return cls(prk, expand("sluis/v1/chunk-key", 32), expand("sluis/v1/chunk-nonce", 7), context)

    def _chunks(self, data: bytes, size: int) -> Iterator[tuple[bytes, bytes]]:
        starts = range(0, len(data), size)
        for index, start in enumerate(starts):
            last = index == len(starts) - 1
            yield self.prefix + uint(4, index) + bytes([last]), data[start : start + size]

    def seal(self, plaintext: bytes) -> bytes:
        """The ciphertext of a padded plaintext."""
        aead = AESGCM(self.key)
        return b"".join(aead.encrypt(nonce, chunk, self.context) for nonce, chunk in self._chunks(plaintext, CHUNK))

    def open(self, ciphertext: bytes, padded: int) -> bytes:
        """The padded plaintext, known to have `padded` bytes."""
        require(len(ciphertext) == ciphertext_length(padded), "length of a ciphertext", "CiphertextMismatch")
        aead = AESGCM(self.key)
        try:
            sealed = self._chunks(ciphertext, CHUNK + TAG)
            chunks = [aead.decrypt(nonce, chunk, self.context) for nonce, chunk in sealed]
        except InvalidTag:
            raise Refused("CannotOpen", "a chunk") from None
        return b"".join(chunks)
