"""Open request, gate, open reply, and what the recipient does (§6)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar

from . import keys
from .circle import MatchStatement
from .content import SHARE_C_LENGTH, Content, ShareC, commit_r, content_stream, open_share_c
from .encoding import SKEW, Reader, Refused, digest, label, parse, prefixed, require, uint, unpad_prefixed
from .keys import (
    HybridSecretKey,
    KemPublicKey,
    KemSecretKey,
    OrganisationKey,
    SecretSigningKey,
    VerifyingKey,
    read_suite,
    sealed_length,
)
from .message import CONTACT_BOX, Manifest, content_hash, share_hash
from .statement import Receipt, Signed

MAX_EVIDENCE = 1024
RECEIPT_EVIDENCE, MATCH_EVIDENCE = 1, 2
REPLY_LENGTH = SHARE_C_LENGTH + 16 + 1


def jwt_hash(jwt: str) -> bytes:
    """The hash of a compact JWT."""
    return digest("sluis/v1/jwt", jwt.encode())


def read_manifest(data: bytes) -> Manifest:
    """The form of a manifest."""
    return parse(data, Manifest.read)


@dataclass(frozen=True)
class OpenRequest:
    """recipient → consent. Its time is judged by the gate."""

    TAG: ClassVar[str] = "sluis/v1/open-request"
    KIND: ClassVar[int] = keys.SIGNING

    request_id: bytes
    asked_at: int
    jwt_hash: bytes
    request_key: KemPublicKey
    manifest: Manifest
    sealed_c: bytes
    receipt: Signed[Receipt]
    matched: Signed[MatchStatement] | None = None

    @classmethod
    def read(cls, reader: Reader) -> OpenRequest:
        """Reads the body."""
        request_id, asked_at, hash_of_jwt, suite = reader.take(16), reader.time(), reader.take(32), read_suite(reader)
        request_key = KemPublicKey(suite, reader.take(keys.PUBLIC_LENGTH[suite]))
        manifest = read_manifest(reader.prefixed(2))
        reader.uint(1, 1, 1)
        sealed_c = reader.prefixed(2)
        require(len(sealed_c) == sealed_length(manifest.header.suite_c, SHARE_C_LENGTH), "length of sealed_c")
        count = reader.uint(1, 1, 2)
        reader.uint(2, RECEIPT_EVIDENCE, RECEIPT_EVIDENCE)
        receipt = Signed.parse(reader.prefixed(2, MAX_EVIDENCE), Receipt)
        matched = None
        if count == 2:
            reader.uint(2, MATCH_EVIDENCE, MATCH_EVIDENCE)
            matched = Signed.parse(reader.prefixed(2, MAX_EVIDENCE), MatchStatement)
        return cls(request_id, asked_at, hash_of_jwt, request_key, manifest, sealed_c, receipt, matched)

    def encode(self) -> bytes:
        """The wire form."""
        evidence = [(RECEIPT_EVIDENCE, self.receipt.encode())]
        if self.matched is not None:
            evidence.append((MATCH_EVIDENCE, self.matched.encode()))
        return b"".join(
            (
                self.request_id, uint(8, self.asked_at), self.jwt_hash,
                uint(2, self.request_key.suite), self.request_key.raw,
                prefixed(2, self.manifest.encode()), uint(1, 1), prefixed(2, self.sealed_c),
                uint(1, len(evidence)), *(uint(2, kind) + prefixed(2, piece) for kind, piece in evidence),
            )
        )  # fmt: skip

    def own_time(self) -> None:
        """See the gate."""

    def not_after(self) -> None:
        """See the gate."""


@dataclass(frozen=True)
class GateCall:
    """What the gate knows of the call and of the world."""

    caller: str
    jwt: str
    now: int
    recipient_key: OrganisationKey
    sender_key: OrganisationKey
    receipt_key: VerifyingKey
    match_key: VerifyingKey | None
    gate_key: HybridSecretKey


def open_at_gate(request: Signed[OpenRequest], call: GateCall) -> ShareC:
    """All checks of the gate on a request of good form, then share C."""
    body, header = request.body, request.body.manifest.header
    request.verify_signature(call.recipient_key.key)
    require(call.recipient_key.organisation == header.recipient, "a key of another organisation", "WrongKey")
    require(call.caller == header.recipient, "another caller", "Caller")
    require(jwt_hash(call.jwt) == body.jwt_hash, "another call", "Caller")
    require(abs(body.asked_at - call.now) <= SKEW, "not of this moment", "Stale")
    require(call.sender_key.organisation == header.sender, "a key of another organisation", "WrongKey")
    body.manifest.verify(call.sender_key)
    require(call.now < header.expires, "the message", "Expired")
    require((header.kind == CONTACT_BOX) == (body.matched is not None), "a match and a contact box", "Evidence")
    body.receipt.verify_signature(call.receipt_key)
    require(body.receipt.body.received_at <= call.now + SKEW, "a receipt from the future", "Evidence")
    require(body.receipt.body.manifest_hash == body.manifest.hash, "a receipt for something else", "Evidence")
    if body.matched is not None:
        _check_match(body.matched, body.receipt.body, call)
    require(share_hash(body.sealed_c) == body.manifest.hash_c, "sealed_c", "ShareMismatch")
    require(call.gate_key.public.id == header.gate_key_id, "gate key", "WrongKey")
    raw = call.gate_key.open(header.suite_c, label("sluis/v1/share-c", header.hash), body.sealed_c)
    return open_share_c(raw, header.hash, body.manifest.commitment_c, header.scope_commitment)


def _check_match(matched: Signed[MatchStatement], receipt: Receipt, call: GateCall) -> None:
    if call.match_key is None:
        raise Refused("WrongKey", "no signalling")
    matched.verify_signature(call.match_key)
    require(matched.body.matched_at <= call.now + SKEW, "a match from the future", "Evidence")
    require(matched.body.manifest_hash == receipt.manifest_hash, "a match of something else", "Evidence")
    require(matched.body.matched_at >= receipt.received_at, "a match before the box came", "Evidence")


@dataclass(frozen=True)
class Release:
    """What the gate releases."""

    share_c: bytes
    handle: bytes
    assisted: bool

    @classmethod
    def read(cls, reader: Reader) -> Release:
        """93 bytes."""
        return cls(reader.take(SHARE_C_LENGTH), reader.take(16), reader.uint(1, 0, 1) == 1)

    def encode(self) -> bytes:
        """The wire form."""
        return self.share_c + self.handle + uint(1, int(self.assisted))


def _reply_info(request: Signed[OpenRequest], leaf_hash: bytes) -> bytes:
    return label("sluis/v1/open-reply", request.body.manifest.header.hash, request.hash, leaf_hash)


def seal_reply(request: Signed[OpenRequest], leaf_hash: bytes, release: Release) -> bytes:
    """The open reply."""
    sealed = request.body.request_key.seal(_reply_info(request, leaf_hash), release.encode())
    return uint(2, 1) + leaf_hash + sealed


@dataclass(frozen=True)
class Received:
    """A message whose share R the recipient has opened."""

    manifest: Manifest
    r: bytes
    sealed_c: bytes

    @classmethod
    def open(cls, manifest: Manifest, key: HybridSecretKey, sealed_r: bytes, sealed_c: bytes) -> Received:
        """On a verified manifest: key id, hashes, R, `cmt_r`."""
        header = manifest.header
        require(key.public.id == header.sealing_key_id, "sealing key", "WrongKey")
        require(share_hash(sealed_r) == manifest.hash_r, "sealed_r", "ShareMismatch")
        require(share_hash(sealed_c) == manifest.hash_c, "sealed_c", "ShareMismatch")
        r = key.open(header.suite_r, label("sluis/v1/share-r", header.hash), sealed_r)
        require(len(r) == 32, "length of R")
        require(commit_r(header.hash, r) == manifest.commitment_r, "cmt_r", "Commitment")
        return cls(manifest, r, sealed_c)

    def ask(
        self,
        key: SecretSigningKey,
        jwt: str,
        request_key: KemSecretKey,
        receipt: Signed[Receipt],
        now: int,
        request_id: bytes | None = None,
        matched: Signed[MatchStatement] | None = None,
    ) -> Signed[OpenRequest]:
        """The open request."""
        body = OpenRequest(
            request_id or os.urandom(16),
            now,
            jwt_hash(jwt),
            request_key.public,
            self.manifest,
            self.sealed_c,
            receipt,
            matched,
        )
        return Signed.sign(key, body)


@dataclass(frozen=True)
class Opened:
    """A message that both gates let through."""

    manifest: Manifest
    r: bytes
    share: ShareC
    handle: bytes
    assisted: bool
    leaf_hash: bytes

    @classmethod
    def complete(
        cls, received: Received, request: Signed[OpenRequest], request_key: KemSecretKey, reply: bytes
    ) -> Opened:
        """Form and opening of the reply, flags, `cmt_c`, form of the share, `scope_cmt`."""

        def read(reader: Reader) -> tuple[bytes, bytes]:
            reader.uint(2, 1, 1)
            return reader.take(32), reader.take(sealed_length(request_key.suite, REPLY_LENGTH))

        leaf_hash, sealed = parse(reply, read)
        release = parse(request_key.open(_reply_info(request, leaf_hash), sealed), Release.read)
        manifest = received.manifest
        header = manifest.header
        share = open_share_c(release.share_c, header.hash, manifest.commitment_c, header.scope_commitment)
        return cls(manifest, received.r, share, release.handle, release.assisted, leaf_hash)

    def content(self, ciphertext: bytes) -> Content:
        """The content, checked against all that the sender signed."""
        manifest = self.manifest
        require(content_hash(ciphertext) == manifest.content_hash, "content", "CiphertextMismatch")
        stream = content_stream(self.r, self.share.c, manifest.header.hash)
        content = parse(unpad_prefixed(stream.open(ciphertext, manifest.padded)), Content.read)
        require(content.scope == self.share.scope, "the content's scope is another", "Scope")
        content.check_blobs(manifest.blobs)
        return content
