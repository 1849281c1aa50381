"""Scope, shares, content and attachments (§4.3, §4.5, §4.6)."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

from .encoding import TEXT, Reader, Refused, digest, pad, padded, parse, prefixed, require, uint
from .message import MAX_ATTACHMENT, MAX_BLOBS, Blob
from .stream import Stream

MAX_BODY = 4_194_304
SHARE_C_LENGTH = 76
_PURPOSES, _LIFE_DOMAINS, _DATA_KINDS = 10, 5, 10


def _read_set(reader: Reader, count: int) -> int:
    bits = reader.uint(4)
    require(bits != 0 and bits & 1 == 0 and bits >> (count + 1) == 0, "a set of codes")
    return bits


@dataclass(frozen=True)
class Scope:
    """Three bit fields."""

    purposes: int
    life_domains: int
    data_kinds: int

    @classmethod
    def read(cls, reader: Reader) -> Scope:
        """12 bytes."""
        return cls(_read_set(reader, _PURPOSES), _read_set(reader, _LIFE_DOMAINS), _read_set(reader, _DATA_KINDS))

    def encode(self) -> bytes:
        """The wire form."""
        return uint(4, self.purposes) + uint(4, self.life_domains) + uint(4, self.data_kinds)

    def commitment(self, salt: bytes) -> bytes:
        """scope_cmt."""
        return digest("sluis/v1/scope", salt, self.encode())


@dataclass(frozen=True)
class ShareC:
    """share_c."""

    c: bytes
    salt: bytes
    scope: Scope

    @classmethod
    def read(cls, reader: Reader) -> ShareC:
        """76 bytes."""
        return cls(reader.take(32), reader.take(32), Scope.read(reader))

    def encode(self) -> bytes:
        """The wire form."""
        return self.c + self.salt + self.scope.encode()


def open_share_c(raw: bytes, header_hash: bytes, commitment_c: bytes, scope_commitment: bytes) -> ShareC:
    """`cmt_c` over the bytes, their form, `scope_cmt`: what gate and recipient both check."""
    require(commit_c(header_hash, raw) == commitment_c, "cmt_c", "Commitment")
    share = parse(raw, ShareC.read)
    require(share.scope.commitment(share.salt) == scope_commitment, "scope_cmt", "Commitment")
    return share


def commit_r(header_hash: bytes, r: bytes) -> bytes:
    """cmt_r."""
    return digest("sluis/v1/commit-r", header_hash, r)


def commit_c(header_hash: bytes, share_c: bytes) -> bytes:
    """cmt_c."""
    return digest("sluis/v1/commit-c", header_hash, share_c)


def content_stream(r: bytes, c: bytes, header_hash: bytes) -> Stream:
    """The stream of the content."""
    return Stream.derive("sluis/v1/dek", r + c, header_hash)


def _read_media_type(reader: Reader) -> str:
    raw = reader.prefixed(1, 127, 1)
    require(all(0x20 <= byte <= 0x7E for byte in raw) and raw == raw.strip(b" "), "a media type")
    kind, slash, rest = raw.partition(b"/")
    require(bool(kind and slash and rest) and b" " not in kind, "a media type")
    return raw.decode(TEXT)


def _read_file_name(reader: Reader) -> str:
    try:
        name = reader.prefixed(1, 255, 1).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("Format", "a file name must be UTF-8") from None
    forbidden = any(char in "/\\:" or unicodedata.category(char) == "Cc" for char in name)
    require(not forbidden and name not in (".", ".."), "a file name")
    return name


@dataclass(frozen=True)
class Attachment:
    """What the content says of one blob."""

    blob_id: bytes
    key: bytes
    length: int
    data_kind: int
    media_type: str
    file_name: str

    @classmethod
    def read(cls, reader: Reader) -> Attachment:
        """One entry of the content."""
        return cls(
            reader.take(16), reader.take(32), reader.uint(4, 0, MAX_ATTACHMENT), reader.uint(1, 1, _DATA_KINDS),
            _read_media_type(reader), _read_file_name(reader),
        )  # fmt: skip

    def encode(self) -> bytes:
        """The wire form."""
        return b"".join(
            (
                self.blob_id, self.key, uint(4, self.length), uint(1, self.data_kind),
                prefixed(1, self.media_type.encode(TEXT)), prefixed(1, self.file_name.encode()),
            )
        )  # fmt: skip

    def stream(self, message_id: bytes) -> Stream:
        """The stream of the blob."""
        return Stream.derive("sluis/v1/blob", self.key, message_id + self.blob_id)

    def seal(self, message_id: bytes, plaintext: bytes) -> tuple[Blob, bytes]:
        """The entry of the blob list, and the ciphertext."""
        ciphertext = self.stream(message_id).seal(pad(plaintext))
        return Blob(self.blob_id, padded(len(plaintext)), hashlib.sha256(ciphertext).digest()), ciphertext

    def open(self, message_id: bytes, blob: Blob, ciphertext: bytes) -> bytes:
        """The bytes of the file."""
        require(blob.padded == padded(self.length), "padded length of a blob", "CiphertextMismatch")
        plaintext = self.stream(message_id).open(ciphertext, blob.padded)
        require(hashlib.sha256(ciphertext).digest() == blob.hash, "hash of a blob", "CiphertextMismatch")
        require(not any(plaintext[self.length :]), "padding must be zeros")
        return plaintext[: self.length]


@dataclass(frozen=True)
class Content:
    """The inner of the padded plaintext."""

    media_type: str
    based_on: bytes
    scope: Scope
    attachments: tuple[Attachment, ...]
    body: bytes

    @classmethod
    def read(cls, reader: Reader) -> Content:
        """The inner."""
        media_type, based_on, scope = _read_media_type(reader), reader.message_id_or_none(), Scope.read(reader)
        attachments = tuple(Attachment.read(reader) for _ in range(reader.uint(2, 0, MAX_BLOBS)))
        require(all(scope.data_kinds >> each.data_kind & 1 for each in attachments), "data kind outside the scope")
        return cls(media_type, based_on, scope, attachments, reader.prefixed(4, MAX_BODY))

    def encode(self) -> bytes:
        """The wire form."""
        return b"".join(
            (
                prefixed(1, self.media_type.encode(TEXT)), self.based_on, self.scope.encode(),
                uint(2, len(self.attachments)), *(each.encode() for each in self.attachments), prefixed(4, self.body),
            )
        )  # fmt: skip

    def check_blobs(self, blobs: tuple[Blob, ...]) -> None:
        """Attachments and blob list must name the same blobs."""
        named = [each.blob_id for each in self.attachments]
        require(named == [blob.id for blob in blobs], "attachments are not the blob list", "CiphertextMismatch")
