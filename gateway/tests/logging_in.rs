//! Logging in with a provider: what counts as a login, and what does not.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use sluis_gateway::{Callback, IdTokenFault, OpenIdError, RelyingParty, VerifiedLogin};
use sluis_proto::consent::v1::LevelOfAssurance;
use sluis_serve::TokioTimer;

use crate::mesh::{Mesh, START, mesh_with};
use crate::provider::{CLIENT, Provider, ProviderKey};

pub(crate) struct Login {
    pub(crate) mesh: Mesh,
    pub(crate) provider: Provider,
    pub(crate) key: ProviderKey,
}

pub(crate) async fn login() -> Login {
    login_with("").await
}

/// `settings` are added to those of the relying party.
pub(crate) async fn login_with(settings: &str) -> Login {
    let provider = Provider::start().await;
    let key = ProviderKey::new("now", Algorithm::ES256);
    provider.publish(&[&key]);
    let settings = format!(
        "[resident.openid]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\n\
         redirect_uri = \"https://mijn.example/terug?a=b\"\nacr_values = \"urn:example:loa3\"\n{settings}\n\
         [resident.openid.levels_of_assurance]\n\"urn:example:loa2\" = \"low\"\n\"urn:example:loa3\" = \"substantial\"",
        provider.issuer
    );
    let mesh = mesh_with(&settings, Arc::new(TokioTimer::new())).await;
    Login { mesh, provider, key }
}

/// What a browser carries to the provider and back.
struct Attempt {
    cookie: String,
    state: String,
    nonce: String,
    challenge: String,
}

impl Login {
    pub(crate) fn party(&self) -> &RelyingParty {
        self.mesh.gateway.login().expect("a provider is configured")
    }

    async fn begin(&self) -> Attempt {
        let start = self.party().begin().await.expect("the provider is there");
        let (page, query) = start.url.split_once('?').unwrap();
        assert_eq!(page, format!("{}/authorize", self.provider.issuer));
        let field = |name: &str| {
            let value = query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.unwrap_or_else(|| panic!("{name} in {query}")).to_owned()
        };
        assert_eq!(field("theme"), "plain");
        assert_eq!(field("response_type"), "code");
        assert_eq!(field("client_id"), CLIENT);
        assert_eq!(
            field("redirect_uri"),
            "https%3A%2F%2Fmijn.example%2Fterug%3Fa%3Db"
        );
        assert_eq!(field("scope"), "openid");
        assert_eq!(field("acr_values"), "urn%3Aexample%3Aloa3");
        assert_eq!(field("code_challenge_method"), "S256");
        let (state, nonce, challenge) = (field("state"), field("nonce"), field("code_challenge"));
        for secret in [&state, &nonce] {
            assert!(!start.cookie.contains(secret.as_str()), "the cookie is sealed");
        }
        Attempt {
            cookie: start.cookie,
            state,
            nonce,
            challenge,
        }
    }

    async fn finish_with(&self, attempt: &Attempt, token: String) -> Result<VerifiedLogin, OpenIdError> {
        self.provider.issue("the-code", &attempt.challenge, token);
        self.party()
            .finish(&attempt.cookie, &self.callback(attempt))
            .await
    }

    fn callback(&self, attempt: &Attempt) -> Callback {
        let issuer = self.provider.issuer.replace(':', "%3A").replace('/', "%2F");
        Callback::from_query(&format!("code=the-code&state={}&iss={issuer}", attempt.state))
    }

    /// Logs in with a good token in which one claim is changed.
    pub(crate) async fn with_claim(&self, claim: &str, value: Value) -> Result<VerifiedLogin, OpenIdError> {
        let attempt = self.begin().await;
        let mut claims = self.provider.claims(&attempt.nonce);
        claims[claim] = value;
        if claims[claim].is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        }
        self.finish_with(&attempt, self.key.sign(&claims)).await
    }
}

pub(crate) fn fault(answer: Result<VerifiedLogin, OpenIdError>) -> IdTokenFault {
    match answer {
        Err(OpenIdError::IdToken(fault)) => fault,
        other => panic!("not a fault of the ID token: {other:?}"),
    }
}

#[tokio::test]
async fn a_good_login_says_who_it_is() {
    let login = login().await;
    let who = login
        .with_claim("sub", json!("pairwise-noor"))
        .await
        .expect("good");
    assert_eq!(
        (who.issuer(), who.subject()),
        (login.provider.issuer.as_str(), "pairwise-noor")
    );
    assert_eq!(
        (who.represents(), who.level_of_assurance()),
        (None, LevelOfAssurance::Substantial)
    );
    assert_eq!(format!("{who:?}"), "VerifiedLogin(…)");
    // The provider's own words are asked for once.
    login
        .with_claim("sub", json!("pairwise-sam"))
        .await
        .expect("good");
    assert_eq!(login.provider.asked("/.well-known/openid-configuration"), 1);
    assert_eq!(login.provider.asked("/keys"), 1);
    assert_eq!(login.provider.client_authentication(), None);
}

#[tokio::test]
async fn every_asymmetric_algorithm_works_with_a_key_of_its_own() {
    for algorithm in [
        Algorithm::ES256,
        Algorithm::EdDSA,
        Algorithm::RS256,
        Algorithm::PS256,
    ] {
        let mut login = login().await;
        login.key = ProviderKey::new("other", algorithm);
        login.provider.publish(&[&login.key]);
        let who = login.with_claim("sub", json!("pairwise-sam")).await;
        assert_eq!(
            who.unwrap_or_else(|error| panic!("{algorithm:?}: {error}"))
                .subject(),
            "pairwise-sam"
        );
    }
}

#[tokio::test]
async fn each_claim_is_checked() {
    let login = login().await;
    let now = START.seconds();
    let cases = [
        ("iss", json!("http://127.0.0.1:1"), IdTokenFault::Issuer),
        (
            "iss",
            json!(format!("{}/", login.provider.issuer)),
            IdTokenFault::Issuer,
        ),
        ("aud", json!("another"), IdTokenFault::Audience),
        ("aud", json!(["another", CLIENT]), IdTokenFault::Audience),
        ("aud", json!([]), IdTokenFault::Audience),
        ("azp", json!("another"), IdTokenFault::Audience),
        ("exp", json!(now), IdTokenFault::Expired),
        ("exp", Value::Null, IdTokenFault::Malformed),
        ("iat", json!(now - 601), IdTokenFault::IssuedAt),
        ("iat", json!(now + 61), IdTokenFault::IssuedAt),
        ("iat", json!(i64::MIN), IdTokenFault::IssuedAt),
        ("nonce", json!("another"), IdTokenFault::Nonce),
        ("nonce", Value::Null, IdTokenFault::Malformed),
        ("acr", json!("urn:example:loa9"), IdTokenFault::LevelOfAssurance),
        ("acr", Value::Null, IdTokenFault::LevelOfAssurance),
        ("sub", json!(""), IdTokenFault::Malformed),
        ("sub", json!("x".repeat(256)), IdTokenFault::Malformed),
        ("represents", json!({"sub": ""}), IdTokenFault::Representation),
        (
            "represents",
            json!({"sub": "a", "iss": "https://elsewhere.example"}),
            IdTokenFault::Representation,
        ),
        (
            "represents",
            json!({"sub": "a", "represents": {"sub": "b"}}),
            IdTokenFault::Representation,
        ),
        ("represents", json!("a"), IdTokenFault::Malformed),
    ];
    for (claim, value, expected) in cases {
        assert_eq!(
            fault(login.with_claim(claim, value.clone()).await),
            expected,
            "{claim} {value}"
        );
    }
    login
        .with_claim("aud", json!([CLIENT]))
        .await
        .expect("a list of one");
    login
        .with_claim("azp", json!(CLIENT))
        .await
        .expect("issued to this client");
}

#[tokio::test]
async fn a_representative_is_told_from_the_resident() {
    let login = login().await;
    let represents = json!({"sub": "pairwise-resident", "iss": login.provider.issuer});
    let who = login.with_claim("represents", represents).await.expect("good");
    assert_eq!(
        (who.subject(), who.represents()),
        ("pairwise-noor", Some("pairwise-resident"))
    );
}

#[tokio::test]
async fn the_published_key_decides_on_the_algorithm() {
    let login = login().await;
    let rsa = ProviderKey::new("rsa", Algorithm::RS256);
    let mut symmetric = json!({"kty": "oct", "kid": "oct", "alg": "HS256", "k": "c2VjcmV0"});
    let mut encryption = login.key.published();
    encryption["kid"] = json!("enc");
    encryption["use"] = json!("enc");
    symmetric["use"] = json!("sig");
    let unknown = json!({"kty": "ML-DSA", "kid": "future"});
    login.provider.publish_raw(vec![
        login.key.published(),
        rsa.published(),
        symmetric,
        encryption,
        unknown,
    ]);
    let foreign = ProviderKey::new("now", Algorithm::ES256);
    let attempt = login.begin().await;
    let claims = login.provider.claims(&attempt.nonce);
    let secret = jsonwebtoken::EncodingKey::from_secret(b"secret");
    let mut header = jsonwebtoken::Header::new(Algorithm::HS256);
    header.kid = Some("oct".to_owned());
    let cases = [
        // The key says RS256.
        (
            rsa.sign_as(Algorithm::PS256, "rsa", &claims),
            IdTokenFault::Algorithm,
        ),
        (
            rsa.sign_as(Algorithm::RS256, "now", &claims),
            IdTokenFault::Algorithm,
        ),
        (
            jsonwebtoken::encode(&header, &claims, &secret).unwrap(),
            IdTokenFault::UnknownKey,
        ),
        (
            login.key.sign_as(Algorithm::ES256, "enc", &claims),
            IdTokenFault::UnknownKey,
        ),
        (foreign.sign(&claims), IdTokenFault::Signature),
        ("x.y.z".to_owned(), IdTokenFault::Malformed),
        (String::new(), IdTokenFault::Malformed),
    ];
    for (token, expected) in cases {
        // An attempt is used once.
        let attempt = login.begin().await;
        assert_eq!(fault(login.finish_with(&attempt, token).await), expected);
    }
}

#[tokio::test]
async fn a_new_key_is_asked_for_once_a_minute_at_most() {
    let login = login().await;
    login.with_claim("sub", json!("a")).await.expect("good");
    let newer = ProviderKey::new("newer", Algorithm::ES256);
    login.provider.publish(&[&newer]);
    let newer_token = |attempt: &Attempt| {
        let mut claims = login.provider.claims(&attempt.nonce);
        claims["exp"] = json!(START.seconds() + 1000);
        newer.sign(&claims)
    };
    for _ in 0..3 {
        let attempt = login.begin().await;
        let answer = login.finish_with(&attempt, newer_token(&attempt)).await;
        assert_eq!(fault(answer), IdTokenFault::UnknownKey);
    }
    assert_eq!(login.provider.asked("/keys"), 1);
    login.mesh.clock.advance(Duration::from_mins(1));
    let attempt = login.begin().await;
    let answer = login.finish_with(&attempt, newer_token(&attempt)).await;
    answer.expect("asked again");
    assert_eq!(login.provider.asked("/keys"), 2);
}

#[tokio::test]
async fn the_answer_must_belong_to_the_browsers_attempt() {
    let login = login().await;
    let (attempt, other) = (login.begin().await, login.begin().await);
    let token = login.key.sign(&login.provider.claims(&attempt.nonce));
    login.provider.issue("the-code", &attempt.challenge, token);
    let good = login.callback(&attempt);
    let refused = [
        (other.cookie.as_str(), good.clone()),
        ("", good.clone()),
        (
            &attempt.cookie,
            Callback {
                state: None,
                ..good.clone()
            },
        ),
        (
            &attempt.cookie,
            Callback {
                state: Some("x".into()),
                ..good.clone()
            },
        ),
        (
            &attempt.cookie,
            Callback {
                code: None,
                ..good.clone()
            },
        ),
        (
            &attempt.cookie,
            Callback {
                iss: None,
                ..good.clone()
            },
        ),
        (
            &attempt.cookie,
            Callback {
                iss: Some("https://elsewhere.example".into()),
                ..good.clone()
            },
        ),
    ];
    for (cookie, callback) in refused {
        let answer = login.party().finish(cookie, &callback).await;
        assert!(matches!(answer, Err(OpenIdError::AttemptUnknown)), "{answer:?}");
    }
    let cancelled = Callback {
        error: Some("access_denied".into()),
        ..good.clone()
    };
    let answer = login.party().finish(&attempt.cookie, &cancelled).await;
    assert!(matches!(answer, Err(OpenIdError::Refused)), "{answer:?}");
    assert_eq!(
        login.provider.asked("/token"),
        0,
        "no code was shown for any of these"
    );
    login
        .party()
        .finish(&attempt.cookie, &good)
        .await
        .expect("its own");
    let again = login.party().finish(&attempt.cookie, &good).await;
    assert!(
        matches!(again, Err(OpenIdError::AttemptUnknown)),
        "an attempt works once: {again:?}"
    );
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_has_to_begin_again() {
    let login = login().await;
    let attempt = login.begin().await;
    login.mesh.clock.advance(Duration::from_secs(601));
    let answer = login.finish_with(&attempt, String::new()).await;
    assert!(matches!(answer, Err(OpenIdError::AttemptExpired)), "{answer:?}");
}

#[tokio::test]
async fn a_code_is_bound_to_the_attempt_by_pkce() {
    let login = login().await;
    let (attempt, other) = (login.begin().await, login.begin().await);
    let token = login.key.sign(&login.provider.claims(&attempt.nonce));
    // A code that was given out for another attempt, slipped into this one.
    login.provider.issue("the-code", &other.challenge, token);
    let answer = login
        .party()
        .finish(&attempt.cookie, &login.callback(&attempt))
        .await;
    assert!(matches!(answer, Err(OpenIdError::CodeRefused)), "{answer:?}");
    // An attempt that failed is used up, whatever it brings next.
    let right = login.key.sign(&login.provider.claims(&attempt.nonce));
    let again = login.finish_with(&attempt, right).await;
    assert!(matches!(again, Err(OpenIdError::AttemptUnknown)), "{again:?}");
}

#[tokio::test]
async fn a_client_with_a_secret_shows_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    std::fs::write(&file, "s3cret:with/odd chars\n").unwrap();
    let login = login_with(&format!("client_secret_file = {:?}", file.to_str().unwrap())).await;
    login.with_claim("sub", json!("a")).await.expect("good");
    let shown = login.provider.client_authentication();
    assert_eq!(shown.as_deref(), Some("sluis:s3cret%3Awith%2Fodd%20chars"));
}

#[tokio::test]
async fn a_provider_that_does_not_do_as_it_must_is_not_used() {
    let cases = [
        ("issuer", json!("http://127.0.0.1:1")),
        ("token_endpoint", json!("http://login.example/token")),
        ("jwks_uri", json!("keys")),
        ("authorization_endpoint", Value::Null),
        ("code_challenge_methods_supported", json!(["plain"])),
        ("issuer", json!("x".repeat(300_000))),
    ];
    for (name, value) in cases {
        let login = login().await;
        login.provider.discovery(name, value);
        let answer = login.party().begin().await;
        let too_long = matches!(answer, Err(OpenIdError::Unreachable(_)));
        assert!(
            too_long || matches!(answer, Err(OpenIdError::Provider(_))),
            "{name}: {answer:?}"
        );
    }
    // What went wrong once is asked again, not remembered.
    let login = login().await;
    let issuer = json!(login.provider.issuer);
    login.provider.discovery("issuer", json!("http://127.0.0.1:1"));
    assert!(login.party().begin().await.is_err());
    login.provider.discovery("issuer", issuer);
    login.with_claim("sub", json!("a")).await.expect("well again");
}
