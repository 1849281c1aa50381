use jsonwebtoken::{EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluis_envelope::{KeyEntry, KeyKind, KeyStatement, Signed, SigningKey, jwt_hash};
use sluis_types::{Oin, OrganisationKind, SeededRandomness};

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const CERTIFICATE: Hash = [9; 32];
const MESH: &str = "mesh.example";

/// A JWT key pair: what signs, and what the organisation lists.
struct Pair {
    encoding: EncodingKey,
    listed: JwtKey,
}

fn ed25519() -> Pair {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("Ed25519 is there");
    Pair {
        encoding: EncodingKey::from_ed_der(&key.serialize_der()),
        listed: JwtKey::new(JwtAlgorithm::EdDsa, key.public_key_raw().to_vec()).expect("32 bytes"),
    }
}

fn p256() -> Pair {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("P-256 is there");
    Pair {
        encoding: EncodingKey::from_ec_der(&key.serialize_der()),
        listed: JwtKey::new(JwtAlgorithm::Es256, key.public_key_raw().to_vec()).expect("65 bytes"),
    }
}

fn organisation(oin: &str, keys: &[(&JwtKey, i64, i64)]) -> OrganisationEntry {
    let oin: Oin = oin.parse().expect("well-formed");
    let identity = SigningKey::generate(KeyKind::Identity, &SeededRandomness::new(1));
    let entries = keys
        .iter()
        .map(|(key, from, until)| KeyEntry {
            key: PublicKey::Jwt((*key).clone()),
            not_before: Timestamp::from_seconds(NOW.seconds() + from),
            not_after: Timestamp::from_seconds(NOW.seconds() + until),
            revoked_at: None,
        })
        .collect();
    let statement = KeyStatement::first(oin, identity.verifying_key(), [0; 32], entries, NOW);
    let chain = vec![Signed::sign(statement, &identity)];
    OrganisationEntry::new(OrganisationKind::Welfare, "Noord", chain, vec![], NOW).expect("it holds")
}

const OIN: &str = "00000099000000001000";

fn claims() -> Value {
    json!({
        "iss": OIN, "aud": MESH, "sub": "jansen", "role": "INTAKER",
        "iat": NOW.seconds(), "exp": NOW.seconds() + 300,
        "cnf": {"x5t#S256": URL_SAFE_NO_PAD.encode(CERTIFICATE)},
    })
}

fn header(algorithm: Algorithm, key: &JwtKey) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some(key.id().to_string());
    header
}

fn verify(token: &str, organisation: &OrganisationEntry) -> Result<VerifiedToken, TokenFault> {
    TokenRules {
        mesh_id: MESH,
        organisation,
        certificate: &CERTIFICATE,
        now: NOW,
    }
    .verify(token, jwt_hash(token))
}

#[test]
fn a_good_token_of_either_algorithm_says_who_calls() {
    for (pair, algorithm) in [(ed25519(), Algorithm::EdDSA), (p256(), Algorithm::ES256)] {
        let organisation = organisation(OIN, &[(&pair.listed, -10, 1000)]);
        let token = jsonwebtoken::encode(&header(algorithm, &pair.listed), &claims(), &pair.encoding);
        let token = token.expect("it signs");
        let verified = verify(&token, &organisation).expect("good");
        assert_eq!(verified.caller.organisation, organisation.oin);
        assert_eq!(verified.caller.role, ProfessionalRole::Intaker);
        assert_eq!(
            verified.caller.professional,
            professional_pseudonym(organisation.oin, "jansen")
        );
        assert_eq!(verified.caller.jwt_hash, jwt_hash(&token));
        assert_eq!(verified.not_after.seconds(), NOW.seconds() + 300);
    }
}

#[test]
fn a_token_counts_no_longer_than_its_key() {
    let pair = ed25519();
    let token = jsonwebtoken::encode(&header(Algorithm::EdDSA, &pair.listed), &claims(), &pair.encoding);
    let token = token.expect("it signs");
    let soon = organisation(OIN, &[(&pair.listed, -10, 20)]);
    assert_eq!(
        verify(&token, &soon).map(|it| it.not_after.seconds()),
        Ok(NOW.seconds() + 20)
    );
    for (from, until) in [(-10, 0), (1, 10)] {
        let other = organisation(OIN, &[(&pair.listed, from, until)]);
        assert_eq!(verify(&token, &other), Err(TokenFault::UnknownKey));
    }
}

#[test]
fn each_claim_is_checked() {
    let pair = ed25519();
    let organisation = organisation(OIN, &[(&pair.listed, -10, 1000)]);
    let now = NOW.seconds();
    let cases: &[(&str, Value, TokenFault)] = &[
        (
            "iss",
            json!("00000099000000002000"),
            TokenFault::OtherOrganisation,
        ),
        ("iss", Value::Null, TokenFault::Malformed),
        ("aud", json!("other.example"), TokenFault::Audience),
        ("aud", json!([MESH, "other.example"]), TokenFault::Malformed),
        ("sub", json!(""), TokenFault::Subject),
        ("sub", json!("é".repeat(256)), TokenFault::Subject),
        ("role", json!("DIRECTOR"), TokenFault::Role),
        ("role", Value::Null, TokenFault::Malformed),
        ("iat", json!(now + 61), TokenFault::NotYetValid),
        ("nbf", json!(now + 61), TokenFault::NotYetValid),
        ("iat", json!(now - 1), TokenFault::Lifetime),
        ("iat", json!(i64::MIN), TokenFault::Lifetime),
        ("exp", json!(now), TokenFault::Expired),
        ("exp", json!(now + 301), TokenFault::Lifetime),
        ("exp", json!(i64::MAX), TokenFault::Lifetime),
        ("exp", json!("soon"), TokenFault::Malformed),
        (
            "cnf",
            json!({"x5t#S256": URL_SAFE_NO_PAD.encode([8; 32])}),
            TokenFault::OtherCertificate,
        ),
        ("cnf", json!({"x5t#S256": "?"}), TokenFault::OtherCertificate),
        ("cnf", json!({}), TokenFault::Malformed),
    ];
    for (claim, value, fault) in cases {
        let mut claims = claims();
        claims[claim] = value.clone();
        let token = jsonwebtoken::encode(&header(Algorithm::EdDSA, &pair.listed), &claims, &pair.encoding);
        assert_eq!(
            verify(&token.expect("it signs"), &organisation),
            Err(*fault),
            "{claim} {value}"
        );
    }
    for (claim, value) in [
        ("aud", json!([MESH])),
        ("iat", json!(now + 60)),
        ("nbf", json!(now)),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        let token = jsonwebtoken::encode(&header(Algorithm::EdDSA, &pair.listed), &claims, &pair.encoding);
        assert!(
            verify(&token.expect("it signs"), &organisation).is_ok(),
            "{claim}"
        );
    }
}

#[test]
fn the_registered_key_decides_on_the_algorithm() {
    let (ed, ec, other) = (ed25519(), p256(), ed25519());
    let organisation = organisation(OIN, &[(&ed.listed, -10, 1000), (&ec.listed, -10, 1000)]);
    let encode =
        |header: &Header, key: &EncodingKey| jsonwebtoken::encode(header, &claims(), key).expect("it signs");
    // A real signature with the other algorithm than that of the key it names.
    let confused = encode(&header(Algorithm::ES256, &ed.listed), &ec.encoding);
    assert_eq!(verify(&confused, &organisation), Err(TokenFault::Algorithm));
    // The public key as the secret of a MAC.
    let secret = EncodingKey::from_secret(ed.listed.public());
    let confused = encode(&header(Algorithm::HS256, &ed.listed), &secret);
    assert_eq!(verify(&confused, &organisation), Err(TokenFault::Algorithm));
    // By a key that is not the one it names, and by one that nobody listed.
    let foreign = encode(&header(Algorithm::EdDSA, &ed.listed), &other.encoding);
    assert_eq!(verify(&foreign, &organisation), Err(TokenFault::Signature));
    let unlisted = encode(&header(Algorithm::EdDSA, &other.listed), &other.encoding);
    assert_eq!(verify(&unlisted, &organisation), Err(TokenFault::UnknownKey));
    let unnamed = encode(&Header::new(Algorithm::EdDSA), &ed.encoding);
    assert_eq!(verify(&unnamed, &organisation), Err(TokenFault::UnknownKey));
    // Without a signature.
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for algorithm in ["none", "None", "NONE", ""] {
        let unsigned = part(json!({"alg": algorithm, "kid": ed.listed.id().to_string()}));
        let unsigned = format!("{unsigned}.{}.", part(claims()));
        assert_eq!(
            verify(&unsigned, &organisation),
            Err(TokenFault::Malformed),
            "{algorithm}"
        );
    }
    // With an extension that must not be ignored, and of another type.
    for (name, value) in [("crit", json!(["b64"])), ("typ", json!("at+jwt"))] {
        let mut changed = json!({"alg": "EdDSA", "kid": ed.listed.id().to_string()});
        changed[name] = value;
        let signed = format!("{}.{}", part(changed), part(claims()));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &ed.encoding, Algorithm::EdDSA);
        let token = format!("{signed}.{}", signature.expect("it signs"));
        assert_eq!(
            verify(&token, &organisation),
            Err(TokenFault::Malformed),
            "{name}"
        );
    }
}

#[test]
fn every_fault_names_its_check_and_none_the_token() {
    let pair = ed25519();
    let organisation = organisation(OIN, &[(&pair.listed, -10, 1000)]);
    let long = "x".repeat(TOKEN_BYTES_MAX + 1);
    for token in ["", "a", "a.b", "a.b.c", "a.b.c.d", &long] {
        let fault = verify(token, &organisation).expect_err(token);
        assert_eq!(fault, TokenFault::Malformed);
        assert_eq!(fault.refusal().reason(), ErrorReason::TokenRefused);
    }
    assert_eq!(
        TokenFault::OtherCertificate.refusal().reason(),
        ErrorReason::TokenNotBound
    );
    assert_eq!(
        TokenFault::OtherOrganisation.refusal().reason(),
        ErrorReason::TokenNotBound
    );
}

proptest! {
    #[test]
    fn any_text_is_refused_and_none_panics(token in ".{0,200}", at in 0_usize..1000, to in any::<u8>()) {
        let pair = ed25519();
        let organisation = organisation(OIN, &[(&pair.listed, -10, 1000)]);
        prop_assert!(verify(&token, &organisation).is_err());
        let good = jsonwebtoken::encode(&header(Algorithm::EdDSA, &pair.listed), &claims(), &pair.encoding);
        let mut changed = good.expect("it signs").into_bytes();
        let at = at % changed.len();
        prop_assume!(changed[at] != to);
        changed[at] = to;
        if let Ok(changed) = String::from_utf8(changed) {
            prop_assert!(verify(&changed, &organisation).is_err());
        }
    }
}
