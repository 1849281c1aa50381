"""Keys, signatures and HPKE (§1, §2)."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from .encoding import TEXT, Reader, Refused, digest, require, uint

IDENTITY, SIGNING, SEALING, JWT, TLS, GATE = 1, 2, 3, 4, 5, 6
GRANT_TOKEN, RECEIPT, TICKET, LOG = 8, 9, 10, 11
CIRCLE, MATCH = 16, 17
DIRECTORY = 18
CONSENT_RECEIPT = 19

X25519: Final = 0x0020
X_WING: Final = 0x647A
SUITES = (X25519, X_WING)
PUBLIC_LENGTH = {X25519: 32, X_WING: 1216}
ENC_LENGTH = {X25519: 32, X_WING: 1120}
_MLKEM_PUBLIC_LENGTH = 1184
_HPKE = {
    X25519: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    X_WING: Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
_FIELD = 2**255 - 19
_SMALL_ORDER_X25519 = {
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
}


def key_id(kind: int, *parts: bytes) -> bytes:
    """The key id of §2."""
    return digest("sluis/v1/key-id", bytes([kind]), *parts)


# --- Ed25519 ----------------------------------------------------------------------------------------------------------

_D = -121665 * pow(121666, -1, _FIELD) % _FIELD
_SQRT_MINUS_1 = pow(2, (_FIELD - 1) // 4, _FIELD)
_Point = tuple[int, int]


def _decode_point(data: bytes) -> _Point | None:
    """The point that `data` is the canonical encoding of (RFC 8032 §5.1.3)."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _FIELD:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _FIELD) % _FIELD
    x = pow(square, (_FIELD + 3) // 8, _FIELD)
    if x * x % _FIELD != square:
        x = x * _SQRT_MINUS_1 % _FIELD
    if x * x % _FIELD != square or (x == 0 and sign == 1):
        return None
    return (x if x & 1 == sign else _FIELD - x, y)


def _double(point: _Point) -> _Point:
    x, y = point
    product = _D * x * x * y * y
    return (
        2 * x * y * pow(1 + product, -1, _FIELD) % _FIELD,
        (y * y + x * x) * pow(1 - product, -1, _FIELD) % _FIELD,
    )


def _is_strict(data: bytes) -> bool:
    """Whether `data` is the canonical encoding of a point that is not of small order."""
    point = _decode_point(data)
    return point is not None and _double(_double(_double(point))) != (0, 1)


@dataclass(frozen=True)
class VerifyingKey:
    """An Ed25519 public key of one kind."""

    kind: int
    raw: bytes

    def __post_init__(self) -> None:
        require(len(self.raw) == 32 and _is_strict(self.raw), "an Ed25519 public key")

    @property
    def id(self) -> bytes:
        """The key id."""
        return key_id(self.kind, self.raw)

    def verify(self, tag: str, message: bytes, signature: bytes) -> None:
        """Refuses what is not Sign(key, tag, m)."""
        self.verify_plain(tag.encode(TEXT) + b"\0" + message, signature)

    def verify_plain(self, message: bytes, signature: bytes) -> None:
        """Refuses a signature that is not this key's. OpenSSL checks S and compares R's encoding, so cofactorless."""
        require(len(signature) == 64 and _is_strict(signature[:32]), "R", "BadSignature")
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            raise Refused("BadSignature", "Ed25519") from None


@dataclass(frozen=True)
class SecretSigningKey:
    """An Ed25519 private key of one kind."""

    kind: int
    seed: bytes

    @classmethod
    def generate(cls, kind: int) -> SecretSigningKey:
        """A fresh key."""
        return cls(kind, os.urandom(32))

    @property
    def public(self) -> VerifyingKey:
        """The public half."""
        return VerifyingKey(self.kind, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, tag: str, message: bytes) -> bytes:
        """Sign(key, tag, m)."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(tag.encode(TEXT) + b"\0" + message)


@dataclass(frozen=True)
class OrganisationKey:
    """A signing key and whose it is, as a key statement tells it."""

    organisation: str
    key: VerifyingKey


# --- HPKE -------------------------------------------------------------------------------------------------------------


def _x25519_is_good(value: bytes) -> bool:
    return int.from_bytes(value, "little") < _FIELD and value not in _SMALL_ORDER_X25519


@dataclass(frozen=True)
class KemPublicKey:
    """A public key of one suite."""

    suite: int
    raw: bytes

    def __post_init__(self) -> None:
        require(len(self.raw) == PUBLIC_LENGTH[self.suite], "length of a public key")
        require(_x25519_is_good(self.raw[-32:]), "an X25519 public key")
        self._loaded()

    def _loaded(self) -> X25519PublicKey | MLKEM768X25519PublicKey:
        x25519 = X25519PublicKey.from_public_bytes(self.raw[-32:])
        if self.suite == X25519:
            return x25519
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(self.raw[:_MLKEM_PUBLIC_LENGTH])
        except ValueError:
            raise Refused("Format", "an ML-KEM-768 encapsulation key") from None
        return MLKEM768X25519PublicKey(mlkem, x25519)

    def seal(self, info: bytes, plaintext: bytes) -> bytes:
        """enc ‖ ct."""
        return _HPKE[self.suite].encrypt(plaintext, self._loaded(), info)


@dataclass(frozen=True)
class KemSecretKey:
    """A private key of one suite: an X25519 private key or an X-Wing seed."""

    suite: int
    raw: bytes

    @classmethod
    def generate(cls, suite: int) -> KemSecretKey:
        """A fresh key."""
        return cls(suite, os.urandom(32))

    def _x25519_and_mlkem(self) -> tuple[X25519PrivateKey, MLKEM768PrivateKey | None]:
        if self.suite == X25519:
            return X25519PrivateKey.from_private_bytes(self.raw), None
        expanded = hashlib.shake_256(self.raw).digest(96)
        return X25519PrivateKey.from_private_bytes(expanded[64:]), MLKEM768PrivateKey.from_seed_bytes(expanded[:64])

    @property
    def public(self) -> KemPublicKey:
        """The public half."""
        x25519, mlkem = self._x25519_and_mlkem()
        raw = x25519.public_key().public_bytes_raw()
        return KemPublicKey(self.suite, raw if mlkem is None else mlkem.public_key().public_bytes_raw() + raw)

    def open(self, info: bytes, sealed: bytes) -> bytes:
        """The plaintext of enc ‖ ct."""
        enc = sealed[: ENC_LENGTH[self.suite]]
        require(_x25519_is_good(enc[-32:]), "enc", "CannotOpen")
        x25519, mlkem = self._x25519_and_mlkem()
        key = x25519 if mlkem is None else MLKEM768X25519PrivateKey(mlkem, x25519)
        try:
            return _HPKE[self.suite].decrypt(sealed, key, info)
        except (InvalidTag, ValueError):
            raise Refused("CannotOpen", "HPKE") from None


def sealed_length(suite: int, length: int) -> int:
    """Bytes of enc ‖ ct of a plaintext of `length` bytes."""
    return ENC_LENGTH[suite] + length + 16


def read_suite(reader: Reader) -> int:
    """The number of a suite."""
    suite = reader.uint(2)
    require(suite in SUITES, "an unknown suite")
    return suite


@dataclass(frozen=True)
class HybridPublicKey:
    """A sealing key or a gate key (§2)."""

    kind: int
    x25519: KemPublicKey
    x_wing: KemPublicKey | None

    @classmethod
    def read(cls, reader: Reader, kind: int) -> HybridPublicKey:
        """33 or 1249 bytes."""
        suites = reader.uint(1)
        require(suites in (1, 3), "suites of a hybrid key")
        x25519 = KemPublicKey(X25519, reader.take(PUBLIC_LENGTH[X25519]))
        x_wing = KemPublicKey(X_WING, reader.take(PUBLIC_LENGTH[X_WING])) if suites == 3 else None
        return cls(kind, x25519, x_wing)

    def encode(self) -> bytes:
        """The wire form."""
        x_wing = b"" if self.x_wing is None else self.x_wing.raw
        return uint(1, 3 if x_wing else 1) + self.x25519.raw + x_wing

    @property
    def id(self) -> bytes:
        """One id for both suites."""
        return key_id(self.kind, self.x25519.raw, b"" if self.x_wing is None else self.x_wing.raw)

    def of(self, suite: int) -> KemPublicKey:
        """The key of one suite."""
        key = self.x25519 if suite == X25519 else self.x_wing
        if key is None:
            raise ValueError("the key lacks the suite")
        return key


@dataclass(frozen=True)
class HybridSecretKey:
    """The private half of a hybrid key."""

    kind: int
    x25519: KemSecretKey
    x_wing: KemSecretKey | None

    @classmethod
    def generate(cls, kind: int, with_x_wing: bool = True) -> HybridSecretKey:
        """A fresh key."""
        x_wing = KemSecretKey.generate(X_WING) if with_x_wing else None
        return cls(kind, KemSecretKey.generate(X25519), x_wing)

    @classmethod
    def read(cls, reader: Reader, kind: int) -> HybridSecretKey:
        """33 or 65 bytes."""
        suites = reader.uint(1)
        require(suites in (1, 3), "suites of a hybrid key")
        x25519 = KemSecretKey(X25519, reader.take(32))
        return cls(kind, x25519, KemSecretKey(X_WING, reader.take(32)) if suites == 3 else None)

    def encode(self) -> bytes:
        """The form in stores and vectors."""
        x_wing = b"" if self.x_wing is None else self.x_wing.raw
        return uint(1, 3 if x_wing else 1) + self.x25519.raw + x_wing

    @property
    def public(self) -> HybridPublicKey:
        """The public half."""
        x_wing = None if self.x_wing is None else self.x_wing.public
        return HybridPublicKey(self.kind, self.x25519.public, x_wing)

    def open(self, suite: int, info: bytes, sealed: bytes) -> bytes:
        """Opens what was sealed to the key of `suite`."""
        key = self.x25519 if suite == X25519 else self.x_wing
        if key is None:
            raise Refused("CannotOpen", "the key lacks the suite")
        return key.open(info, sealed)
