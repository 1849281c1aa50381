"""Sealing a message (§4.7) and keeping a copy of it (§10)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar

from . import keys
from .content import Attachment, Content, Scope, ShareC, commit_c, commit_r, content_stream
from .encoding import NO_ID, Reader, is_padded, label, pad_prefixed, parse, prefixed, require, uint, unpad_prefixed
from .keys import HybridPublicKey, HybridSecretKey, SecretSigningKey, VerifyingKey, read_suite, sealed_length
from .message import (
    MAX_CONTENT,
    MAX_HEADER,
    Blob,
    Header,
    Manifest,
    blob_list_hash,
    content_hash,
    share_hash,
    size_class,
)
from .statement import GrantToken, Signed
from .stream import Stream, ciphertext_length


def new_message_id(now: int) -> bytes:
    """A UUIDv7."""
    random = bytearray(os.urandom(10))
    random[0] = 0x70 | random[0] & 0x0F
    random[2] = 0x80 | random[2] & 0x3F
    return uint(6, now // 1000) + bytes(random)


@dataclass(frozen=True)
class File:
    """A file to attach."""

    name: str
    media_type: str
    data_kind: int
    data: bytes


@dataclass(frozen=True)
class Draft:
    """What a sender wants to say, and to whom."""

    sender: str
    signing_key: SecretSigningKey
    token: GrantToken
    sealing_key: HybridPublicKey
    suite: int
    kind: int
    priority: int
    created: int
    expires: int
    media_type: str
    scope: Scope
    body: bytes
    files: tuple[File, ...] = ()
    thread_id: bytes | None = None
    respond_by: int = 0
    replaces: bytes = NO_ID
    based_on: bytes = NO_ID
    extensions: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True)
class Sealed:
    """What is submitted, and what the sender knows."""

    manifest: Manifest
    sealed_r: bytes
    sealed_c: bytes
    ciphertext: bytes
    blobs: tuple[bytes, ...]
    content: Content


def seal(draft: Draft) -> Sealed:
    """Seals a message."""
    message_id = new_message_id(draft.created)
    attachments, entries, ciphertexts = _seal_files(message_id, draft.files)
    share = ShareC(os.urandom(32), os.urandom(32), draft.scope)
    content = Content(draft.media_type, draft.based_on, draft.scope, attachments, draft.body)
    plaintext = pad_prefixed(content.encode())
    header = Header(
        kind=draft.kind,
        priority=draft.priority,
        message_id=message_id,
        thread_id=draft.thread_id or os.urandom(16),
        grant_id=draft.token.grant_id,
        grant_version=draft.token.grant_version,
        sender=draft.sender,
        recipient=draft.token.recipient,
        signing_key_id=draft.signing_key.public.id,
        sealing_key_id=draft.sealing_key.id,
        gate_key_id=draft.token.gate_key.id,
        suite_r=draft.suite,
        suite_c=draft.suite,
        replaces=draft.replaces,
        blob_count=len(entries),
        blob_list_hash=blob_list_hash(entries),
        created=draft.created,
        expires=draft.expires,
        respond_by=draft.respond_by,
        size_class=size_class(len(plaintext), entries),
        scope_commitment=share.scope.commitment(share.salt),
        extensions=draft.extensions,
    )
    return _seal_parts(draft, header, entries, ciphertexts, share, content)


def _seal_files(
    message_id: bytes, files: tuple[File, ...]
) -> tuple[tuple[Attachment, ...], tuple[Blob, ...], tuple[bytes, ...]]:
    attachments, entries, ciphertexts = [], [], []
    for file in files:
        attachment = Attachment(
            os.urandom(16), os.urandom(32), len(file.data), file.data_kind, file.media_type, file.name
        )
        entry, ciphertext = attachment.seal(message_id, file.data)
        attachments.append(attachment)
        entries.append(entry)
        ciphertexts.append(ciphertext)
    return tuple(attachments), tuple(entries), tuple(ciphertexts)


def _seal_parts(
    draft: Draft,
    header: Header,
    entries: tuple[Blob, ...],
    ciphertexts: tuple[bytes, ...],
    share: ShareC,
    content: Content,
) -> Sealed:
    hh, r, share_c = header.hash, os.urandom(32), share.encode()
    sealed_r = draft.sealing_key.of(draft.suite).seal(label("sluis/v1/share-r", hh), r)
    sealed_c = draft.token.gate_key.of(draft.suite).seal(label("sluis/v1/share-c", hh), share_c)
    plaintext = pad_prefixed(content.encode())
    ciphertext = content_stream(r, share.c, hh).seal(plaintext)
    manifest = Manifest(
        header, entries, len(plaintext), commit_r(hh, r), commit_c(hh, share_c), share_hash(sealed_r),
        share_hash(sealed_c), content_hash(ciphertext),
    ).sign(draft.signing_key)  # fmt: skip
    return Sealed(manifest, sealed_r, sealed_c, ciphertext, ciphertexts, content)


# --- self copy --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SelfCopy:
    """What a sender keeps."""

    TAG: ClassVar[str] = "sluis/v1/self-copy"
    KIND: ClassVar[int] = keys.SIGNING

    message_id: bytes
    sealing_key_id: bytes
    suite: int
    sealed_key: bytes
    padded: int
    ciphertext: bytes

    @classmethod
    def read(cls, reader: Reader) -> SelfCopy:
        """Reads the body."""
        message_id, sealing_key_id, suite = reader.message_id(), reader.take(32), read_suite(reader)
        sealed_key, length = reader.take(sealed_length(suite, 32)), reader.uint(4)
        require(is_padded(length, MAX_CONTENT), "padded length of a self copy")
        return cls(message_id, sealing_key_id, suite, sealed_key, length, reader.take(ciphertext_length(length)))

    def encode(self) -> bytes:
        """The wire form."""
        return b"".join(
            (
                self.message_id, self.sealing_key_id, uint(2, self.suite), self.sealed_key, uint(4, self.padded),
                self.ciphertext,
            )
        )  # fmt: skip

    def own_time(self) -> None:
        """It has no time."""

    def not_after(self) -> None:
        """It has no time."""


def seal_self_copy(sealed: Sealed, signing_key: SecretSigningKey, key: HybridPublicKey, suite: int) -> Signed[SelfCopy]:
    """The sender's copy."""
    header, secret = sealed.manifest.header, os.urandom(32)
    context = header.message_id + key.id
    plaintext = pad_prefixed(prefixed(2, header.encode()) + sealed.content.encode())
    body = SelfCopy(
        header.message_id,
        key.id,
        suite,
        key.of(suite).seal(label("sluis/v1/self-copy", context), secret),
        len(plaintext),
        Stream.derive("sluis/v1/self-copy", secret, context).seal(plaintext),
    )
    return Signed.sign(signing_key, body)


def open_self_copy(data: bytes, signer: VerifyingKey, key: HybridSecretKey) -> tuple[Header, Content]:
    """Form, signature, sealing key, and what is inside."""
    signed = Signed.parse(data, SelfCopy)
    body = signed.body
    signed.verify_signature(signer)
    require(key.public.id == body.sealing_key_id, "sealing key", "WrongKey")
    context = body.message_id + body.sealing_key_id
    secret = key.open(body.suite, label("sluis/v1/self-copy", context), body.sealed_key)
    plaintext = Stream.derive("sluis/v1/self-copy", secret, context).open(body.ciphertext, body.padded)
    inner = Reader(unpad_prefixed(plaintext))
    header = parse(inner.prefixed(2, MAX_HEADER), Header.read)
    content = parse(inner.take(inner.left()), Content.read)
    require(header.message_id == body.message_id, "a copy of another message", "CannotOpen")
    return header, content
