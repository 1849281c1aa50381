use super::*;
use sluis_types::{ManualClock, SeededRandomness};
use std::os::unix::fs::PermissionsExt as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(NOW))
}

fn open(dir: &Path, clock: Arc<ManualClock>) -> Result<MeshCa, CaFilesError> {
    MeshCa::load_or_create(dir, clock, Arc::new(SeededRandomness::new(1)))
}

fn oin() -> Oin {
    "00000099000000001000".parse().unwrap()
}

fn request(key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = CertificateParams::default();
    change(&mut params);
    params.serialize_request(key).unwrap().der().to_vec()
}

fn with_certificate<T>(pem: &str, look: impl FnOnce(&X509Certificate<'_>) -> T) -> T {
    let pem = Pem::iter_from_buffer(pem.as_bytes()).next().unwrap().unwrap();
    look(&pem.parse_x509().unwrap())
}

#[test]
fn an_authority_is_made_once_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("ca");
    let made = open(&home, clock()).unwrap();
    let found = open(&home, clock()).unwrap();
    assert_eq!(made.certificate_pem(), found.certificate_pem());
    let mode = std::fs::metadata(home.join("ca.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    // Interrupted after the key: the same key gets a certificate.
    let spki = |ca: &MeshCa| with_certificate(ca.certificate_pem(), |it| it.public_key().raw.to_vec());
    std::fs::remove_file(home.join("ca.pem")).unwrap();
    let again = open(&home, clock()).unwrap();
    assert_eq!(spki(&made), spki(&again));

    std::fs::remove_file(home.join("ca.key")).unwrap();
    assert!(matches!(
        open(&home, clock()),
        Err(CaFilesError::KeyMissing { .. })
    ));
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ca = open(dir.path(), clock()).unwrap();
    open(other.path(), clock()).unwrap();
    let load = |certificate: &Path, key: &Path| {
        let files = CaFiles {
            certificate: certificate.into(),
            key: key.into(),
        };
        MeshCa::load(&files, clock(), Arc::new(SeededRandomness::new(1))).map(|_| ())
    };
    let (pem, key) = (dir.path().join("ca.pem"), dir.path().join("ca.key"));
    assert!(load(&pem, &key).is_ok());
    let foreign = load(&other.path().join("ca.pem"), &key);
    assert!(matches!(foreign, Err(CaFilesError::OtherKey { .. })));

    let leaf = ca.issue_gateway_certificate(&["gateway.example"]).unwrap();
    let (leaf_pem, leaf_key) = (dir.path().join("leaf.pem"), dir.path().join("leaf.key"));
    std::fs::write(&leaf_pem, &leaf.chain_pem).unwrap();
    std::fs::write(&leaf_key, leaf.key_pem.as_bytes()).unwrap();
    assert!(matches!(
        load(&leaf_pem, &leaf_key),
        Err(CaFilesError::Permissions { .. })
    ));
    std::fs::set_permissions(&leaf_key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(
        matches!(load(&leaf_pem, &leaf_key), Err(CaFilesError::Malformed { .. })),
        "not an authority"
    );
    std::fs::write(&leaf_pem, "nothing").unwrap();
    assert!(matches!(
        load(&leaf_pem, &key),
        Err(CaFilesError::Malformed { .. })
    ));
    assert!(matches!(
        load(&pem, &dir.path().join("gone")),
        Err(CaFilesError::Io { .. })
    ));
}

#[test]
fn a_partner_certificate_says_what_the_registry_says_and_nothing_of_the_request() {
    let dir = tempfile::tempdir().unwrap();
    let ca = open(dir.path(), clock()).unwrap();
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
    ] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let der = request(&key, |params| {
            params.distinguished_name = name("registry.sluis.internal");
            params.subject_alt_names = vec![SanType::DnsName(ia5("registry.sluis.internal").unwrap())];
            params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        });
        let request = CertificateRequest::parse(&der).unwrap();
        let issued = ca.issue_partner_certificate(oin(), &request).unwrap();
        assert_eq!(issued.not_after, NOW.plus(PARTNER_VALIDITY));
        with_certificate(&issued.chain_pem, |certificate| {
            assert_eq!(
                certificate.subject().to_string(),
                format!("CN={0}, serialNumber={0}", oin())
            );
            let names = &certificate
                .subject_alternative_name()
                .unwrap()
                .unwrap()
                .value
                .general_names;
            assert_eq!(names, &vec![GeneralName::URI("urn:nld:oin:00000099000000001000")]);
            let usage = certificate.extended_key_usage().unwrap().unwrap().value;
            assert!(usage.client_auth && !usage.server_auth);
            assert!(!certificate.is_ca());
            assert_eq!(
                Hash::from(Sha256::digest(certificate.public_key().raw)),
                *request.spki_sha256()
            );
            assert_eq!(certificate.public_key().raw, key.subject_public_key_info());
            with_certificate(ca.certificate_pem(), |authority| {
                certificate
                    .verify_signature(Some(authority.public_key()))
                    .unwrap();
            });
        });
    }
}

#[test]
fn a_request_that_does_not_hold_is_refused() {
    use CertificateRequestError::{BadSignature, Malformed, UnsupportedKey};
    let parse = |der: &[u8]| CertificateRequest::parse(der).map(|_| ()).unwrap_err();
    let good = request(&KeyPair::generate().unwrap(), |_| {});
    assert_eq!(parse(b""), Malformed);
    assert_eq!(parse(&good[..good.len() - 1]), Malformed);
    assert_eq!(
        parse(&[good.as_slice(), &[0]].concat()),
        Malformed,
        "trailing byte"
    );
    assert_eq!(parse(&vec![0x30; REQUEST_TOO_LONG]), Malformed);
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert!(matches!(parse(&forged), BadSignature | Malformed));
    let rsa = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    assert_eq!(parse(&request(&rsa, |_| {})), UnsupportedKey);
    // Whoever signs must hold the key that is asked for: swap in another public key.
    let (one, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut swapped = request(&one, |_| {});
    let at = swapped
        .windows(65)
        .position(|window| window == one.public_key_raw())
        .unwrap();
    swapped[at..at + 65].copy_from_slice(other.public_key_raw());
    assert_eq!(parse(&swapped), BadSignature);
}

const REQUEST_TOO_LONG: usize = 16 * 1024 + 1;

#[test]
fn the_gateway_has_public_names_only() {
    let dir = tempfile::tempdir().unwrap();
    let ca = open(dir.path(), clock()).unwrap();
    let issued = ca
        .issue_gateway_certificate(&["Gateway.example", "192.0.2.1", "::1"])
        .unwrap();
    with_certificate(&issued.chain_pem, |certificate| {
        let names = &certificate
            .subject_alternative_name()
            .unwrap()
            .unwrap()
            .value
            .general_names;
        assert_eq!(names.len(), 3);
        assert_eq!(names[0], GeneralName::DNSName("gateway.example"));
        let usage = certificate.extended_key_usage().unwrap().unwrap().value;
        assert!(usage.server_auth && !usage.client_auth);
    });
    for bad in [
        "",
        "registry.sluis.internal",
        "X.SLUIS.INTERNAL",
        "sluis.internal",
        "-a.example",
        "a..example",
        "a b",
        "*",
        "é.example",
    ] {
        assert!(
            matches!(ca.issue_gateway_certificate(&[bad]), Err(CaError::Name)),
            "{bad}"
        );
    }
    assert!(matches!(
        ca.issue_gateway_certificate::<&str>(&[]),
        Err(CaError::Name)
    ));
    assert!(matches!(
        ca.issue_gateway_certificate(&["a.example"; 33]),
        Err(CaError::Name)
    ));
}

#[test]
fn a_role_is_client_and_server_under_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let ca = open(dir.path(), clock()).unwrap();
    let issued = ca.issue_role_certificate(MeshRole::Consent).unwrap();
    assert_eq!(issued.not_after, NOW.plus(ROLE_VALIDITY));
    with_certificate(&issued.chain_pem, |certificate| {
        let names = &certificate
            .subject_alternative_name()
            .unwrap()
            .unwrap()
            .value
            .general_names;
        assert_eq!(names, &vec![GeneralName::DNSName("consent.sluis.internal")]);
        let usage = certificate.extended_key_usage().unwrap().unwrap().value;
        assert!(usage.server_auth && usage.client_auth);
    });
    assert!(!format!("{issued:?} {ca:?}").contains("PRIVATE"));
}

#[test]
fn no_certificate_outlives_the_authority() {
    let dir = tempfile::tempdir().unwrap();
    let clock = clock();
    let ca = open(dir.path(), Arc::clone(&clock)).unwrap();
    let end = NOW.plus(CA_VALIDITY);
    clock.set(end.minus(Duration::from_hours(24)));
    assert_eq!(
        ca.issue_role_certificate(MeshRole::Gateway).unwrap().not_after,
        end
    );
    clock.set(end);
    assert!(matches!(
        ca.issue_role_certificate(MeshRole::Gateway),
        Err(CaError::Ended)
    ));
}
