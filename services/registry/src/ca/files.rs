//! The authority's key and certificate as files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use sluis_types::{Randomness, Timestamp};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use zeroize::Zeroizing;

use super::{CA_VALIDITY, name, serial_number, set_life};

const KEY_FILE: &str = "ca.key";
const CERTIFICATE_FILE: &str = "ca.pem";
const COMMON_NAME: &str = "Sluis mesh CA";
/// Bits that let others than the owner at a file.
const OTHERS: u32 = 0o077;

/// Where the authority's key and certificate are: for an authority that was made elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaFiles {
    /// The certificate in PEM, one, marked as an authority's.
    pub certificate: PathBuf,
    /// The private key in PEM (PKCS#8), readable by its owner only.
    pub key: PathBuf,
}

/// Why the authority's files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaFilesError {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Others than the owner may read the key.
    #[error("{} can be read by others than its owner; close it with: chmod go-rwx {}", path.display(), path.display())]
    Permissions {
        /// The key's path.
        path: PathBuf,
    },
    /// The file does not hold what it should.
    #[error("{} does not hold {what}", path.display())]
    Malformed {
        /// The path.
        path: PathBuf,
        /// What should be there.
        what: &'static str,
    },
    /// There is a certificate, but its key is gone.
    #[error("{} is missing, but its certificate is there", path.display())]
    KeyMissing {
        /// The key's path.
        path: PathBuf,
    },
    /// The certificate is for another key.
    #[error("{} is not the certificate of the key beside it", path.display())]
    OtherKey {
        /// The certificate's path.
        path: PathBuf,
    },
    /// The key or certificate could not be made.
    #[error("the mesh CA could not be made")]
    Making(#[source] rcgen::Error),
}

/// What the files hold.
pub(super) struct Loaded {
    pub(super) issuer: Issuer<'static, KeyPair>,
    pub(super) certificate_pem: String,
    pub(super) not_after: Timestamp,
}

impl CaFiles {
    pub(super) fn in_directory(dir: &Path) -> Self {
        Self {
            certificate: dir.join(CERTIFICATE_FILE),
            key: dir.join(KEY_FILE),
        }
    }

    pub(super) fn load(&self) -> Result<Loaded, CaFilesError> {
        let key = self.load_key()?;
        let malformed = |what| CaFilesError::Malformed {
            path: self.certificate.clone(),
            what,
        };
        let text = fs::read_to_string(&self.certificate).map_err(io_error("read", &self.certificate))?;
        let certificates = CertificateDer::pem_slice_iter(text.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| malformed("a certificate in PEM"))?;
        // One, so that it is plain which authority is trusted.
        let [der] = certificates.as_slice() else {
            return Err(malformed("exactly one certificate"));
        };
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| malformed("a certificate"))?;
        if !certificate.is_ca() {
            return Err(malformed("the certificate of an authority"));
        }
        if certificate.public_key().raw != key.subject_public_key_info() {
            return Err(CaFilesError::OtherKey {
                path: self.certificate.clone(),
            });
        }
        let not_after = Timestamp::from_seconds(certificate.validity().not_after.timestamp());
        let issuer = Issuer::from_ca_cert_der(der, key).map_err(CaFilesError::Making)?;
        Ok(Loaded {
            issuer,
            certificate_pem: text,
            not_after,
        })
    }

    fn load_key(&self) -> Result<KeyPair, CaFilesError> {
        let mode = fs::metadata(&self.key)
            .map_err(io_error("read", &self.key))?
            .permissions()
            .mode();
        if mode & OTHERS != 0 {
            return Err(CaFilesError::Permissions {
                path: self.key.clone(),
            });
        }
        let text = Zeroizing::new(fs::read_to_string(&self.key).map_err(io_error("read", &self.key))?);
        KeyPair::from_pem(&text).map_err(|_| CaFilesError::Malformed {
            path: self.key.clone(),
            what: "a private key in PEM",
        })
    }
}

/// Makes what is not there yet. Interrupted between key and certificate, it goes on with the same key.
pub(super) fn create_missing(
    dir: &Path,
    files: &CaFiles,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<(), CaFilesError> {
    match (files.key.exists(), files.certificate.exists()) {
        (true, true) => return Ok(()),
        (false, true) => {
            return Err(CaFilesError::KeyMissing {
                path: files.key.clone(),
            });
        }
        (true, false) => {}
        (false, false) => {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir)
                .map_err(io_error("create", dir))?;
            let key = KeyPair::generate().map_err(CaFilesError::Making)?;
            write_whole(
                dir,
                &files.key,
                Zeroizing::new(key.serialize_pem()).as_bytes(),
                0o600,
            )?;
        }
    }
    let key = files.load_key()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = name(COMMON_NAME);
    set_life(
        &mut params,
        now,
        Timestamp::from_seconds(now.plus(CA_VALIDITY).seconds()),
    );
    params.serial_number = Some(serial_number(randomness));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key).map_err(CaFilesError::Making)?;
    write_whole(dir, &files.certificate, certificate.pem().as_bytes(), 0o644)
}

/// Writes a file so that after a crash it is there whole or not at all.
fn write_whole(dir: &Path, path: &Path, bytes: &[u8], mode: u32) -> Result<(), CaFilesError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(io_error("remove", &draft)(error));
        }
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&draft)
        .map_err(io_error("create", &draft))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(io_error("write", &draft))?;
    fs::rename(&draft, path).map_err(io_error("rename to", path))?;
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(io_error("flush", dir))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CaFilesError {
    move |source| CaFilesError::Io {
        action,
        path: path.to_path_buf(),
        source,
    }
}
