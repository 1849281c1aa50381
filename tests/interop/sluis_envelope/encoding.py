"""Integers, times, ids, hashes, labels and padding (§1, §4.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

SECOND = 1_000_000  # of a time
DAY = 86_400 * SECOND
SKEW = 60 * SECOND
NO_ID = bytes(16)
NO_HASH = bytes(32)
TEXT = "ascii"


class Refused(Exception):
    """A check failed. `error` is the name in §11."""

    def __init__(self, error: str, what: str) -> None:
        super().__init__(f"{error}: {what}")
        self.error = error


def require(holds: bool, what: str, error: str = "Format") -> None:
    """Refuses with `error` unless `holds`."""
    if not holds:
        raise Refused(error, what)


class Reader:
    """Reads bytes from outside, front to back. Whatever is not there is refused."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        require(self.left() >= count, "bytes missing")
        self._at += count
        return self._data[self._at - count : self._at]

    def left(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self._at

    def end(self) -> None:
        """Nothing may be left."""
        require(self.left() == 0, "bytes left over")

    def uint(self, size: int, low: int = 0, high: int | None = None) -> int:
        """An unsigned integer of `size` bytes from `low` up to and including `high`."""
        value = int.from_bytes(self.take(size), "big")
        require(value >= low and (high is None or value <= high), "a number out of range")
        return value

    def prefixed(self, size: int, limit: int | None = None, low: int = 0) -> bytes:
        """Bytes behind their length, which takes `size` bytes."""
        return self.take(self.uint(size, low, limit))

    def time(self) -> int:
        """A time: above 0."""
        value = int.from_bytes(self.take(8), "big", signed=True)
        require(value > 0, "a time must be above 0")
        return value

    def time_or_none(self) -> int:
        """A time, or 0."""
        value = int.from_bytes(self.take(8), "big", signed=True)
        require(value >= 0, "a time must not be below 0")
        return value

    def oin(self) -> str:
        """An organisation."""
        value = self.take(20)
        require(value.isdigit() and value.startswith(b"000000"), "an OIN")
        return value.decode(TEXT)

    def message_id(self) -> bytes:
        """A message id: UUIDv7."""
        value = self.take(16)
        require(is_message_id(value), "a message id must be a UUIDv7")
        return value

    def message_id_or_none(self) -> bytes:
        """A message id, or zeros."""
        value = self.take(16)
        require(value == NO_ID or is_message_id(value), "a message id must be a UUIDv7")
        return value


def parse(data: bytes, read: Callable[[Reader], T]) -> T:
    """The value that the whole of `data` stands for."""
    reader = Reader(data)
    value = read(reader)
    reader.end()
    return value


def is_message_id(value: bytes) -> bool:
    """Whether the bytes are a UUIDv7."""
    return value[6] >> 4 == 7 and value[8] >> 6 == 0b10


def uint(size: int, value: int) -> bytes:
    """An unsigned integer, big-endian; also a time, which is never negative."""
    return value.to_bytes(size, "big")


def prefixed(size: int, value: bytes) -> bytes:
    """u8‖x, u16‖x, u32‖x."""
    return uint(size, len(value)) + value


def digest(tag: str, *parts: bytes | Sequence[bytes]) -> bytes:
    """H(tag, parts…). A list is one part."""
    state = hashlib.sha256(tag.encode(TEXT) + b"\0")
    for part in parts:
        if isinstance(part, bytes):
            state.update(prefixed(8, part))
        else:
            state.update(uint(8, len(part)) + b"".join(prefixed(8, element) for element in part))
    return state.digest()


def label(text: str, *values: bytes) -> bytes:
    """L(label, values…)."""
    return text.encode(TEXT) + b"\0" + b"".join(values)


def padded(length: int) -> int:
    """padded(n) of §4.4."""
    if length <= 256:
        return 256
    if length <= 4096:
        step = 256
    else:
        exponent = length.bit_length() - 1
        step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def pad(plaintext: bytes) -> bytes:
    """The plaintext and its padding."""
    return plaintext.ljust(padded(len(plaintext)), b"\0")


def pad_prefixed(inner: bytes) -> bytes:
    """u32‖inner ‖ zeros."""
    return pad(prefixed(4, inner))


def unpad_prefixed(plaintext: bytes) -> bytes:
    """The inner of u32‖inner ‖ zeros."""
    reader = Reader(plaintext)
    inner = reader.prefixed(4)
    require(len(plaintext) == padded(4 + len(inner)), "more or less padding than due")
    require(not any(reader.take(reader.left())), "padding must be zeros")
    return inner


def is_padded(length: int, limit: int) -> bool:
    """Whether `length` is a padded length within its limit."""
    return length <= limit and padded(length) == length
