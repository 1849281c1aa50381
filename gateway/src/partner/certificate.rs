//! What a client certificate says of its holder.

use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use sluis_serve::Hash;
use sluis_types::{Oin, Timestamp};
use x509_parser::oid_registry::OID_X509_SERIALNUMBER;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// How the subject alternative name of a certificate names an organisation.
const OIN_URI_PREFIX: &str = "urn:nld:oin:";

/// What counts of a certificate. That it is signed by the mesh's CA was checked in the TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CertificateFacts {
    /// SHA-256 of the certificate in DER (`x5t#S256`, RFC 8705).
    pub(super) fingerprint: Hash,
    /// SHA-256 of its DER SubjectPublicKeyInfo.
    pub(super) spki_sha256: Hash,
    /// Whose it is.
    pub(super) organisation: Oin,
    pub(super) not_before: Timestamp,
    /// Last moment, as X.509 has it.
    pub(super) not_after: Timestamp,
}

/// A certificate that names no organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CertificateFault {
    /// It does not parse.
    #[error("malformed certificate")]
    Malformed,
    /// Not exactly one subject serial number, or that is no OIN.
    #[error("the certificate's subject names no organisation")]
    Subject,
    /// Not exactly one OIN in the alternative names, or another than in the subject.
    #[error("the certificate's alternative name does not name the same organisation")]
    AlternativeName,
}

impl CertificateFacts {
    /// Reads a certificate: subject serialNumber = OIN, and one URI `urn:nld:oin:<OIN>` that says the same.
    pub(super) fn read(der: &CertificateDer<'_>) -> Result<Self, CertificateFault> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateFault::Malformed)?;
        if !rest.is_empty() {
            return Err(CertificateFault::Malformed);
        }
        let organisation = subject_oin(&certificate).ok_or(CertificateFault::Subject)?;
        if alternative_oin(&certificate) != Some(organisation) {
            return Err(CertificateFault::AlternativeName);
        }
        let validity = certificate.validity();
        Ok(Self {
            fingerprint: Sha256::digest(der).into(),
            spki_sha256: Sha256::digest(certificate.tbs_certificate.subject_pki.raw).into(),
            organisation,
            not_before: Timestamp::from_seconds(validity.not_before.timestamp()),
            not_after: Timestamp::from_seconds(validity.not_after.timestamp()),
        })
    }

    /// Whether the certificate's own dates allow it. Asked for every call: a connection may outlive its certificate.
    pub(super) fn is_within_dates(&self, now: Timestamp) -> bool {
        self.not_before <= now && now.seconds() <= self.not_after.seconds()
    }
}

fn subject_oin(certificate: &X509Certificate<'_>) -> Option<Oin> {
    let mut numbers = certificate.subject().iter_by_oid(&OID_X509_SERIALNUMBER);
    let (number, None) = (numbers.next()?, numbers.next()) else {
        return None;
    };
    number.as_str().ok()?.parse().ok()
}

fn alternative_oin(certificate: &X509Certificate<'_>) -> Option<Oin> {
    let names = certificate.subject_alternative_name().ok()??;
    let mut oins = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => uri.strip_prefix(OIN_URI_PREFIX),
        _ => None,
    });
    let (oin, None) = (oins.next()?, oins.next()) else {
        return None;
    };
    oin.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    const OIN: &str = "00000099000000001000";

    fn certificate(serial_numbers: &[&str], uris: &[&str]) -> CertificateDer<'static> {
        let key = KeyPair::generate().expect("P-256 is there");
        let mut params = CertificateParams::default();
        for number in serial_numbers {
            params
                .distinguished_name
                .push(DnType::CustomDnType(vec![2, 5, 4, 5]), *number);
        }
        for uri in uris {
            params
                .subject_alt_names
                .push(SanType::URI((*uri).try_into().expect("ASCII")));
        }
        params.self_signed(&key).expect("well-formed").der().clone()
    }

    #[test]
    fn both_names_must_be_there_once_and_say_the_same() {
        let uri = format!("{OIN_URI_PREFIX}{OIN}");
        let other = format!("{OIN_URI_PREFIX}00000099000000002000");
        let read = |numbers: &[&str], uris: &[&str]| CertificateFacts::read(&certificate(numbers, uris));
        let facts = read(&[OIN], &["https://example.org", &uri]).expect("well-formed");
        assert_eq!(facts.organisation.as_str(), OIN);
        assert_eq!(read(&[], &[&uri]), Err(CertificateFault::Subject));
        assert_eq!(read(&["12345"], &[&uri]), Err(CertificateFault::Subject));
        for uris in [
            &[][..],
            &[other.as_str()],
            &[uri.as_str(), other.as_str()],
            &["urn:nld:oin:"],
        ] {
            assert_eq!(
                read(&[OIN], uris),
                Err(CertificateFault::AlternativeName),
                "{uris:?}"
            );
        }
    }

    #[test]
    fn the_dates_bound_the_use() {
        let uri = format!("{OIN_URI_PREFIX}{OIN}");
        let facts = CertificateFacts::read(&certificate(&[OIN], &[&uri])).expect("well-formed");
        assert!(facts.is_within_dates(facts.not_before) && facts.is_within_dates(facts.not_after));
        assert!(!facts.is_within_dates(Timestamp::from_seconds(facts.not_before.seconds() - 1)));
        assert!(!facts.is_within_dates(Timestamp::from_seconds(facts.not_after.seconds() + 1)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_and_none_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), at in 0_usize..400) {
            prop_assert!(CertificateFacts::read(&CertificateDer::from(bytes.clone())).is_err());
            let good = certificate(&[OIN], &[&format!("{OIN_URI_PREFIX}{OIN}")]).to_vec();
            bytes = good;
            let at = at % bytes.len();
            bytes.truncate(at);
            prop_assert!(CertificateFacts::read(&CertificateDer::from(bytes)).is_err());
        }
    }
}
