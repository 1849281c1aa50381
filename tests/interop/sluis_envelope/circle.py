"""Circles: tags, posts, bundles, contact boxes, match statements (§16)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import ClassVar

from . import keys
from .content import SHARE_C_LENGTH
from .encoding import DAY, NO_ID, SKEW, Reader, label, parse, prefixed, require, uint
from .keys import HybridPublicKey, HybridSecretKey, VerifyingKey, read_suite, sealed_length
from .message import CONTACT_BOX, Manifest
from .statement import Receipt, Signed
from .stream import Stream, ciphertext_length

EPOCH = 7 * DAY
MAX_EPOCHS = 53
MEMBERS = (2, 8)
CLASSES = 7
BUNDLE_LENGTH = 42 * 1024
BOX_LENGTH = 8 * 1024
MAX_BOX_CONTENT = 2048


def circle_tag(secret: bytes, epoch: int, match_class: int) -> bytes:
    """Where signals of one class meet in one epoch."""
    return hmac.digest(secret, label("sluis/v1/circle-tag", uint(4, epoch), uint(1, match_class)), "sha256")


@dataclass(frozen=True)
class CirclePost:
    """consent → member → signalling."""

    TAG: ClassVar[str] = "sluis/v1/circle-post"
    KIND: ClassVar[int] = keys.CIRCLE

    tag: bytes
    organisation: str
    epoch: int
    gate_key_id: bytes

    @classmethod
    def read(cls, reader: Reader) -> CirclePost:
        """Reads the body."""
        return cls(reader.take(32), reader.oin(), reader.uint(4), reader.take(32))

    def encode(self) -> bytes:
        """The wire form."""
        return self.tag + self.organisation.encode() + uint(4, self.epoch) + self.gate_key_id

    def own_time(self) -> int:
        """The start of the epoch, so far ahead that there is no margin for clocks."""
        return self.epoch * EPOCH + SKEW

    def not_after(self) -> int:
        """The end of the epoch."""
        return (self.epoch + 1) * EPOCH


@dataclass(frozen=True)
class MatchStatement:
    """signalling → member → consent."""

    TAG: ClassVar[str] = "sluis/v1/match-statement"
    KIND: ClassVar[int] = keys.MATCH

    manifest_hash: bytes
    matched_at: int

    @classmethod
    def read(cls, reader: Reader) -> MatchStatement:
        """Reads the body."""
        return cls(reader.take(32), reader.time())

    def encode(self) -> bytes:
        """The wire form."""
        return self.manifest_hash + uint(8, self.matched_at)

    def own_time(self) -> int:
        """Matched at."""
        return self.matched_at

    def not_after(self) -> None:
        """A match does not end."""


@dataclass(frozen=True)
class Bundle:
    """What one member gets of a circle version."""

    grant_id: bytes
    grant_version: int
    organisation: str
    handle: bytes
    gate_key: HybridPublicKey
    valid_until: int
    members: tuple[str, ...]
    signer: bytes
    first_epoch: int
    epochs: int
    classes: tuple[tuple[int, tuple[tuple[bytes, bytes], ...]], ...]

    @classmethod
    def read(cls, reader: Reader) -> Bundle:
        """The layout."""
        reader.uint(2, 1, 1)
        grant_id, version, organisation = reader.take(16), reader.uint(4, 1), reader.oin()
        handle = reader.take(16)
        gate_key, valid_until = HybridPublicKey.read(reader, keys.GATE), reader.time()
        members = tuple(reader.oin() for _ in range(reader.uint(1, *MEMBERS)))
        require(members == tuple(sorted(set(members))) and organisation in members, "members")
        signer, first_epoch, epochs = reader.take(32), reader.uint(4), reader.uint(1, 1, MAX_EPOCHS)
        classes = []
        for _ in range(reader.uint(1, 1)):
            number = reader.uint(1, classes[-1][0] + 1 if classes else 1, CLASSES)
            classes.append((number, tuple((reader.take(32), reader.take(64)) for _ in range(epochs))))
        return cls(
            grant_id, version, organisation, handle, gate_key, valid_until, members, signer, first_epoch, epochs,
            tuple(classes),
        )

    def encode(self) -> bytes:
        """The wire form."""
        head = b"".join(
            (
                uint(2, 1), self.grant_id, uint(4, self.grant_version), self.organisation.encode(),
                self.handle, self.gate_key.encode(), uint(8, self.valid_until), uint(1, len(self.members)),
                *(member.encode() for member in self.members),
                self.signer, uint(4, self.first_epoch), uint(1, self.epochs), uint(1, len(self.classes)),
            )
        )  # fmt: skip
        return head + b"".join(
            uint(1, number) + b"".join(tag + signature for tag, signature in posts) for number, posts in self.classes
        )

    def posts(self) -> list[Signed[CirclePost]]:
        """All posts, as signalling gets them."""
        return [
            Signed(
                self.signer,
                CirclePost(tag, self.organisation, self.first_epoch + later, self.gate_key.id),
                signature,
            )
            for _, posts in self.classes
            for later, (tag, signature) in enumerate(posts)
        ]

    def verify(self, key: VerifyingKey) -> None:
        """That consent signed every post."""
        for post in self.posts():
            post.verify(key, post.body.epoch * EPOCH)


def _bundle_info(organisation: str, sealing_key_id: bytes) -> bytes:
    return label("sluis/v1/circle-bundle", organisation.encode(), sealing_key_id)


def _unpad(padded: bytes) -> bytes:
    reader = Reader(padded)
    inner = reader.prefixed(4)
    require(not any(reader.take(reader.left())), "padding must be zeros")
    return inner


def seal_bundle(bundle: Bundle, key: HybridPublicKey, suite: int) -> bytes:
    """A bundle for its member."""
    padded = prefixed(4, bundle.encode()).ljust(BUNDLE_LENGTH, b"\0")
    sealed = key.of(suite).seal(_bundle_info(bundle.organisation, key.id), padded)
    return uint(2, 1) + key.id + uint(2, suite) + sealed


def open_bundle(data: bytes, organisation: str, key: HybridSecretKey) -> Bundle:
    """Form, key, opening, form of the inside, organisation."""

    def read(reader: Reader) -> tuple[bytes, int, bytes]:
        reader.uint(2, 1, 1)
        key_id, suite = reader.take(32), read_suite(reader)
        return key_id, suite, reader.take(sealed_length(suite, BUNDLE_LENGTH))

    key_id, suite, sealed = parse(data, read)
    require(key_id == key.public.id, "sealing key", "WrongKey")
    bundle = parse(_unpad(key.open(suite, _bundle_info(organisation, key_id), sealed)), Bundle.read)
    require(bundle.organisation == organisation, "a bundle for another", "WrongOrganisation")
    return bundle


@dataclass(frozen=True)
class ContactBox:
    """A message to one other member of a circle."""

    manifest: Manifest
    sealed_r: bytes
    sealed_c: bytes
    content: bytes

    @classmethod
    def read(cls, reader: Reader) -> ContactBox:
        """The layout."""
        reader.uint(2, 1, 1)
        manifest = parse(reader.prefixed(2), Manifest.read)
        box = cls(manifest, reader.prefixed(2), reader.prefixed(2), reader.prefixed(2))
        header = manifest.header
        require(header.kind == CONTACT_BOX and header.replaces == NO_ID and header.blob_count == 0, "a contact box")
        require(len(box.sealed_r) == sealed_length(header.suite_r, 32), "length of sealed_r")
        require(len(box.sealed_c) == sealed_length(header.suite_c, SHARE_C_LENGTH), "length of sealed_c")
        require(manifest.padded <= MAX_BOX_CONTENT, "length of a content")
        require(len(box.content) == ciphertext_length(manifest.padded), "length of a ciphertext")
        return box

    def encode(self) -> bytes:
        """The wire form."""
        parts = (self.manifest.encode(), self.sealed_r, self.sealed_c, self.content)
        return uint(2, 1) + b"".join(prefixed(2, part) for part in parts)


def _box_stream(tag: bytes, epoch: int, box_id: bytes) -> Stream:
    return Stream.derive("sluis/v1/contact-box", tag, uint(4, epoch) + box_id)


def seal_box(box: ContactBox, receipt: Signed[Receipt], tag: bytes, epoch: int, box_id: bytes) -> bytes:
    """A contact box at rest."""
    inner = prefixed(2, receipt.encode()) + box.encode()
    return _box_stream(tag, epoch, box_id).seal(prefixed(4, inner).ljust(BOX_LENGTH, b"\0"))


def open_box(data: bytes, tag: bytes, epoch: int, box_id: bytes) -> tuple[ContactBox, Signed[Receipt]]:
    """Opening, padding, form."""

    def read(reader: Reader) -> tuple[ContactBox, Signed[Receipt]]:
        receipt = Signed.parse(reader.prefixed(2), Receipt)
        return ContactBox.read(reader), receipt

    require(len(data) == ciphertext_length(BOX_LENGTH), "length of a box", "CannotOpen")
    return parse(_unpad(_box_stream(tag, epoch, box_id).open(data, BOX_LENGTH)), read)
