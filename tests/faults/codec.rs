//! A codec that stores clear: rows hold what they are about.

use std::num::NonZeroUsize;

use sluis_keyring::{Location, OpenError, RowCodec};
use zeroize::Zeroizing;

/// Length, plaintext, zeros up to the step: as the sealed form inside, without the seal.
#[derive(Debug)]
pub(super) struct Clear;

impl RowCodec for Clear {
    fn seal(&self, _: Location<'_>, plain: &[u8], step: NonZeroUsize) -> Vec<u8> {
        let length = u32::try_from(plain.len()).expect("rows are short");
        let mut bytes = [&length.to_be_bytes(), plain].concat();
        bytes.resize(bytes.len().next_multiple_of(step.get()), 0);
        bytes
    }

    fn open(&self, _: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (length, rest) = sealed.split_first_chunk().ok_or(OpenError::Malformed)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| OpenError::Malformed)?;
        let plain = rest.get(..length).ok_or(OpenError::Malformed)?;
        Ok(Zeroizing::new(plain.to_vec()))
    }
}
