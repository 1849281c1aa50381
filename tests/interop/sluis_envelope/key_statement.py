"""Key statements (§7)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from . import keys
from .encoding import DAY, NO_HASH, Reader, Refused, digest, parse, prefixed, require, uint
from .keys import HybridPublicKey, VerifyingKey, key_id
from .statement import Signed

MAX_KEYS = 128
MAX_KEY_LIFE = 400 * DAY
REMEMBERED = 400 * DAY
_EDDSA, _ES256 = 1, 2


def _material_id(kind: int, material: bytes) -> bytes:
    """The key id; refuses material that is not of its kind."""
    if kind == keys.SIGNING:
        return VerifyingKey(kind, material).id
    if kind == keys.SEALING:
        return parse(material, lambda reader: HybridPublicKey.read(reader, kind)).id
    if kind == keys.TLS:
        require(len(material) == 32, "a TLS key")
        return key_id(kind, material)
    require(kind == keys.JWT and material != b"", "an unknown kind of key")
    algorithm, public = material[0], material[1:]
    eddsa = algorithm == _EDDSA and len(public) == 32
    require(eddsa or (algorithm == _ES256 and len(public) == 65 and public[0] == 4), "a JWT key")
    return key_id(kind, material[:1], public)


@dataclass(frozen=True)
class Entry:
    """One key of an organisation."""

    kind: int
    not_before: int
    not_after: int
    revoked_at: int
    material: bytes

    @classmethod
    def read(cls, reader: Reader) -> Entry:
        """One key."""
        entry = cls(reader.uint(1), reader.time(), reader.time(), reader.time_or_none(), reader.prefixed(2))
        require(entry.not_before < entry.not_after <= entry.not_before + MAX_KEY_LIFE, "life of a key")
        require(entry.place[1] != b"", "material")
        return entry

    def encode(self) -> bytes:
        """The wire form."""
        times = uint(8, self.not_before) + uint(8, self.not_after) + uint(8, self.revoked_at)
        return uint(1, self.kind) + times + prefixed(2, self.material)

    @property
    def place(self) -> tuple[int, bytes]:
        """Kind and key id, by which keys are sorted."""
        return self.kind, _material_id(self.kind, self.material)

    @property
    def ended_at(self) -> int:
        """From when on it is not valid."""
        return min(self.not_after, self.revoked_at or self.not_after)

    def continues(self, known: Entry) -> bool:
        """Whether it may follow what was known of the same key."""
        revoked_as_before = known.revoked_at == 0 or 0 < self.revoked_at <= known.revoked_at
        return self.not_before == known.not_before and self.not_after <= known.not_after and revoked_as_before


@dataclass(frozen=True)
class KeyStatement:
    """All keys of one organisation."""

    TAG: ClassVar[str] = "sluis/v1/key-statement"
    KIND: ClassVar[int] = keys.IDENTITY

    organisation: str
    sequence: int
    previous: bytes
    issued_at: int
    identity: VerifyingKey
    successor: bytes
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, reader: Reader) -> KeyStatement:
        """Reads the body."""
        organisation, sequence, previous = reader.oin(), reader.uint(4, 1), reader.take(32)
        issued_at, identity, successor = reader.time(), VerifyingKey(keys.IDENTITY, reader.take(32)), reader.take(32)
        entries = tuple(Entry.read(reader) for _ in range(reader.uint(2, 0, MAX_KEYS)))
        places = [entry.place for entry in entries]
        require((sequence == 1) == (previous == NO_HASH), "previous statement")
        require(all(first < second for first, second in pairwise(places)), "keys must rise")
        return cls(organisation, sequence, previous, issued_at, identity, successor, entries)

    def encode(self) -> bytes:
        """The wire form."""
        return b"".join(
            (
                self.organisation.encode(), uint(4, self.sequence), self.previous, uint(8, self.issued_at),
                self.identity.raw, self.successor, uint(2, len(self.entries)),
                *(entry.encode() for entry in self.entries),
            )
        )  # fmt: skip

    def own_time(self) -> int:
        """Issued at."""
        return self.issued_at

    def not_after(self) -> None:
        """It holds until there is a newer one."""

    def commits_to(self, identity: VerifyingKey) -> bool:
        """Whether `identity` is the successor."""
        return self.successor == digest("sluis/v1/successor", self.organisation.encode(), identity.raw)


def _verify(signed: Signed[KeyStatement], now: int) -> None:
    try:
        signed.verify(signed.body.identity, now)
    except Refused as refused:
        raise Refused("Statement", str(refused)) from None


def accept_first(signed: Signed[KeyStatement], fingerprint: bytes, now: int) -> None:
    """First use, against a fingerprint that was learned out of band."""
    require(signed.body.identity.id == fingerprint, "another identity key", "Identity")
    _verify(signed, now)


def accept_newer(signed: Signed[KeyStatement], known: Signed[KeyStatement], now: int) -> None:
    """A statement after a known one."""
    new, old = signed.body, known.body
    is_next = new.sequence == old.sequence + 1
    in_chain = new.organisation == old.organisation and new.sequence > old.sequence and new.issued_at >= old.issued_at
    require(in_chain and (not is_next or new.previous == known.hash), "not after the known one", "Chain")
    if new.identity == old.identity:
        require(new.successor == old.successor, "another successor", "Identity")
    else:
        require(is_next and old.commits_to(new.identity), "another identity key", "Identity")
    entries = {entry.place: entry for entry in new.entries}
    for entry in old.entries:
        successor = entries.get(entry.place)
        forgotten = successor is None and entry.ended_at + REMEMBERED <= new.issued_at
        continued = successor is not None and successor.continues(entry)
        require(forgotten or continued, "another past", "Rewritten")
    _verify(signed, now)
