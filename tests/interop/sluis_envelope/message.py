"""Header, blob list and manifest (§4.1, §4.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .encoding import DAY, Reader, digest, is_padded, parse, prefixed, require, uint
from .keys import SIGNING, OrganisationKey, SecretSigningKey, read_suite

MAX_TAIL = 1024
MAX_HEADER = 306 + MAX_TAIL
MAX_BLOBS = 32
MAX_CONTENT = 4_325_376  # padded
MAX_ATTACHMENT = 26_214_400
CONTACT_BOX = 7
MAX_LIFE = 366 * DAY


@dataclass(frozen=True)
class Blob:
    """An entry of the blob list."""

    id: bytes
    padded: int
    hash: bytes

    @classmethod
    def read(cls, reader: Reader) -> Blob:
        """52 bytes."""
        blob = cls(reader.take(16), reader.uint(4), reader.take(32))
        require(is_padded(blob.padded, MAX_ATTACHMENT), "padded length of a blob")
        return blob

    def encode(self) -> bytes:
        """The wire form."""
        return self.id + uint(4, self.padded) + self.hash


def blob_list_hash(blobs: tuple[Blob, ...]) -> bytes:
    """The hash in the header."""
    return digest("sluis/v1/blobs", [blob.encode() for blob in blobs])


def size_class(padded: int, blobs: tuple[Blob, ...]) -> int:
    """The smallest c with 4096 · 2^c ≥ the padded bytes of all."""
    total = padded + sum(blob.padded for blob in blobs)
    return max(0, (total - 1).bit_length() - 12)


@dataclass(frozen=True)
class Header:
    """h, in the order of its fields."""

    kind: int
    priority: int
    message_id: bytes
    thread_id: bytes
    grant_id: bytes
    grant_version: int
    sender: str
    recipient: str
    signing_key_id: bytes
    sealing_key_id: bytes
    gate_key_id: bytes
    suite_r: int
    suite_c: int
    replaces: bytes
    blob_count: int
    blob_list_hash: bytes
    created: int
    expires: int
    respond_by: int
    size_class: int
    scope_commitment: bytes
    extensions: tuple[tuple[int, bytes], ...]

    @classmethod
    def read(cls, reader: Reader) -> Header:
        """306 bytes and the tail."""
        reader.uint(2, 1, 1)
        kind, priority = reader.uint(1, 1, 7), reader.uint(1, 1, 3)
        message_id, thread_id, grant_id = reader.message_id(), reader.take(16), reader.take(16)
        grant_version = reader.uint(4, 1)
        sender, recipient = reader.oin(), reader.oin()
        signing_key_id, sealing_key_id = reader.take(32), reader.take(32)
        reader.uint(1, 1, 1)
        gate_key_id = reader.take(32)
        suite_r, suite_c = read_suite(reader), read_suite(reader)
        replaces = reader.message_id_or_none()
        blob_count, list_hash = reader.uint(2, 0, MAX_BLOBS), reader.take(32)
        created, expires, respond_by = reader.time(), reader.time(), reader.time_or_none()
        size, scope_commitment = reader.uint(1), reader.take(32)
        tail = reader.prefixed(2, MAX_TAIL)
        require(sender != recipient, "a message to oneself")
        require(replaces != message_id, "a message that replaces itself")
        require(created < expires <= created + MAX_LIFE, "expires")
        require(respond_by == 0 or created < respond_by <= expires, "respond by")
        return cls(
            kind, priority, message_id, thread_id, grant_id, grant_version, sender, recipient, signing_key_id,
            sealing_key_id, gate_key_id, suite_r, suite_c, replaces, blob_count, list_hash, created, expires,
            respond_by, size, scope_commitment, parse(tail, _read_extensions),
        )  # fmt: skip

    def encode(self) -> bytes:
        """The wire form."""
        tail = b"".join(uint(2, number) + prefixed(2, value) for number, value in self.extensions)
        return b"".join(
            (
                uint(2, 1), uint(1, self.kind), uint(1, self.priority),
                self.message_id, self.thread_id, self.grant_id, uint(4, self.grant_version),
                self.sender.encode(), self.recipient.encode(),
                self.signing_key_id, self.sealing_key_id, uint(1, 1), self.gate_key_id,
                uint(2, self.suite_r), uint(2, self.suite_c), self.replaces,
                uint(2, self.blob_count), self.blob_list_hash,
                uint(8, self.created), uint(8, self.expires), uint(8, self.respond_by),
                uint(1, self.size_class), self.scope_commitment, prefixed(2, tail),
            )
        )  # fmt: skip

    @property
    def hash(self) -> bytes:
        """hh."""
        return digest("sluis/v1/header", self.encode())


def _read_extensions(reader: Reader) -> tuple[tuple[int, bytes], ...]:
    found: list[tuple[int, bytes]] = []
    while reader.left():
        number = reader.uint(2)
        require(not found or found[-1][0] < number, "extensions must rise")
        require(number & 0x8000 == 0, "an unknown critical extension")
        found.append((number, reader.prefixed(2)))
    return tuple(found)


def share_hash(sealed: bytes) -> bytes:
    """The hash of a sealed share."""
    return digest("sluis/v1/sealed-share", sealed)


def content_hash(ciphertext: bytes) -> bytes:
    """The hash of the content ciphertext."""
    return digest("sluis/v1/content", ciphertext)


@dataclass(frozen=True)
class Manifest:
    """What the sender signs."""

    header: Header
    blobs: tuple[Blob, ...]
    padded: int
    commitment_r: bytes
    commitment_c: bytes
    hash_r: bytes
    hash_c: bytes
    content_hash: bytes
    signature: bytes = bytes(64)

    @classmethod
    def read(cls, reader: Reader) -> Manifest:
        """The form, with what header and list say of each other."""
        header = parse(reader.prefixed(2, MAX_HEADER), Header.read)
        blobs = tuple(Blob.read(reader) for _ in range(header.blob_count))
        padded = reader.uint(4)
        commitment_r, commitment_c, hash_r, hash_c, hash_of_content = (reader.take(32) for _ in range(5))
        manifest = cls(
            header, blobs, padded, commitment_r, commitment_c, hash_r, hash_c, hash_of_content, reader.take(64)
        )
        require(len({blob.id for blob in blobs}) == len(blobs), "a blob id twice")
        require(blob_list_hash(blobs) == header.blob_list_hash, "blob list hash")
        require(is_padded(padded, MAX_CONTENT), "padded length of the content")
        require(size_class(padded, blobs) == header.size_class, "size class")
        return manifest

    def encode(self) -> bytes:
        """The wire form."""
        return b"".join(
            (
                prefixed(2, self.header.encode()), *(blob.encode() for blob in self.blobs), uint(4, self.padded),
                self.commitment_r, self.commitment_c, self.hash_r, self.hash_c, self.content_hash, self.signature,
            )
        )  # fmt: skip

    @property
    def hash(self) -> bytes:
        """The manifest hash."""
        return digest("sluis/v1/manifest-hash", self.encode())

    def _signed(self) -> bytes:
        return b"".join(
            (
                self.header.hash, uint(1, 1), self.commitment_r, self.commitment_c, self.hash_r, self.hash_c,
                uint(4, self.padded), self.content_hash,
            )
        )  # fmt: skip

    def sign(self, key: SecretSigningKey) -> Manifest:
        """The manifest with its signature."""
        return replace(self, signature=key.sign("sluis/v1/manifest", self._signed()))

    def verify(self, sender: OrganisationKey) -> None:
        """Steps 2 to 4 of §4.2; the form is step 1."""
        require(sender.organisation == self.header.sender, "the key is another's", "WrongOrganisation")
        require(sender.key.kind == SIGNING and sender.key.id == self.header.signing_key_id, "signing key", "WrongKey")
        sender.key.verify("sluis/v1/manifest", self._signed(), self.signature)
