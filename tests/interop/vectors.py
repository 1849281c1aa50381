"""The committed vectors (§12)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sluis_envelope import keys
from sluis_envelope.checkpoint import Checkpoint
from sluis_envelope.circle import (
    Bundle,
    CirclePost,
    ContactBox,
    MatchStatement,
    circle_tag,
    open_box,
    open_bundle,
    seal_box,
    seal_bundle,
)
from sluis_envelope.consent_receipt import verify as verify_receipt
from sluis_envelope.content import Content, ShareC, commit_c, commit_r, content_stream
from sluis_envelope.directory import entry_hash, root
from sluis_envelope.encoding import Refused, digest, label, pad, pad_prefixed, padded, parse
from sluis_envelope.key_statement import KeyStatement, accept_first, accept_newer
from sluis_envelope.keys import HybridSecretKey, KemSecretKey, OrganisationKey, SecretSigningKey, VerifyingKey
from sluis_envelope.message import Manifest
from sluis_envelope.opening import (
    GateCall,
    Opened,
    OpenRequest,
    Received,
    Release,
    jwt_hash,
    open_at_gate,
    read_manifest,
    seal_reply,
)
from sluis_envelope.sealing import SelfCopy, open_self_copy
from sluis_envelope.statement import Body, DirectoryHead, GrantToken, LeafPromise, Receipt, Signed, Ticket
from sluis_envelope.stream import ciphertext_length

Case = dict[str, Any]
Check = tuple[str, Callable[[], None]]
VECTORS = Path(__file__).parents[2] / "envelope" / "vectors"
STATEMENTS: dict[str, type[Body]] = {
    "grant_token": GrantToken,
    "resident_ticket": Ticket,
    "submission_receipt": Receipt,
    "leaf_promise": LeafPromise,
    "directory_head": DirectoryHead,
    "circle_post": CirclePost,
    "match_statement": MatchStatement,
}


def expect(holds: bool, what: str) -> None:
    """Fails the check unless `holds`."""
    if not holds:
        raise AssertionError(what)


def same(actual: object, expected: object, what: str) -> None:
    """Fails the check unless both are equal. Says the first of long values only."""
    expect(actual == expected, f"{what}: {str(actual)[:80]} is not {str(expected)[:80]}")


class Story:
    """The steps of §12 over one message, in order. A step keeps what later steps need."""

    STEPS = ("manifest", "submit", "share", "request", "gate", "reply", "content", "blob", "copy")

    def __init__(self, case: Case) -> None:
        self.case = case
        self.sender_key = OrganisationKey(case["sender"], self.signing_key("sender").public)
        self.recipient_key = OrganisationKey(case["recipient"], self.signing_key("recipient").public)

    def bytes(self, field: str) -> bytes:
        """A binary value."""
        return bytes.fromhex(self.case[field])

    def signing_key(self, whose: str) -> SecretSigningKey:
        """The signing key of sender or recipient."""
        return SecretSigningKey(keys.SIGNING, self.bytes(f"{whose}_signing_seed"))

    def hybrid(self, field: str, kind: int) -> HybridSecretKey:
        """A hybrid private key."""
        return parse(self.bytes(field), lambda reader: HybridSecretKey.read(reader, kind))

    @property
    def receipt_key(self) -> SecretSigningKey:
        """Referral's."""
        return SecretSigningKey(keys.RECEIPT, self.bytes("receipt_seed"))

    @property
    def match_key(self) -> VerifyingKey | None:
        """Signalling's."""
        return SecretSigningKey(keys.MATCH, self.bytes("match_seed")).public if "match_seed" in self.case else None

    @property
    def gate_call(self) -> GateCall:
        """What the gate knows."""
        return GateCall(
            caller=self.case["caller"],
            jwt=self.case["jwt"],
            now=self.case["opened_at"],
            recipient_key=self.recipient_key,
            sender_key=self.sender_key,
            receipt_key=self.receipt_key.public,
            match_key=self.match_key,
            gate_key=self.hybrid("gate_secret", keys.GATE),
        )

    @property
    def request_key(self) -> KemSecretKey:
        """The request key."""
        return KemSecretKey(self.case["request_suite"], self.bytes("request_secret"))

    def run(self, step: str) -> None:
        """Runs one step."""
        getattr(self, step)()

    def manifest(self) -> None:
        """Form and signature."""
        self.read: Manifest = read_manifest(self.bytes("manifest"))
        self.read.verify(self.sender_key)

    def submit(self) -> None:
        """The grant token lets the message through."""
        self.token = Signed.parse(self.bytes("grant_token"), GrantToken)
        issuer = SecretSigningKey(keys.GRANT_TOKEN, self.bytes("grant_token_seed")).public
        self.token.verify(issuer, self.case["submitted_at"])
        self.token.body.check(self.read.header)

    def share(self) -> None:
        """The recipient opens R."""
        key = self.hybrid("recipient_sealing_secret", keys.SEALING)
        self.received = Received.open(self.read, key, self.bytes("sealed_r"), self.bytes("sealed_c"))

    def request(self) -> None:
        """Form of the open request."""
        self.asked = Signed.parse(self.bytes("open_request"), OpenRequest)

    def gate(self) -> None:
        """The gate opens C."""
        self.share_c = open_at_gate(self.asked, self.gate_call)

    def reply(self) -> None:
        """The recipient opens the reply."""
        self.opened = Opened.complete(self.received, self.asked, self.request_key, self.bytes("open_reply"))

    def content(self) -> None:
        """Content."""
        self.inside: Content = self.opened.content(self.bytes("content"))

    def blob(self) -> None:
        """Attachments."""
        self.files = [
            attachment.open(self.read.header.message_id, blob, bytes.fromhex(given["ciphertext"]))
            for attachment, blob, given in zip(
                self.inside.attachments, self.read.blobs, self.case["attachments"], strict=True
            )
        ]

    def copy(self) -> None:
        """The self copy."""
        key = self.hybrid("sender_sealing_secret", keys.SEALING)
        self.kept = open_self_copy(self.bytes("self_copy"), self.sender_key.key, key)


# --- hash.json --------------------------------------------------------------------------------------------------------


def _hash_checks() -> Iterator[Check]:
    vectors = json.loads((VECTORS / "hash.json").read_text())

    def check_hash(vector: Case) -> None:
        elements = vector["parts"] if vector["list"] is None else vector["list"]
        parts = [bytes.fromhex(part) for part in elements]
        actual = digest(vector["tag"], *parts) if vector["list"] is None else digest(vector["tag"], parts)
        same(actual.hex(), vector["hash"], "hash")

    def check_padding(vector: Case) -> None:
        length = padded(vector["length"])
        same((length, ciphertext_length(length)), (vector["padded"], vector["ciphertext"]), "padding")

    for index, vector in enumerate(vectors["hash"]):
        yield f"hash {index}", partial(check_hash, vector)
    for vector in vectors["padding"]:
        yield f"padding {vector['length']}", partial(check_padding, vector)


# --- message.json -----------------------------------------------------------------------------------------------------


def _opens(case: Case) -> None:
    """All steps pass, and what comes out is what the vector says went in."""
    story = Story(case)
    for step in Story.STEPS:
        story.run(step)
    inside, given = story.inside, case["attachments"]
    same(inside.body, bytes.fromhex(case["body"]) * case["body_times"], "body")
    same((inside.media_type, inside.based_on), (case["media_type"], story.bytes("based_on")), "content")
    scope = inside.scope
    expected = (case["purposes"], case["life_domains"], case["data_kinds"])
    same((scope.purposes, scope.life_domains, scope.data_kinds), expected, "scope")
    for attachment, data, vector in zip(inside.attachments, story.files, given, strict=True):
        named = (attachment.blob_id.hex(), attachment.key.hex(), attachment.file_name)
        same(named, (vector["blob_id"], vector["key"], vector["name"]), "attachment")
        same((attachment.media_type, attachment.data_kind), (vector["media_type"], vector["data_kind"]), "attachment")
        same(data.hex(), vector["bytes"], "bytes of an attachment")
    same(story.opened.handle.hex(), case["handle"], "handle")
    same(story.opened.assisted, case["assisted"], "assisted")
    same(story.opened.leaf_hash.hex(), case["leaf_hash"], "leaf hash")
    same(story.share_c, story.opened.share, "share C at gate and recipient")
    header, copied = story.kept
    same(header, story.read.header, "header of the self copy")
    same(copied, inside, "content of the self copy")


def _same_bytes(case: Case) -> None:
    """All that is not random is made again, byte for byte."""
    story = Story(case)
    for step in Story.STEPS:
        story.run(step)
    read, inside, header = story.read, story.inside, story.read.header
    share = ShareC(story.bytes("c"), story.bytes("salt"), inside.scope)
    r, hh = story.bytes("r"), header.hash
    same(header.encode().hex(), case["header"], "header")
    same(hh.hex(), case["header_hash"], "header hash")
    same(read.hash.hex(), case["manifest_hash"], "manifest hash")
    same(commit_r(hh, r), read.commitment_r, "cmt_r")
    same(commit_c(hh, share.encode()), read.commitment_c, "cmt_c")
    stream = content_stream(r, share.c, hh)
    derived = (stream.prk.hex(), stream.key.hex(), stream.prefix.hex())
    same(derived, (case["prk"], case["chunk_key"], case["chunk_nonce_prefix"]), "keys of the content")
    same(stream.seal(pad_prefixed(inside.encode())).hex(), case["content"], "content")
    same(read.sign(story.signing_key("sender")).encode().hex(), case["manifest"], "manifest")
    for attachment, data, vector in zip(inside.attachments, story.files, case["attachments"], strict=True):
        same(attachment.stream(header.message_id).seal(pad(data)).hex(), vector["ciphertext"], "attachment")
    issuer = SecretSigningKey(keys.GRANT_TOKEN, story.bytes("grant_token_seed"))
    same(Signed.sign(issuer, story.token.body).encode().hex(), case["grant_token"], "grant token")
    receipt = Signed.sign(story.receipt_key, Receipt(read.hash, story.asked.body.receipt.body.received_at))
    same(receipt.encode().hex(), case["receipt"], "receipt")
    same(jwt_hash(case["jwt"]).hex(), case["jwt_hash"], "JWT hash")
    asked = story.received.ask(
        story.signing_key("recipient"),
        case["jwt"],
        story.request_key,
        receipt,
        story.asked.body.asked_at,
        story.bytes("request_id"),
        story.asked.body.matched,
    )
    same(asked.encode().hex(), case["open_request"], "open request")
    same(asked.hash.hex(), case["request_hash"], "request hash")
    kept = Signed.parse(story.bytes("self_copy"), SelfCopy)
    same(Signed.sign(story.signing_key("sender"), kept.body).encode().hex(), case["self_copy"], "self copy")
    for secret, kind in (("sender_sealing_secret", keys.SEALING), ("gate_secret", keys.GATE)):
        key = story.hybrid(secret, kind)
        same(key.encode().hex(), case[secret], secret)
        public = key.public
        again = parse(public.encode(), partial(keys.HybridPublicKey.read, kind=kind))
        same(again, public, "hybrid key")


def _sealed_again(case: Case) -> None:
    """What is random is sealed afresh, and opens."""
    story = Story(case)
    for step in ("manifest", "submit", "share", "request", "gate"):
        story.run(step)
    hh, read = story.read.header.hash, story.read
    recipient, gate = story.hybrid("recipient_sealing_secret", keys.SEALING), story.hybrid("gate_secret", keys.GATE)
    for suite in keys.SUITES:
        info = label("sluis/v1/share-r", hh)
        same(recipient.open(suite, info, recipient.public.of(suite).seal(info, b"R")), b"R", "HPKE")
        same(gate.open(suite, info, gate.public.of(suite).seal(info, b"C")), b"C", "HPKE")
    release = Release(story.share_c.encode(), story.bytes("handle"), case["assisted"])
    reply = seal_reply(story.asked, story.bytes("leaf_hash"), release)
    same(len(reply), len(story.bytes("open_reply")), "length of a reply")
    opened = Opened.complete(story.received, story.asked, story.request_key, reply)
    same(opened.content(story.bytes("content")).scope, story.share_c.scope, "scope")
    same(read, parse(read.encode(), Manifest.read), "manifest")


# --- negative.json ----------------------------------------------------------------------------------------------------


def apply(case: Case, edit: Case) -> None:
    """Applies one edit."""
    *path, last = edit["field"].removeprefix("/").split("/")
    place: Any = case
    for name in path:
        place = place[int(name) if isinstance(place, list) else name]
    if "set" in edit:
        place[last] = edit["set"]
    elif "set_json" in edit:
        place[last] = edit["set_json"]
    else:
        place[last] = _edited(bytearray.fromhex(place[last]), edit).hex()


def _edited(data: bytearray, edit: Case) -> bytearray:
    if "xor" in edit:
        data[edit["xor"]["at"]] ^= edit["xor"]["with"]
        return data
    if "keep" in edit:
        return data[: edit["keep"]]
    if "append" in edit:
        return data + bytes.fromhex(edit["append"])
    first, second, length = (edit["swap"][name] for name in ("first", "second", "length"))
    expect(first + length <= second and second + length <= len(data), "runs overlap")
    data[first : first + length], data[second : second + length] = (
        data[second : second + length],
        data[first : first + length],
    )
    return data


def refused(error: str, act: Callable[[], object]) -> None:
    """`act` must refuse with `error`."""
    try:
        act()
    except Refused as refusal:
        same(refusal.error, error, "error")
    else:
        raise AssertionError(f"passed instead of {error}")


def _refuses(vector: Case, messages: dict[str, Case]) -> None:
    case = copy.deepcopy(messages[vector["case"]])
    for edit in vector["edits"]:
        apply(case, edit)
    story = Story(case)
    for step in Story.STEPS[: Story.STEPS.index(vector["step"])]:
        try:
            story.run(step)
        except Refused as refusal:
            raise AssertionError(f"step {step} refuses already: {refusal}") from None
    refused(vector["error"], lambda: story.run(vector["step"]))


# --- statement.json, key_statement.json -------------------------------------------------------------------------------


def judged(error: str | None, act: Callable[[], object]) -> None:
    """`act` must pass, or refuse with `error`."""
    if error is None:
        act()
    else:
        refused(error, act)


def _judge_statement(vector: Case) -> None:
    public = bytes.fromhex(vector["key"])
    if vector["statement"] == "checkpoint":
        Checkpoint.parse(vector["signed"].encode()).verify(vector["origin"], VerifyingKey(keys.LOG, public))
        return
    kind, data = STATEMENTS[vector["statement"]], bytes.fromhex(vector["signed"])
    signed = Signed.parse(data, kind)
    same(signed.encode().hex(), data.hex(), "encoding")
    signed.verify(VerifyingKey(kind.KIND, public), vector["now"])


def _judge_key_statement(vector: Case) -> None:
    data = bytes.fromhex(vector["statement"])
    signed = Signed.parse(data, KeyStatement)
    same(signed.encode().hex(), data.hex(), "encoding")
    if vector["known"] is None:
        accept_first(signed, bytes.fromhex(vector["fingerprint"]), vector["now"])
    else:
        known = Signed.parse(bytes.fromhex(vector["known"]), KeyStatement)
        accept_newer(signed, known, vector["now"])


# --- directory.json ---------------------------------------------------------------------------------------------------


def _directory_changes() -> None:
    """After each change the directory has the root that the vector says."""
    entries: dict[bytes, bytes] = {}
    for change in json.loads((VECTORS / "directory.json").read_text()):
        offer_id = bytes.fromhex(change["offer_id"])
        if change["document"] is None:
            entries.pop(offer_id, None)
        else:
            entries[offer_id] = entry_hash(offer_id, bytes.fromhex(change["document"]))
            same(entries[offer_id].hex(), change["entry_hash"], f"entry after {change['name']}")
        same((len(entries), root(entries).hex()), (change["entries"], change["root"]), f"root after {change['name']}")


# --- consent_receipt.json -----------------------------------------------------------------------------------------------


def _receipt_checks() -> Iterator[Check]:
    vectors = json.loads((VECTORS / "consent_receipt.json").read_text())
    public = bytes.fromhex(vectors["public"])

    def check_receipt(case: Case) -> None:
        try:
            fields = verify_receipt(case["receipt"], public)
        except Refused as refused:
            same(refused.error, case["error"], "error")
        else:
            same(None, case["error"], "error")
            same(fields, json.loads(vectors["payload"]), "payload")

    for case in vectors["receipts"]:
        yield f"consent receipt: {case['name']}", partial(check_receipt, case)


# --- circle.json ------------------------------------------------------------------------------------------------------


def _judge_bundle(vector: Case) -> None:
    data = bytes.fromhex(vector["sealed"])
    key = parse(bytes.fromhex(vector["sealing_secret"]), lambda reader: HybridSecretKey.read(reader, keys.SEALING))
    bundle = open_bundle(data, vector["organisation"], key)
    bundle.verify(VerifyingKey(keys.CIRCLE, bytes.fromhex(vector["circle_key"])))
    same(bundle.encode().hex(), vector["bundle"], "bundle")
    for suite in keys.SUITES if len(key.encode()) == 65 else keys.SUITES[:1]:
        same(open_bundle(seal_bundle(bundle, key.public, suite), vector["organisation"], key), bundle, "sealed again")
    same(parse(bundle.encode(), Bundle.read), bundle, "bundle")


def _judge_box(vector: Case) -> None:
    tag, box_id, sealed = (bytes.fromhex(vector[field]) for field in ("tag", "box_id", "sealed"))
    box, receipt = open_box(sealed, tag, vector["epoch"], box_id)
    same(box.encode().hex(), vector["contact_box"], "contact box")
    same(receipt.encode().hex(), vector["receipt"], "receipt")
    same(seal_box(box, receipt, tag, vector["epoch"], box_id).hex(), vector["sealed"], "contact box at rest")
    same(parse(box.encode(), ContactBox.read), box, "contact box")


def _circle_checks() -> Iterator[Check]:
    vectors = json.loads((VECTORS / "circle.json").read_text())

    def check_tag(vector: Case) -> None:
        tag = circle_tag(bytes.fromhex(vector["secret"]), vector["epoch"], vector["class"])
        same(tag.hex(), vector["tag"], "tag")

    for index, vector in enumerate(vectors["tags"]):
        yield f"circle tag {index}", partial(check_tag, vector)
    for part, judge in (("bundles", _judge_bundle), ("boxes", _judge_box)):
        for vector in vectors[part]:
            yield f"circle {part} {vector['name']}", partial(judged, vector["error"], partial(judge, vector))


def checks() -> Iterator[Check]:
    """All vectors."""
    yield "directory", _directory_changes
    yield from _hash_checks()
    yield from _receipt_checks()
    yield from _circle_checks()
    messages: list[Case] = json.loads((VECTORS / "message.json").read_text())
    for case in messages:
        yield f"message {case['name']}: opens", partial(_opens, case)
        yield f"message {case['name']}: same bytes", partial(_same_bytes, case)
        yield f"message {case['name']}: sealed again", partial(_sealed_again, case)
    named = {case["name"]: case for case in messages}
    for vector in json.loads((VECTORS / "negative.json").read_text()):
        yield f"negative {vector['name']}", partial(_refuses, vector, named)
    for file, judge in (("statement.json", _judge_statement), ("key_statement.json", _judge_key_statement)):
        for vector in json.loads((VECTORS / file).read_text()):
            name = f"{file} {vector['statement'] if file == 'statement.json' else ''} {vector['name']}"
            yield name, partial(judged, vector["error"], partial(judge, vector))
