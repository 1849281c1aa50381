//! The certificate authority of the mesh: it says with which key an organisation, a part of the mesh and the gateway
//! may connect.
//!
//! It signs what the registry decided and decides nothing itself. Of a signing request it takes the public key and
//! nothing more. The three kinds of certificates cannot pass for each other: an organisation's has a URI and no DNS
//! name, a role's has a name below `sluis.internal`, the gateway's may have no such name.

mod files;
mod request;

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::string::{Ia5String, PrintableString};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType, SerialNumber, date_time_ymd,
};
use sha2::{Digest as _, Sha256};
use sluis_serve::{Hash, MeshRole};
use sluis_types::{Clock, Oin, Randomness, Timestamp};
use zeroize::Zeroizing;

pub use files::{CaFiles, CaFilesError};
pub use request::{CertificateRequest, CertificateRequestError};

/// Validity of an organisation's client certificate.
pub const PARTNER_VALIDITY: Duration = Duration::from_hours(90 * 24);
/// Validity of the certificate of a part of the mesh.
pub const ROLE_VALIDITY: Duration = Duration::from_hours(30 * 24);
/// Validity of the gateway's server certificate.
pub const GATEWAY_VALIDITY: Duration = Duration::from_hours(90 * 24);
/// Validity of the authority's own certificate, when it is made here.
pub const CA_VALIDITY: Duration = Duration::from_hours(10 * 365 * 24);
/// A certificate begins this much before it is made, for clocks that are behind.
const BACKDATED: Duration = Duration::from_mins(5);
/// Names below this belong to parts of the mesh.
const INTERNAL_DOMAIN: &str = "sluis.internal";
/// Object identifier of the attribute serialNumber (X.520, RFC 5280 appendix A.1).
const SERIAL_NUMBER: &[u64] = &[2, 5, 4, 5];
const SERIAL_BYTES: usize = 16;
const NAMES_MAX: usize = 32;

/// Why a certificate was not issued.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A name cannot stand in the gateway's certificate: malformed, below `sluis.internal`, none, or too many.
    #[error("not a name that the gateway's certificate can have")]
    Name,
    /// The authority's own certificate has ended.
    #[error("the certificate of the mesh CA has ended")]
    Ended,
    /// The library could not sign or encode.
    #[error("the certificate could not be made")]
    Signing(#[source] rcgen::Error),
}

/// The authority. Cheap to clone; clones are one authority.
#[derive(Clone)]
pub struct MeshCa(Arc<Inner>);

struct Inner {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    not_after: Timestamp,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

/// A certificate for a key that somebody else holds.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    /// Certificate chain in PEM, leaf first. The authority's own certificate is not in it: who checks has it.
    pub chain_pem: String,
    /// SHA-256 of the certificate in DER.
    pub fingerprint: Hash,
    /// End of its validity.
    pub not_after: Timestamp,
}

/// A certificate with its key, both made here.
pub struct IssuedIdentity {
    /// Certificate chain in PEM, leaf first.
    pub chain_pem: String,
    /// Private key, PKCS#8 in PEM.
    pub key_pem: Zeroizing<String>,
    /// End of its validity.
    pub not_after: Timestamp,
}

impl fmt::Debug for IssuedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedIdentity")
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for MeshCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeshCa")
            .field("not_after", &self.0.not_after)
            .finish_non_exhaustive()
    }
}

impl MeshCa {
    /// The authority in `dir` (`ca.key`, `ca.pem`), made there when there is none.
    ///
    /// # Errors
    /// [`CaFilesError`] when the files cannot be read, written or believed.
    pub fn load_or_create(
        dir: &Path,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, CaFilesError> {
        let files = CaFiles::in_directory(dir);
        files::create_missing(dir, &files, clock.now(), randomness.as_ref())?;
        Self::load(&files, clock, randomness)
    }

    /// The authority of these files, for instance one that a larger authority certified.
    ///
    /// # Errors
    /// [`CaFilesError`] when the files cannot be read or believed.
    pub fn load(
        files: &CaFiles,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, CaFilesError> {
        let loaded = files.load()?;
        Ok(Self(Arc::new(Inner {
            issuer: loaded.issuer,
            certificate_pem: loaded.certificate_pem,
            not_after: loaded.not_after,
            clock,
            randomness,
        })))
    }

    /// The authority's certificate in PEM: what everybody checks the others' certificates against.
    pub fn certificate_pem(&self) -> &str {
        &self.0.certificate_pem
    }

    /// A client certificate for an organisation's own key.
    ///
    /// # Errors
    /// [`CaError`] when it cannot be made.
    pub fn issue_partner_certificate(
        &self,
        organisation: Oin,
        request: &CertificateRequest,
    ) -> Result<IssuedCertificate, CaError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name(organisation.as_str());
        let serial_number = printable(organisation.as_str())?;
        params.distinguished_name.push(
            DnType::CustomDnType(SERIAL_NUMBER.to_vec()),
            DnValue::PrintableString(serial_number),
        );
        params.subject_alt_names = vec![SanType::URI(ia5(&partner_uri(organisation))?)];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, PARTNER_VALIDITY, request.public_key())
    }

    /// A key and a certificate for a part of the mesh, as client and as server.
    ///
    /// # Errors
    /// [`CaError`] when it cannot be made.
    pub fn issue_role_certificate(&self, role: MeshRole) -> Result<IssuedIdentity, CaError> {
        let mut params = CertificateParams::default();
        let server_name = role.server_name();
        params.distinguished_name = name(server_name);
        params.subject_alt_names = vec![SanType::DnsName(ia5(server_name)?)];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        self.make(params, ROLE_VALIDITY)
    }

    /// A key and a server certificate for the gateway's public names (DNS names or IP addresses).
    ///
    /// # Errors
    /// [`CaError::Name`] for a name that it cannot have.
    pub fn issue_gateway_certificate<N: AsRef<str>>(&self, names: &[N]) -> Result<IssuedIdentity, CaError> {
        let first = names
            .first()
            .filter(|_| names.len() <= NAMES_MAX)
            .ok_or(CaError::Name)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name(first.as_ref());
        params.subject_alt_names = names
            .iter()
            .map(|name| public_name(name.as_ref()))
            .collect::<Result<_, _>>()?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.make(params, GATEWAY_VALIDITY)
    }

    fn make(&self, params: CertificateParams, validity: Duration) -> Result<IssuedIdentity, CaError> {
        // The TLS library makes its keys from its own source of randomness: it takes no other.
        let key = KeyPair::generate().map_err(CaError::Signing)?;
        let issued = self.sign(params, validity, &key)?;
        Ok(IssuedIdentity {
            chain_pem: issued.chain_pem,
            key_pem: Zeroizing::new(key.serialize_pem()),
            not_after: issued.not_after,
        })
    }

    fn sign(
        &self,
        mut params: CertificateParams,
        validity: Duration,
        key: &impl PublicKeyData,
    ) -> Result<IssuedCertificate, CaError> {
        let now = self.0.clock.now();
        if now >= self.0.not_after {
            return Err(CaError::Ended);
        }
        // A chain is valid no longer than its shortest part: to promise more would only mislead.
        let not_after = Timestamp::from_seconds(now.plus(validity).min(self.0.not_after).seconds());
        set_life(&mut params, now, not_after);
        params.serial_number = Some(serial_number(self.0.randomness.as_ref()));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(key, &self.0.issuer).map_err(CaError::Signing)?;
        Ok(IssuedCertificate {
            chain_pem: certificate.pem(),
            fingerprint: Sha256::digest(certificate.der()).into(),
            not_after,
        })
    }
}

/// The URI that names an organisation in its certificate.
pub fn partner_uri(organisation: Oin) -> String {
    format!("urn:nld:oin:{organisation}")
}

fn set_life(params: &mut CertificateParams, now: Timestamp, not_after: Timestamp) {
    let since_1970 = |at: Timestamp| at.since(Timestamp::from_micros(0));
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(since_1970(now.minus(BACKDATED)).as_secs());
    params.not_after = epoch + Duration::from_secs(since_1970(not_after).as_secs());
}

fn serial_number(randomness: &dyn Randomness) -> SerialNumber {
    let mut bytes = [0; SERIAL_BYTES];
    randomness.fill(&mut bytes);
    // Positive, and of one length (RFC 5280 §4.1.2.2).
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn public_name(name: &str) -> Result<SanType, CaError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let lower = name.to_ascii_lowercase();
    let internal = lower == INTERNAL_DOMAIN || lower.ends_with(&format!(".{INTERNAL_DOMAIN}"));
    let labels_fit = lower.len() <= 253 && lower.split('.').all(is_label);
    if internal || !labels_fit {
        return Err(CaError::Name);
    }
    Ok(SanType::DnsName(ia5(&lower)?))
}

/// Letters, digits and hyphens, no hyphen at either end (RFC 1035 §2.3.1, RFC 1123 §2.1).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn ia5(text: &str) -> Result<Ia5String, CaError> {
    Ia5String::try_from(text).map_err(CaError::Signing)
}

fn printable(text: &str) -> Result<PrintableString, CaError> {
    PrintableString::try_from(text).map_err(CaError::Signing)
}

#[cfg(test)]
mod tests;
