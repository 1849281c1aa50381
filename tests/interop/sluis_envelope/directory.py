"""The service directory's tree (§14)."""

from __future__ import annotations

from .encoding import digest


def entry_hash(offer_id: bytes, document: bytes) -> bytes:
    """The hash of one entry."""
    return digest("sluis/v1/directory-entry", offer_id, document)


def root(entries: dict[bytes, bytes]) -> bytes:
    """The root over all entries (offer id → entry hash)."""
    buckets: list[list[bytes]] = [[] for _ in range(256)]
    for offer_id, entry in sorted(entries.items()):
        buckets[offer_id[0]].append(offer_id + entry)
    return digest("sluis/v1/directory", [digest("sluis/v1/directory-bucket", bucket) for bucket in buckets])
