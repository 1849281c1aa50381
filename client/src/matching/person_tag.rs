//! Person tags: 32 bytes that stand for one person at this organisation, always the same, and that nobody else can make.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sluis_types::{Handle, Randomness};
use zeroize::Zeroizing;

use crate::profile::Profile;
use crate::{Error, private_file};

/// Below the profile's directory. Whoever loses it forgets, on new cards, who excluded whom.
const SECRET_FILE: &str = "keys/person-tags";
const SECRET_BYTES: usize = 32;
const TAG: &[u8] = b"sluis/v1/person-tag";

/// The tag of a resident: `HMAC-SHA256(secret, "sluis/v1/person-tag" || handle)`. The secret is made at the first one.
pub(super) fn person_tag(
    profile: &Profile,
    resident: &Handle,
    randomness: &dyn Randomness,
) -> Result<[u8; 32], Error> {
    let secret = secret(profile, randomness)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_slice()).expect("HMAC takes a key of any length");
    mac.update(TAG);
    mac.update(resident.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

fn secret(profile: &Profile, randomness: &dyn Randomness) -> Result<Zeroizing<Vec<u8>>, Error> {
    let path = profile.directory().join(SECRET_FILE);
    let _guard = private_file::lock(profile.directory())?;
    if let Some(secret) = private_file::read_optional(&path)? {
        if secret.len() != SECRET_BYTES {
            return Err(Error::malformed(SECRET_FILE, "not 32 bytes"));
        }
        return Ok(secret);
    }
    let mut secret = Zeroizing::new(vec![0; SECRET_BYTES]);
    randomness.fill(&mut secret);
    private_file::write(&path, &secret)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use sluis_types::SeededRandomness;

    use super::*;
    use crate::profile::fixture::profile;

    #[test]
    fn a_person_has_one_tag_here_and_another_elsewhere() {
        let (_directory, here) = profile();
        let randomness = SeededRandomness::new(3);
        let tag = |profile, number| {
            person_tag(profile, &Handle::from_bytes([number; 16]), &randomness).expect("a tag")
        };
        let first = tag(&here, 1);
        assert_eq!(tag(&here, 1), first, "always the same");
        assert_ne!(tag(&here, 2), first);
        let (_directory, elsewhere) = profile();
        assert_ne!(tag(&elsewhere, 1), first);
        private_file::write(&here.directory().join(SECRET_FILE), b"short").expect("written");
        assert!(matches!(
            person_tag(&here, &Handle::from_bytes([1; 16]), &randomness),
            Err(Error::Malformed { .. })
        ));
    }
}
