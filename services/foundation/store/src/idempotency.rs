//! The memory of requests: the same request again gets the same answer and changes nothing.

use std::num::NonZeroUsize;
use std::time::Duration;

use sluis_keyring::Location;
use sluis_types::Timestamp;
use zeroize::Zeroizing;

use crate::{LeafReference, Parts, Remembered, Request, Statement, StoreError, Tx, Upkeep};

/// How long a request is remembered.
pub const REQUEST_MEMORY: Duration = Duration::from_hours(7 * 24);
/// Stored answers have lengths that are multiples of this, so that a length says less.
const ANSWER_STEP_BYTES: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not 0");
/// Rows forgotten in one transaction.
pub(crate) const PURGE_ROWS_MAX: i64 = 1000;
const HOUR_MICROS: i64 = 3_600_000_000;
const ANSWER_VERSION: u8 = 1;
const LEAF_BYTES: usize = 40;

/// Takes the place of a request; changes no row when it is taken.
const CLAIM: Statement = Statement::same(
    "INSERT INTO idempotency (request_key, body_tag, expires) VALUES ($1, $2, $3) \
     ON CONFLICT (request_key) DO NOTHING",
);
/// What is remembered of a request.
const RECALL: Statement = Statement::same("SELECT body_tag, answer FROM idempotency WHERE request_key = $1");
/// Keeps the answer.
const REMEMBER: Statement = Statement::same("UPDATE idempotency SET answer = $2 WHERE request_key = $1");
/// Forgets what expired, some at a time.
const PURGE: Statement = Statement::same(
    "DELETE FROM idempotency WHERE request_key IN \
     (SELECT request_key FROM idempotency WHERE expires <= $1 ORDER BY expires LIMIT $2)",
);

pub(crate) const ALL: &[Statement] = &[CLAIM, RECALL, REMEMBER, PURGE];

/// The next whole hour: times in clear at rest join no rows of one transaction.
pub(crate) fn hour_after(time: Timestamp) -> Timestamp {
    let hours = time.micros().div_euclid(HOUR_MICROS).saturating_add(1);
    Timestamp::from_micros(hours.saturating_mul(HOUR_MICROS))
}

/// The place of one request in the memory.
pub(crate) struct Place {
    key: [u8; 32],
}

/// What the memory holds for a request.
pub(crate) enum Recalled {
    /// Nothing: the request is new, and its place is taken now.
    New,
    /// It was answered before.
    Answered(Answer),
    /// Its id was used with another body.
    OtherBody,
}

/// A remembered answer.
pub(crate) struct Answer {
    pub(crate) remembered: Remembered,
    /// Empty when the reply is never stored.
    pub(crate) reply: Zeroizing<Vec<u8>>,
}

impl Place {
    /// Looks a request up and takes its place when it is new. A twin that runs at the same time waits here.
    pub(crate) async fn claim(
        parts: &Parts,
        tx: &mut Tx<'_>,
        request: &Request,
    ) -> Result<(Self, Recalled), StoreError> {
        let key = parts.index.index(
            "idempotency.request",
            &[&request.caller, request.method.as_bytes(), request.id.as_bytes()],
        );
        let body_tag = parts.index.index("idempotency.body", &[&key, &request.body_hash]);
        let place = Self { key };
        let expires = hour_after(parts.clock.now().plus(REQUEST_MEMORY));
        if tx.execute(CLAIM, crate::args![&key, &body_tag, expires]).await? == 1 {
            return Ok((place, Recalled::New));
        }
        let Some(row) = tx.fetch_optional(RECALL, crate::args![&key]).await? else {
            // Forgotten between the two statements: start over.
            return Err(tx.give_way());
        };
        if row.get::<[u8; 32]>(0)? != body_tag {
            return Ok((place, Recalled::OtherBody));
        }
        let sealed: Vec<u8> = row.get(1)?;
        let plain =
            parts
                .column_keys
                .open(place.location(), &sealed)
                .map_err(|_| StoreError::Unexpected {
                    what: "a remembered answer that does not open",
                })?;
        let answer = decode(&plain).ok_or(StoreError::Unexpected {
            what: "a remembered answer of another form",
        })?;
        Ok((place, Recalled::Answered(answer)))
    }

    /// Keeps an answer, sealed.
    pub(crate) async fn remember(
        &self,
        parts: &Parts,
        tx: &mut Tx<'_>,
        remembered: &Remembered,
        reply: &[u8],
    ) -> Result<(), StoreError> {
        let plain = encode(remembered, reply);
        let sealed = parts
            .column_keys
            .seal_padded(self.location(), &plain, ANSWER_STEP_BYTES);
        match tx.execute(REMEMBER, crate::args![&self.key, &sealed]).await? {
            1 => Ok(()),
            _ => Err(StoreError::Unexpected {
                what: "a request whose place is gone",
            }),
        }
    }

    fn location(&self) -> Location<'_> {
        Location::new("idempotency", "answer", &self.key)
    }
}

fn encode(remembered: &Remembered, reply: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        4 + remembered.leaves.len() * LEAF_BYTES + reply.len(),
    ));
    bytes.extend([ANSWER_VERSION, u8::from(remembered.refused)]);
    let count = u16::try_from(remembered.leaves.len()).unwrap_or(u16::MAX);
    bytes.extend(count.to_be_bytes());
    for leaf in remembered.leaves.iter().take(usize::from(count)) {
        bytes.extend(leaf.hash);
        bytes.extend(leaf.at.micros().to_be_bytes());
    }
    bytes.extend(reply);
    bytes
}

fn decode(bytes: &[u8]) -> Option<Answer> {
    let (&[version, refused, high, low], rest) = bytes.split_first_chunk()?;
    if version != ANSWER_VERSION || refused > 1 {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([high, low])) * LEAF_BYTES;
    let (leaves, reply) = rest.split_at_checked(length)?;
    let leaves = leaves
        .chunks_exact(LEAF_BYTES)
        .map(|leaf| {
            let (hash, at) = leaf.split_first_chunk()?;
            let at = Timestamp::from_micros(i64::from_be_bytes(at.try_into().ok()?));
            Some(LeafReference { hash: *hash, at })
        })
        .collect::<Option<Vec<_>>>()?;
    (!leaves.is_empty()).then(|| Answer {
        remembered: Remembered {
            refused: refused == 1,
            leaves,
        },
        reply: Zeroizing::new(reply.to_vec()),
    })
}

/// Forgets requests that expired at `now`, at most [`PURGE_ROWS_MAX`].
pub(crate) struct Purge {
    pub(crate) now: Timestamp,
}

impl Upkeep for Purge {
    type Output = u64;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.execute(PURGE, crate::args![self.now, PURGE_ROWS_MAX]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(seed: u8) -> LeafReference {
        LeafReference {
            hash: [seed; 32],
            at: Timestamp::from_micros(i64::from(seed)),
        }
    }

    #[test]
    fn an_answer_comes_back_as_it_was_and_no_other_bytes_do() {
        for remembered in [
            Remembered {
                refused: false,
                leaves: vec![leaf(1)],
            },
            Remembered {
                refused: true,
                leaves: vec![leaf(2), leaf(3)],
            },
        ] {
            let bytes = encode(&remembered, b"reply");
            let answer = decode(&bytes).expect("decodes");
            assert_eq!(answer.remembered, remembered);
            assert_eq!(answer.reply.as_slice(), b"reply");
            for length in 0..4 + LEAF_BYTES {
                assert!(decode(&bytes[..length]).is_none(), "{length} bytes");
            }
        }
        assert!(decode(&[1, 0, 0, 0]).is_none(), "no act without a leaf");
        assert!(decode(&[2, 0, 0, 0]).is_none());
    }

    #[test]
    fn times_at_rest_are_whole_hours_that_are_never_early() {
        let now = Timestamp::from_seconds(3600 * 10 + 1);
        assert_eq!(hour_after(now), Timestamp::from_seconds(3600 * 11));
        assert_eq!(
            hour_after(Timestamp::from_seconds(3600)),
            Timestamp::from_seconds(7200)
        );
        assert_eq!(hour_after(Timestamp::from_micros(-1)), Timestamp::from_seconds(0));
    }
}
