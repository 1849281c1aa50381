"""Consent receipts (§15)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .encoding import Refused, require
from .keys import CONSENT_RECEIPT, key_id


def decode(part: str) -> bytes:
    """base64url without padding, and nothing else."""
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    require(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == part, "base64url")
    return data


def canonical(value: object) -> str:
    """JSON by RFC 8785, of the values that a receipt may hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def verify(receipt: str, public: bytes) -> dict[str, Any]:
    """The payload of a receipt that this key signed."""
    parts = receipt.split(".")
    require(len(parts) == 3, "three parts")
    kid = key_id(CONSENT_RECEIPT, public).hex()
    header = '{"alg":"EdDSA","kid":"%s","typ":"consent-receipt+jws"}' % kid
    require(decode(parts[0]) == header.encode(), "header", "Signature")
    try:
        signed = f"{parts[0]}.{parts[1]}".encode()
        Ed25519PublicKey.from_public_bytes(public).verify(decode(parts[2]), signed)
    except InvalidSignature:
        raise Refused("Signature", "receipt") from None
    payload = decode(parts[1]).decode()
    fields: dict[str, Any] = json.loads(payload)
    require(canonical(fields) == payload, "canonical JSON")
    return fields
