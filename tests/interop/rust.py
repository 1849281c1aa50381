"""Both directions between Python and Rust: what one seals, the other opens."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sluis_envelope import keys
from sluis_envelope.content import Scope
from sluis_envelope.encoding import SECOND
from sluis_envelope.handle import open_handle, seal_handle
from sluis_envelope.keys import HybridSecretKey, KemSecretKey, SecretSigningKey
from sluis_envelope.opening import Opened, Received, Release, open_at_gate, seal_reply
from sluis_envelope.sealing import Draft, File, Sealed, seal, seal_self_copy
from sluis_envelope.statement import GrantToken, Receipt, Signed
from vectors import Case, Check, Story, same

ROOT = Path(__file__).parents[2]
SENDER, RECIPIENT = "00000099000000001000", "00000099000000002000"
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJweXRob24ifQ.c2lnbmF0dXJl"
SCOPE = Scope(purposes=1 << 1, life_domains=1 << 1 | 1 << 3, data_kinds=1 << 2 | 1 << 3)
LEAF_HASH = bytes(range(32))
DAY = 86_400 * SECOND
FILES = (
    File("plan.pdf", "application/pdf", 3, b"%PDF-1.7 not really"),
    File("leeg.txt", "text/plain; charset=utf-8", 2, b""),
    File("verslag ’t huis.bin", "application/octet-stream", 2, bytes(range(256)) * 700),  # three chunks
)


class Rust:
    """The example `interop` of the crate."""

    def __init__(self) -> None:
        command = ["cargo", "build", "--quiet", "--locked", "--workspace", "--example", "interop"]
        built = subprocess.run(
            [*command, "--message-format", "json"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        messages = [json.loads(line) for line in built.stdout.splitlines()]
        self._program = next(
            message["executable"] for message in messages if message.get("target", {}).get("name") == "interop"
        )

    def __call__(self, command: str, fields: Case) -> Case:
        """One request and its answer."""
        request = json.dumps({"command": command, **fields})
        ran = subprocess.run([self._program], input=request, capture_output=True, text=True, check=False)
        if ran.returncode not in (0, 1):
            raise RuntimeError(f"Rust stops at {command}: {ran.stderr.strip()}")
        if ran.returncode == 1:
            raise AssertionError(f"Rust refuses to {command}: {ran.stderr.strip()}")
        answer: Case = json.loads(ran.stdout)
        return answer


@dataclass(frozen=True)
class Plan:
    """One message."""

    name: str
    suite: int
    x25519_only: bool
    body: bytes
    files: tuple[File, ...]


PLANS = (
    Plan("x-wing", keys.X_WING, False, b"een eigen huis", ()),
    Plan("x-wing, attachments", keys.X_WING, False, b"koken" * 40_000, FILES),
    Plan("x25519", keys.X25519, False, b"", ()),
    Plan("x25519, attachments", keys.X25519, False, b"een praatje", FILES),
    Plan("x25519 only", keys.X25519, True, b"een eigen huis", ()),
    Plan("x25519 only, attachments", keys.X25519, True, b"\0" * 65_535, FILES),
)


def now() -> int:
    """Microseconds."""
    return time.time_ns() // 1000


def told(plan: Plan) -> Case:
    """What a recipient must learn."""
    return {
        "media_type": "application/fhir+json",
        "based_on": bytes(16).hex(),
        "purposes": SCOPE.purposes,
        "life_domains": SCOPE.life_domains,
        "data_kinds": SCOPE.data_kinds,
        "body": plan.body.hex(),
        "attachments": [
            {"name": file.name, "media_type": file.media_type, "data_kind": file.data_kind, "bytes": file.data.hex()}
            for file in plan.files
        ],
    }


# --- Rust seals -------------------------------------------------------------------------------------------------------


def compare(story: Story, plan: Plan) -> None:
    """What came out is what the plan says."""
    inside = story.inside
    same(inside.scope, SCOPE, "scope")
    same((inside.media_type, inside.based_on), ("application/fhir+json", bytes(16)), "content")
    same(inside.body, plan.body, "body")
    files = tuple(
        File(each.file_name, each.media_type, each.data_kind, data)
        for each, data in zip(inside.attachments, story.files, strict=True)
    )
    same(files, plan.files, "attachments")
    header, content = story.kept
    same((header, content), (story.read.header, inside), "self copy")
    same(story.opened.share, story.share_c, "share C at gate and recipient")


def python_opens(rust: Rust, plan: Plan) -> None:
    """Rust seals, asks and replies; Python is recipient and gate, with the Rust request and with its own."""
    case = rust(
        "seal",
        {
            "now": now(),
            "suite": plan.suite,
            "x25519_only": plan.x25519_only,
            "sender": SENDER,
            "recipient": RECIPIENT,
            **told(plan),
        },
    )
    story = Story(case)
    for step in Story.STEPS:
        story.run(step)
    compare(story, plan)
    same(story.opened.handle.hex(), case["handle"], "handle")
    same(story.opened.assisted, case["assisted"], "assisted")
    same(story.read.header.suite_r, plan.suite, "suite of R")
    same(story.read.header.suite_c, plan.suite, "suite of C")

    request_key = KemSecretKey.generate(plan.suite)
    asked = story.received.ask(
        story.signing_key("recipient"), case["jwt"], request_key, story.asked.body.receipt, case["opened_at"]
    )
    share = open_at_gate(asked, story.gate_call)
    reply = seal_reply(asked, LEAF_HASH, Release(share.encode(), bytes(16), False))
    story.opened = Opened.complete(story.received, asked, request_key, reply)
    story.content()
    story.blob()
    compare(story, plan)

    own = story.hybrid("recipient_sealing_secret", keys.SEALING)
    inside = open_handle(story.bytes("sealed_handle"), RECIPIENT, own)
    same(inside.hex(), case["handle_inside"], "sealed handle")


# --- Python seals -----------------------------------------------------------------------------------------------------


def sealed_by_python(plan: Plan) -> tuple[Case, Sealed]:
    """A message with all its keys, asked for and replied to once."""
    at = now()
    hybrid = not plan.x25519_only
    sender_sealing, recipient_sealing = (HybridSecretKey.generate(keys.SEALING, hybrid) for _ in range(2))
    gate = HybridSecretKey.generate(keys.GATE, hybrid)
    sender_signing, recipient_signing = (SecretSigningKey.generate(keys.SIGNING) for _ in range(2))
    tokens, receipts = SecretSigningKey.generate(keys.GRANT_TOKEN), SecretSigningKey.generate(keys.RECEIPT)
    token = GrantToken(os.urandom(16), 2, SENDER, RECIPIENT, gate.public, at, at + 600 * SECOND)
    sealed = seal(
        Draft(
            sender=SENDER,
            signing_key=sender_signing,
            token=token,
            sealing_key=recipient_sealing.public,
            suite=plan.suite,
            kind=1,
            priority=2,
            created=at,
            expires=at + 366 * DAY,
            media_type="application/fhir+json",
            scope=SCOPE,
            body=plan.body,
            files=plan.files,
            respond_by=at + DAY,
            extensions=((0x0001, b""), (0x7FFF, b"later")),
        )
    )
    receipt = Signed.sign(receipts, Receipt(sealed.manifest.hash, at))
    received = Received.open(sealed.manifest, recipient_sealing, sealed.sealed_r, sealed.sealed_c)
    request_key = KemSecretKey.generate(plan.suite)
    asked = received.ask(recipient_signing, JWT, request_key, receipt, at)
    handle = os.urandom(16)
    case: Case = {
        "sender": SENDER,
        "sender_signing_seed": sender_signing.seed.hex(),
        "sender_sealing_secret": sender_sealing.encode().hex(),
        "recipient": RECIPIENT,
        "recipient_signing_seed": recipient_signing.seed.hex(),
        "recipient_sealing_secret": recipient_sealing.encode().hex(),
        "gate_secret": gate.encode().hex(),
        "grant_token_seed": tokens.seed.hex(),
        "receipt_seed": receipts.seed.hex(),
        "attachments": [{"ciphertext": ciphertext.hex()} for ciphertext in sealed.blobs],
        "grant_token": Signed.sign(tokens, token).encode().hex(),
        "manifest": sealed.manifest.encode().hex(),
        "sealed_r": sealed.sealed_r.hex(),
        "sealed_c": sealed.sealed_c.hex(),
        "content": sealed.ciphertext.hex(),
        "submitted_at": at,
        "receipt": receipt.encode().hex(),
        "opened_at": at,
        "caller": RECIPIENT,
        "jwt": JWT,
        "request_suite": plan.suite,
        "request_secret": request_key.raw.hex(),
        "open_request": asked.encode().hex(),
        "leaf_hash": LEAF_HASH.hex(),
        "handle": handle.hex(),
        "assisted": not plan.files,
        "self_copy": seal_self_copy(sealed, sender_signing, sender_sealing.public, plan.suite).encode().hex(),
        "sealed_handle": seal_handle(handle, RECIPIENT, recipient_sealing.public, plan.suite).hex(),
    }
    share = open_at_gate(asked, Story(case).gate_call)
    case["open_reply"] = seal_reply(asked, LEAF_HASH, Release(share.encode(), handle, case["assisted"])).hex()
    return case, sealed


def rust_opens(rust: Rust, plan: Plan) -> None:
    """Python seals, asks and replies; Rust is recipient and gate, with the Python request and with its own."""
    case, sealed = sealed_by_python(plan)
    answer = rust("open", case)
    expected = {**told(plan), "based_on": None, "handle": case["handle"], "assisted": case["assisted"]}
    same(answer["opened"], expected, "opened by Rust")
    same(answer["opened_by_their_gate"], expected, "opened by Rust with the reply of Python")
    same(answer["copied_header"], sealed.manifest.header.encode().hex(), "header of the self copy")
    same(answer["copied_body"], plan.body.hex(), "body of the self copy")
    same(answer["handle_inside"], case["handle"], "sealed handle")

    story = Story({**case, "open_reply": answer["open_reply"], "leaf_hash": answer["leaf_hash"]})
    for step in Story.STEPS:
        story.run(step)
    compare(story, plan)
    same(story.opened.handle.hex(), case["handle"], "handle in the reply of Rust")
    same(story.opened.leaf_hash.hex(), answer["leaf_hash"], "leaf hash in the reply of Rust")


def rust_refuses(rust: Rust, plan: Plan) -> None:
    """What Python sealed and then changed does not open: so `open` looks at what it is given."""
    case, _ = sealed_by_python(plan)
    parts = ("grant_token", "manifest", "sealed_r", "sealed_c", "content", "open_reply", "self_copy", "sealed_handle")
    for field in parts:
        changed = copy.deepcopy(case)
        changed[field] = case[field][:-2] + f"{int(case[field][-2:], 16) ^ 1:02x}"
        try:
            rust("open", changed)
        except AssertionError:
            continue
        raise AssertionError(f"Rust opens a message with another {field}")


def checks() -> Iterator[Check]:
    """Builds the Rust end and talks to it."""
    rust = Rust()
    for plan in PLANS:
        yield f"Rust seals, Python opens: {plan.name}", partial(python_opens, rust, plan)
        yield f"Python seals, Rust opens: {plan.name}", partial(rust_opens, rust, plan)
    for plan in PLANS[:4:2]:
        yield f"Rust refuses what was changed: {plan.name}", partial(rust_refuses, rust, plan)
