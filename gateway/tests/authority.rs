//! Certificates for tests, valid from 2026 to the end of 2035.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType, date_time_ymd,
};
use sha2::{Digest as _, Sha256};
use sluis_serve::{Hash, TlsIdentity, TlsRoots};
use sluis_types::Oin;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with all that a test needs of it.
pub(crate) struct Certificate {
    pub(crate) identity: TlsIdentity,
    pub(crate) fingerprint: Hash,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = dated(CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn roots(&self) -> TlsRoots {
        TlsRoots::from_pem(self.0.as_ref().pem().as_bytes()).unwrap()
    }

    pub(crate) fn server(&self, name: &str) -> TlsIdentity {
        let params = dated(CertificateParams::new(vec![name.to_owned()]).unwrap());
        self.sign(&params, &KeyPair::generate().unwrap()).identity
    }

    pub(crate) fn organisation(&self, oin: Oin, key: &KeyPair) -> Certificate {
        let mut params = dated(CertificateParams::default());
        params
            .distinguished_name
            .push(DnType::CustomDnType(vec![2, 5, 4, 5]), oin.as_str());
        params
            .subject_alt_names
            .push(SanType::URI(format!("urn:nld:oin:{oin}").try_into().unwrap()));
        self.sign(&params, key)
    }

    /// Well signed, but naming nobody.
    pub(crate) fn nameless(&self) -> Certificate {
        self.sign(
            &dated(CertificateParams::default()),
            &KeyPair::generate().unwrap(),
        )
    }

    fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        let certificate = params.signed_by(key, &self.0).unwrap();
        let pem = certificate.pem();
        Certificate {
            identity: TlsIdentity::from_pem(pem.as_bytes(), key.serialize_pem().as_bytes()).unwrap(),
            fingerprint: Sha256::digest(certificate.der()).into(),
        }
    }
}

fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2035, 12, 31);
    params
}
