//! Page tokens and resume tokens: positions in a list, sealed, so that they say nothing and cannot be made up.

use std::num::NonZeroUsize;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sluis_envelope::Hasher;
use sluis_keyring::{ColumnKeys, Location, OpenError};
use sluis_proto::options::v1::ErrorReason;

use crate::{Caller, Hash, Refusal};

/// Positions are padded to multiples of this, so that the token's length does not tell one from another.
const STEP_BYTES: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not zero");
/// Longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 1024;
const PAGE: &str = "page-token";
const RESUME: &str = "resume-token";

/// Seals and opens tokens under a service's column keys (AES-256-GCM).
///
/// A token is bound to its kind (one per list or stream) and to the caller and filters it was given out for. It
/// grants nothing: every page is authorised anew.
#[derive(Clone, Debug)]
pub struct SealedTokens {
    keys: ColumnKeys,
}

impl SealedTokens {
    /// Tokens under these keys.
    pub fn new(keys: ColumnKeys) -> Self {
        Self { keys }
    }

    /// What a token is bound to beside its kind: whose list it is, and by which filters.
    pub fn filter(caller: &Caller, filters: &[&[u8]]) -> Hash {
        Hasher::new("sluis/v1/list-filter")
            .part(&caller.idempotency_key())
            .list(filters)
            .finish()
    }

    /// A page token for the position after which the next page begins.
    pub fn seal_page(&self, kind: &'static str, position: &[u8], filter: &Hash) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(PAGE, kind, position, filter))
    }

    /// The position in a page token; none for the empty token, which asks for the first page.
    ///
    /// # Errors
    /// BAD_PAGE_TOKEN for everything that was not given out for this kind, caller and filters.
    pub fn open_page(
        &self,
        kind: &'static str,
        token: &str,
        filter: &Hash,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        let bad = || Refusal::new(ErrorReason::BadPageToken);
        if token.len() > TOKEN_BYTES_MAX {
            return Err(bad());
        }
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| bad())?;
        self.open(PAGE, kind, &sealed, filter)
            .map(Some)
            .map_err(|_| bad())
    }

    /// A resume token for the position after which a stream goes on.
    pub fn seal_resume(&self, kind: &'static str, position: &[u8], filter: &Hash) -> Vec<u8> {
        self.seal(RESUME, kind, position, filter)
    }

    /// The position in a resume token; none for the empty token, which asks for a snapshot.
    ///
    /// # Errors
    /// RESUME_TOKEN_LAPSED when it was sealed under a key that is gone, so that the client starts afresh;
    /// BAD_PAGE_TOKEN for everything else that was not given out for this kind, caller and filters.
    pub fn open_resume(
        &self,
        kind: &'static str,
        token: &[u8],
        filter: &Hash,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::new(ErrorReason::BadPageToken));
        }
        self.open(RESUME, kind, token, filter).map(Some).map_err(|error| {
            Refusal::new(match error {
                OpenError::UnknownKey => ErrorReason::ResumeTokenLapsed,
                OpenError::Malformed | OpenError::NotAuthentic => ErrorReason::BadPageToken,
            })
        })
    }

    fn seal(&self, use_of: &str, kind: &str, position: &[u8], filter: &Hash) -> Vec<u8> {
        self.keys
            .seal_padded(Location::new(use_of, kind, filter), position, STEP_BYTES)
    }

    fn open(&self, use_of: &str, kind: &str, sealed: &[u8], filter: &Hash) -> Result<Vec<u8>, OpenError> {
        Ok(self
            .keys
            .open(Location::new(use_of, kind, filter), sealed)?
            .to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MeshRole;
    use sluis_keyring::Key32;
    use sluis_types::SeededRandomness;
    use std::sync::Arc;

    fn tokens(key: u8) -> SealedTokens {
        let randomness = Arc::new(SeededRandomness::new(u64::from(key)));
        SealedTokens::new(ColumnKeys::new(Key32::new([key; 32]), Vec::new(), randomness))
    }

    fn filter(of: &[u8]) -> Hash {
        SealedTokens::filter(&Caller::Mesh(MeshRole::Consent), &[of])
    }

    #[test]
    fn a_token_opens_for_its_own_list_only() {
        let tokens = tokens(1);
        let page = tokens.seal_page("organisations", b"00000099", &filter(b"a"));
        let opened = tokens.open_page("organisations", &page, &filter(b"a"));
        assert_eq!(opened, Ok(Some(b"00000099".to_vec())));
        assert_eq!(tokens.open_page("organisations", "", &filter(b"a")), Ok(None));
        let bad = |result: Result<Option<Vec<u8>>, Refusal>| {
            assert_eq!(result.unwrap_err().reason(), ErrorReason::BadPageToken);
        };
        bad(tokens.open_page("threads", &page, &filter(b"a")));
        bad(tokens.open_page("organisations", &page, &filter(b"b")));
        let other = SealedTokens::filter(&Caller::Mesh(MeshRole::Referral), &[b"a"]);
        bad(tokens.open_page("organisations", &page, &other));
        for text in ["x", "!!!!", &"A".repeat(2000), "AAAA", "é"] {
            bad(tokens.open_page("organisations", text, &filter(b"a")));
        }
        let resume = tokens.seal_resume("organisations", b"00000099", &filter(b"a"));
        bad(tokens.open_page("organisations", &URL_SAFE_NO_PAD.encode(&resume), &filter(b"a")));
    }

    #[test]
    fn any_flipped_bit_is_refused() {
        let tokens = tokens(1);
        let sealed = tokens.seal_resume("watch", &7_u64.to_be_bytes(), &filter(b""));
        assert!(tokens.open_resume("watch", &sealed, &filter(b"")).is_ok());
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            let refusal = tokens.open_resume("watch", &changed, &filter(b"")).unwrap_err();
            let reasons = [ErrorReason::BadPageToken, ErrorReason::ResumeTokenLapsed];
            assert!(reasons.contains(&refusal.reason()), "byte {index}");
        }
    }

    #[test]
    fn a_resume_token_under_a_lost_key_starts_afresh() {
        let sealed = tokens(1).seal_resume("watch", b"7", &filter(b""));
        let refusal = tokens(2).open_resume("watch", &sealed, &filter(b"")).unwrap_err();
        assert_eq!(refusal.reason(), ErrorReason::ResumeTokenLapsed);
    }

    #[test]
    fn tokens_of_near_positions_have_one_length() {
        let tokens = tokens(1);
        let length = |position: &[u8]| tokens.seal_page("a", position, &filter(b"")).len();
        assert_eq!(length(b"1"), length(b"1234567890"));
    }
}
