"""Signed statements and the short ones among them (§3, §5, §8, §14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, Self, TypeVar

from . import keys
from .encoding import SECOND, SKEW, Reader, digest, parse, require, uint
from .keys import HybridPublicKey, SecretSigningKey, VerifyingKey
from .message import Header

MINUTE = 60 * SECOND


class Body(Protocol):
    """The body of a statement."""

    TAG: ClassVar[str]
    KIND: ClassVar[int]

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Reads the body."""
        ...

    def encode(self) -> bytes:
        """The wire form."""
        ...

    def own_time(self) -> int | None:
        """When it was made, unless that is judged otherwise."""
        ...

    def not_after(self) -> int | None:
        """The first moment at which it is no longer valid."""
        ...


B = TypeVar("B", bound=Body)


@dataclass(frozen=True)
class Signed(Generic[B]):
    """A statement."""

    signer: bytes
    body: B
    signature: bytes

    @classmethod
    def parse(cls, data: bytes, kind: type[B]) -> Signed[B]:
        """The form."""

        def read(reader: Reader) -> Signed[B]:
            reader.uint(2, 1, 1)
            return cls(reader.take(32), kind.read(reader), reader.take(64))

        return parse(data, read)

    @classmethod
    def sign(cls, key: SecretSigningKey, body: B) -> Signed[B]:
        """Makes a statement."""
        unsigned = cls(key.public.id, body, b"")
        return cls(unsigned.signer, body, key.sign(body.TAG, unsigned.encode()))

    def encode(self) -> bytes:
        """The wire form."""
        return uint(2, 1) + self.signer + self.body.encode() + self.signature

    @property
    def hash(self) -> bytes:
        """The statement hash."""
        return digest("sluis/v1/statement", self.body.TAG.encode(), self.encode())

    def verify(self, key: VerifyingKey, now: int) -> None:
        """Kind and id of the key, signature, times."""
        self.verify_signature(key)
        own_time, not_after = self.body.own_time(), self.body.not_after()
        require(own_time is None or own_time <= now + SKEW, "made in the future", "NotYetValid")
        require(not_after is None or now < not_after, "over", "Expired")

    def verify_signature(self, key: VerifyingKey) -> None:
        """Kind and id of the key, signature."""
        require(key.kind == self.body.KIND and key.id == self.signer, "key of a statement", "WrongKey")
        key.verify(self.body.TAG, self.encode()[:-64], self.signature)


@dataclass(frozen=True)
class GrantToken:
    """consent → sender → referral."""

    TAG: ClassVar[str] = "sluis/v1/grant-token"
    KIND: ClassVar[int] = keys.GRANT_TOKEN

    grant_id: bytes
    grant_version: int
    sender: str
    recipient: str
    gate_key: HybridPublicKey
    issued_at: int
    ends_at: int

    @classmethod
    def read(cls, reader: Reader) -> GrantToken:
        """Reads the body."""
        grant_id, version, sender, recipient = reader.take(16), reader.uint(4, 1), reader.oin(), reader.oin()
        reader.uint(1, 1, 1)
        gate_key = HybridPublicKey.read(reader, keys.GATE)
        token = cls(grant_id, version, sender, recipient, gate_key, reader.time(), reader.time())
        require(sender != recipient, "a grant to oneself")
        require(token.issued_at < token.ends_at <= token.issued_at + 10 * MINUTE, "life of a grant token")
        return token

    def encode(self) -> bytes:
        """The wire form."""
        return b"".join(
            (
                self.grant_id, uint(4, self.grant_version), self.sender.encode(), self.recipient.encode(),
                uint(1, 1), self.gate_key.encode(), uint(8, self.issued_at), uint(8, self.ends_at),
            )
        )  # fmt: skip

    def own_time(self) -> int:
        """Issued at."""
        return self.issued_at

    def not_after(self) -> int:
        """Not after."""
        return self.ends_at

    def check(self, header: Header) -> None:
        """Lets the message through, or refuses."""
        mine = (self.sender, self.recipient, self.grant_id, self.grant_version, self.gate_key.id)
        its = (header.sender, header.recipient, header.grant_id, header.grant_version, header.gate_key_id)
        require(mine == its, "the grant token is for something else", "Mismatch")


@dataclass(frozen=True)
class Receipt:
    """referral → recipient → consent."""

    TAG: ClassVar[str] = "sluis/v1/submission-receipt"
    KIND: ClassVar[int] = keys.RECEIPT

    manifest_hash: bytes
    received_at: int

    @classmethod
    def read(cls, reader: Reader) -> Receipt:
        """Reads the body."""
        return cls(reader.take(32), reader.time())

    def encode(self) -> bytes:
        """The wire form."""
        return self.manifest_hash + uint(8, self.received_at)

    def own_time(self) -> int:
        """Received at."""
        return self.received_at

    def not_after(self) -> None:
        """A receipt does not end."""


@dataclass(frozen=True)
class Ticket:
    """consent → resident's session → another service."""

    TAG: ClassVar[str] = "sluis/v1/resident-ticket"
    KIND: ClassVar[int] = keys.TICKET

    grant_id: bytes
    actions: int
    audience: int
    session_hash: bytes
    issued_at: int
    ends_at: int

    @classmethod
    def read(cls, reader: Reader) -> Ticket:
        """Reads the body."""
        ticket = cls(
            reader.take(16), reader.uint(1, 1, 7), reader.uint(1, 1, 5), reader.take(32), reader.time(), reader.time()
        )
        require(ticket.issued_at < ticket.ends_at <= ticket.issued_at + 5 * MINUTE, "life of a ticket")
        return ticket

    def encode(self) -> bytes:
        """The wire form."""
        return b"".join(
            (
                self.grant_id, uint(1, self.actions), uint(1, self.audience), self.session_hash,
                uint(8, self.issued_at), uint(8, self.ends_at),
            )
        )  # fmt: skip

    def own_time(self) -> int:
        """Issued at."""
        return self.issued_at

    def not_after(self) -> int:
        """Not after."""
        return self.ends_at


@dataclass(frozen=True)
class LeafPromise:
    """A log's promise."""

    TAG: ClassVar[str] = "sluis/v1/leaf-promise"
    KIND: ClassVar[int] = keys.LOG

    leaf_hash: bytes
    promised_at: int
    due: int

    @classmethod
    def read(cls, reader: Reader) -> LeafPromise:
        """Reads the body."""
        promise = cls(reader.take(32), reader.time(), reader.time())
        require(promise.due >= promise.promised_at, "due before it was promised")
        return promise

    def encode(self) -> bytes:
        """The wire form."""
        return self.leaf_hash + uint(8, self.promised_at) + uint(8, self.due)

    def own_time(self) -> int:
        """Promised at."""
        return self.promised_at

    def not_after(self) -> None:
        """A promise does not end."""


@dataclass(frozen=True)
class DirectoryHead:
    """What the service directory holds."""

    TAG: ClassVar[str] = "sluis/v1/directory-head"
    KIND: ClassVar[int] = keys.DIRECTORY

    version: int
    made_at: int
    entries: int
    root: bytes

    @classmethod
    def read(cls, reader: Reader) -> DirectoryHead:
        """Reads the body."""
        return cls(reader.uint(8), reader.time(), reader.uint(4, 0, 1_000_000), reader.take(32))

    def encode(self) -> bytes:
        """The wire form."""
        return uint(8, self.version) + uint(8, self.made_at) + uint(4, self.entries) + self.root

    def own_time(self) -> int:
        """Made at."""
        return self.made_at

    def not_after(self) -> None:
        """A head does not end."""
