//! Lends a [`Randomness`] to the cryptographic crates, which ask through the traits of `rand_core`.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sluis_types::Randomness;
use zeroize::Zeroizing;

pub(crate) struct Chance<'a>(pub(crate) &'a dyn Randomness);

impl TryRng for Chance<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(destination);
        Ok(())
    }
}

impl TryCryptoRng for Chance<'_> {}

/// 32 fresh secret bytes.
pub(crate) fn secret(randomness: &dyn Randomness) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    randomness.fill(bytes.as_mut_slice());
    bytes
}
