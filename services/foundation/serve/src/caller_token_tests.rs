//! Tests of caller tokens without a network.

use super::*;
use proptest::prelude::*;
use sluis_types::{ManualClock, SeededRandomness};

const METHOD: &str = "/sluis.registry.v1.RegistryService/GetOrganisation";
const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

struct Bench {
    clock: Arc<ManualClock>,
    signers: HashMap<KeyKind, CallerTokenSigner>,
    verifier: CallerTokenVerifier,
}

fn bench() -> Bench {
    let clock = Arc::new(ManualClock::new(START));
    let mut signers = HashMap::new();
    let mut issuers = Vec::new();
    let randomness = SeededRandomness::new(1);
    for (kind, holder) in [
        (KeyKind::PartnerCaller, MeshRole::Gateway),
        (KeyKind::ResidentCaller, MeshRole::Gateway),
        (KeyKind::MeshCaller, MeshRole::Consent),
        (KeyKind::OperatorCaller, MeshRole::Operator),
    ] {
        let key = Arc::new(SigningKey::generate(kind, &randomness));
        issuers.push(TrustedIssuer {
            key: key.verifying_key().clone(),
            holder,
        });
        let signer = CallerTokenSigner::new(key, Arc::clone(&clock) as Arc<dyn Clock>);
        signers.insert(kind, signer);
    }
    let verifier =
        CallerTokenVerifier::new(MeshRole::Registry, issuers, Arc::clone(&clock) as Arc<dyn Clock>);
    Bench {
        clock,
        signers,
        verifier,
    }
}

fn partner() -> Caller {
    Caller::Partner(PartnerCaller {
        organisation: "00000099000000001000".parse().unwrap(),
        professional: [1; 32],
        role: ProfessionalRole::Intaker,
        jwt_hash: [2; 32],
    })
}

fn resident(represents: Option<&str>) -> Caller {
    Caller::Resident(ResidentCaller {
        issuer: "https://login.example".into(),
        subject: "sub".into(),
        represents: represents.map(Into::into),
        session: [3; 32],
    })
}

fn callers() -> Vec<(KeyKind, Caller)> {
    vec![
        (KeyKind::PartnerCaller, partner()),
        (
            KeyKind::PartnerCaller,
            Caller::Enrolment(EnrolmentCaller { address: [4; 32] }),
        ),
        (KeyKind::ResidentCaller, resident(None)),
        (KeyKind::ResidentCaller, resident(Some("other"))),
        (KeyKind::MeshCaller, Caller::Mesh(MeshRole::Consent)),
        (KeyKind::OperatorCaller, Caller::Operator),
    ]
}

impl Bench {
    fn token(&self, kind: KeyKind, caller: &Caller) -> Vec<u8> {
        self.signers[&kind]
            .sign(caller, MeshRole::Registry, METHOD, &[9; 32])
            .unwrap()
    }

    fn refused(&self, token: &[u8], error: CallerTokenError) {
        assert_eq!(self.verifier.verify(token, METHOD, None).unwrap_err(), error);
    }
}

#[test]
fn every_kind_of_caller_arrives_as_it_left() {
    let bench = bench();
    for (kind, caller) in callers() {
        let token = bench.token(kind, &caller);
        assert!(token.len() <= TOKEN_BYTES_MAX);
        let call = bench.verifier.verify(&token, METHOD, None).unwrap();
        assert_eq!((call.caller, call.message_hash), (caller, [9; 32]));
    }
}

#[test]
fn the_layout_is_the_one_that_is_documented() {
    let bench = bench();
    let token = bench.token(KeyKind::PartnerCaller, &partner());
    assert_eq!(token[..2], [1, 1]);
    assert_eq!(token[34], 1);
    assert_eq!(token[35..43], START.micros().to_be_bytes());
    assert_eq!(token[43..51], START.plus(LIFETIME_MAX).micros().to_be_bytes());
    assert_eq!(token[51..83], [9; 32]);
    assert_eq!(token[83..115], [2; 32]);
    assert_eq!(
        usize::from(u16::from_be_bytes([token[115], token[116]])),
        METHOD.len()
    );
    let who = 117 + METHOD.len();
    assert_eq!(&token[117..who], METHOD.as_bytes());
    assert_eq!(&token[who..who + 20], b"00000099000000001000");
    assert_eq!(token.len(), who + 20 + 32 + 1 + 64);
}

#[test]
fn a_signer_cannot_speak_for_another_side() {
    let bench = bench();
    for (kind, signer) in &bench.signers {
        for (own, caller) in callers() {
            let signed = signer.sign(&caller, MeshRole::Registry, METHOD, &[9; 32]);
            assert_eq!(signed.is_ok(), own == *kind, "{kind:?} {caller:?}");
        }
    }
}

#[test]
fn a_key_is_trusted_for_its_sides_and_its_own_role_only() {
    // Signed by hand, as a part of the mesh would that was taken over.
    let clock = Arc::new(ManualClock::new(START));
    for kind in [KeyKind::MeshCaller, KeyKind::PartnerCaller, KeyKind::Signing] {
        let key = SigningKey::generate(kind, &SeededRandomness::new(5));
        let issuer = TrustedIssuer {
            key: key.verifying_key().clone(),
            holder: MeshRole::Consent,
        };
        let verifier = CallerTokenVerifier::new(
            MeshRole::Registry,
            vec![issuer],
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        for caller in [resident(None), Caller::Mesh(MeshRole::Referral), Caller::Operator] {
            let token = sign_by_hand(&key, &caller, START, START.plus(LIFETIME_MAX));
            let refused = verifier.verify(&token, METHOD, None).unwrap_err();
            assert_eq!(refused, CallerTokenError::WrongSide, "{kind:?} {caller:?}");
        }
    }
}

fn sign_by_hand(key: &SigningKey, caller: &Caller, issued_at: Timestamp, not_after: Timestamp) -> Vec<u8> {
    let mut token = Writer::new();
    token
        .u8(VERSION)
        .u8(caller.side() as u8)
        .bytes(key.id().as_bytes());
    token
        .u8(MeshRole::Registry.number())
        .timestamp(issued_at)
        .timestamp(not_after);
    token
        .digest(&[9; 32])
        .digest(&caller.jwt_hash())
        .bytes16(METHOD.as_bytes());
    write_who(&mut token, caller).unwrap();
    let mut bytes = token.finish();
    let signature = key.sign(TAG, &bytes);
    bytes.extend_from_slice(&signature);
    bytes
}

#[test]
fn another_audience_method_key_or_certificate_is_refused() {
    let bench = bench();
    let signer = &bench.signers[&KeyKind::PartnerCaller];
    let elsewhere = signer
        .sign(&partner(), MeshRole::Consent, METHOD, &[9; 32])
        .unwrap();
    bench.refused(&elsewhere, CallerTokenError::WrongAudience);
    let other_method = signer
        .sign(&partner(), MeshRole::Registry, "/sluis.x.v1.X/Y", &[9; 32])
        .unwrap();
    bench.refused(&other_method, CallerTokenError::WrongMethod);
    let stranger = SigningKey::generate(KeyKind::PartnerCaller, &SeededRandomness::new(77));
    let unknown = sign_by_hand(&stranger, &partner(), START, START.plus(LIFETIME_MAX));
    bench.refused(&unknown, CallerTokenError::UnknownIssuer);
    let token = bench.token(KeyKind::PartnerCaller, &partner());
    let over = |role| bench.verifier.verify(&token, METHOD, Some(role)).map(|_| ());
    assert_eq!(over(MeshRole::Gateway), Ok(()));
    assert_eq!(over(MeshRole::Consent), Err(CallerTokenError::WrongHolder));
}

#[test]
fn a_token_lives_thirty_seconds_and_clocks_may_differ_by_five() {
    let bench = bench();
    let token = bench.token(KeyKind::OperatorCaller, &Caller::Operator);
    let at = |seconds: i64| {
        bench
            .clock
            .set(Timestamp::from_seconds(START.seconds() + seconds));
        bench.verifier.verify(&token, METHOD, None).map(|_| ())
    };
    assert_eq!(at(-6), Err(CallerTokenError::NotYetValid));
    assert_eq!(at(-5), Ok(()));
    assert_eq!(at(35), Ok(()));
    assert_eq!(at(36), Err(CallerTokenError::Expired));
}

#[test]
fn a_token_that_claims_a_longer_life_is_refused() {
    let key = SigningKey::generate(KeyKind::OperatorCaller, &SeededRandomness::new(5));
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(START));
    let issuer = TrustedIssuer {
        key: key.verifying_key().clone(),
        holder: MeshRole::Operator,
    };
    let verifier = CallerTokenVerifier::new(MeshRole::Registry, vec![issuer], clock);
    let verify = |not_after| {
        let token = sign_by_hand(&key, &Caller::Operator, START, not_after);
        verifier.verify(&token, METHOD, None).map(|_| ())
    };
    assert_eq!(verify(START.plus(LIFETIME_MAX)), Ok(()));
    let longer = START.plus(LIFETIME_MAX + Duration::from_micros(1));
    assert_eq!(verify(longer), Err(CallerTokenError::Malformed));
    assert_eq!(
        verify(START.minus(Duration::from_micros(1))),
        Err(CallerTokenError::Malformed)
    );
}

#[test]
fn a_login_that_does_not_fit_is_not_signed() {
    let bench = bench();
    let mut caller = resident(None);
    let Caller::Resident(login) = &mut caller else {
        unreachable!("made as a resident")
    };
    login.subject = "s".repeat(256);
    let signed = bench.signers[&KeyKind::ResidentCaller].sign(&caller, MeshRole::Registry, METHOD, &[9; 32]);
    assert_eq!(signed, Err(CallerTokenError::TooLong("subject")));
}

proptest! {
    #[test]
    fn any_changed_byte_is_refused(which in 0_usize..6, index: prop::sample::Index, flip in 1_u8..) {
        let bench = bench();
        let (kind, caller) = callers().swap_remove(which);
        let mut token = bench.token(kind, &caller);
        let index = index.index(token.len());
        token[index] ^= flip;
        prop_assert!(bench.verifier.verify(&token, METHOD, None).is_err());
    }

    #[test]
    fn any_length_but_the_right_one_is_refused(which in 0_usize..6, length in 0_usize..400) {
        let bench = bench();
        let (kind, caller) = callers().swap_remove(which);
        let mut token = bench.token(kind, &caller);
        prop_assume!(length != token.len());
        token.resize(length, 0);
        prop_assert!(bench.verifier.verify(&token, METHOD, None).is_err());
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(bench().verifier.verify(&bytes, METHOD, None).is_err());
    }
}
