//! Certificates for tests.

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use sluis_serve::{TlsIdentity, TlsRoots};

/// A certificate authority. What it signs is valid from 2026 to the end of 2035.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// When what is short-lived has expired, counted from [`crate::bench::START`], 15 January 2027 at 8 o'clock; a TLS
/// session lives longer.
pub(crate) const SHORT_LIVED_EXPIRED_AFTER: Duration = Duration::from_hours(17);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = valid_to_2035(&[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn roots(&self) -> TlsRoots {
        TlsRoots::from_pem(self.0.as_ref().pem().as_bytes()).unwrap()
    }

    pub(crate) fn identity(&self, names: &[&str]) -> TlsIdentity {
        self.sign(&valid_to_2035(names))
    }

    /// Valid to midnight after [`crate::bench::START`].
    pub(crate) fn short_lived(&self, names: &[&str]) -> TlsIdentity {
        let mut params = valid_to_2035(names);
        params.not_after = date_time_ymd(2027, 1, 16);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> TlsIdentity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        TlsIdentity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }
}

fn valid_to_2035(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2035, 12, 31);
    params
}
