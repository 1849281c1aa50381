"""Sealed handles (§13)."""

from __future__ import annotations

from .encoding import Reader, label, parse, require, uint
from .keys import HybridPublicKey, HybridSecretKey, read_suite, sealed_length

HANDLE_LENGTH = 16


def _info(organisation: str, sealing_key_id: bytes) -> bytes:
    return label("sluis/v1/handle", organisation.encode(), sealing_key_id)


def seal_handle(handle: bytes, organisation: str, key: HybridPublicKey, suite: int) -> bytes:
    """A handle for one organisation."""
    return uint(2, 1) + key.id + uint(2, suite) + key.of(suite).seal(_info(organisation, key.id), handle)


def open_handle(data: bytes, organisation: str, key: HybridSecretKey) -> bytes:
    """Form, key, opening."""

    def read(reader: Reader) -> tuple[bytes, int, bytes]:
        reader.uint(2, 1, 1)
        key_id, suite = reader.take(32), read_suite(reader)
        return key_id, suite, reader.take(sealed_length(suite, HANDLE_LENGTH))

    key_id, suite, sealed = parse(data, read)
    require(key_id == key.public.id, "sealing key", "WrongKey")
    return key.open(suite, _info(organisation, key_id), sealed)
