//! Which form a body has, and what it is about.

use std::path::Path;

use serde::Deserialize;
use sluis_client::{FHIR_JSON, REFERRAL_FORM_JSON, ReferralForm, TEXT};
use sluis_envelope::limits::BODY_BYTES_MAX;
use sluis_envelope::{MediaType, Scope};
use sluis_types::Purpose;
use zeroize::Zeroizing;

use crate::codes::ScopeArguments;
use crate::failure::Failure;

/// A body that is to be sent, untouched.
pub(crate) struct Body {
    pub(crate) media_type: MediaType,
    pub(crate) scope: Scope,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Body {
    /// Reads a file. Our referral form says itself what it is about; for FHIR and text the command line must.
    pub(crate) fn read(path: &Path, about: &ScopeArguments, purpose: Purpose) -> Result<Self, Failure> {
        let bytes = Zeroizing::new(std::fs::read(path).map_err(|error| Failure::file(path, error))?);
        Self::of(bytes, path, about, purpose)
    }

    fn of(
        bytes: Zeroizing<Vec<u8>>,
        path: &Path,
        about: &ScopeArguments,
        purpose: Purpose,
    ) -> Result<Self, Failure> {
        let name = path.display();
        if bytes.len() > BODY_BYTES_MAX as usize {
            return Err(Failure::local(
                format!("{name} is longer than {} MiB", BODY_BYTES_MAX / (1024 * 1024)),
                "Send it as an attachment: `--attach FILE`.",
            ));
        }
        let is_text = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("txt"));
        let media_type = if is_fhir(&bytes) {
            FHIR_JSON
        } else if ReferralForm::is_meant(&bytes) {
            return Self::form(bytes, about);
        } else if is_text {
            TEXT
        } else {
            return Err(Failure::local(
                format!("{name} is neither a referral form, nor a FHIR resource in JSON, nor a .txt file"),
                "Send other files as attachments: `--attach FILE`.",
            ));
        };
        if is_text && str::from_utf8(&bytes).is_err() {
            return Err(Failure::local(format!("{name} is no text in UTF-8"), ""));
        }
        let scope = about.scope(purpose).ok_or_else(|| {
            Failure::usage(format!(
                "what is {name} about? Say it with --domain and --data: it is checked against the resident's consent"
            ))
        })?;
        Ok(Self::new(media_type, scope, bytes))
    }

    fn form(bytes: Zeroizing<Vec<u8>>, about: &ScopeArguments) -> Result<Self, Failure> {
        let form = ReferralForm::parse(&bytes)?;
        if !about.is_empty() {
            return Err(Failure::usage(
                "a referral form says itself what it is about: leave --purpose, --domain and --data out",
            ));
        }
        Ok(Self::new(REFERRAL_FORM_JSON, form.scope()?, bytes))
    }

    fn new(media_type: &str, scope: Scope, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self {
            media_type: MediaType::new(media_type).expect("our own media types are well formed"),
            scope,
            bytes,
        }
    }

    /// Text from the command line.
    pub(crate) fn text(text: String, scope: Scope) -> Self {
        Self::new(TEXT, scope, Zeroizing::new(text.into_bytes()))
    }

    /// A JSON document of ours.
    pub(crate) fn json(media_type: &str, document: &impl serde::Serialize, scope: Scope) -> Self {
        let bytes = serde_json::to_vec(document).expect("our own documents have string keys");
        Self::new(media_type, scope, Zeroizing::new(bytes))
    }
}

/// Whether it is a FHIR resource: every one names its type.
fn is_fhir(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        #[serde(rename = "resourceType")]
        resource_type: String,
    }
    serde_json::from_slice(bytes).is_ok_and(|probe: Probe| !probe.resource_type.is_empty())
}

/// What a body is called when it is written into a folder.
pub(crate) fn file_name(media_type: &MediaType) -> &'static str {
    let kind = media_type
        .as_str()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if kind == "application/json" || kind.ends_with("+json") {
        "body.json"
    } else if kind == "text/plain" {
        "body.txt"
    } else {
        "body.bin"
    }
}

#[cfg(test)]
mod tests {
    use sluis_types::{CodeSet, DataKind, LifeDomain};

    use super::*;

    fn about() -> ScopeArguments {
        ScopeArguments {
            purposes: Vec::new(),
            domains: vec![LifeDomain::FittingSupport],
            data: vec![DataKind::Situation],
        }
    }

    fn read(name: &str, bytes: &[u8], about: &ScopeArguments) -> Result<Body, Failure> {
        Body::of(
            Zeroizing::new(bytes.to_vec()),
            Path::new(name),
            about,
            Purpose::Referral,
        )
    }

    fn form() -> Vec<u8> {
        serde_json::json!({
            "version": 1,
            "resident": {"name": "Ans (verzonnen)", "contact": "na 14 uur"},
            "question": "Wie denkt mee over slapen?",
            "plan": {"need": ["een vast gezicht"]},
            "life_domains": [{"domain": "FITTING_SUPPORT", "note": "piekert"}],
            "data_kinds": ["CONTACT", "SITUATION"],
            "referrer": {"name": "T. de Vries", "function": "consulent", "callback": "0412-000000"},
            "resident_informed": {"informed": true, "on": "2026-11-20"},
            "feedback_wanted": true
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn a_form_says_itself_what_it_is_about() {
        let body = read("verwijzing.json", &form(), &ScopeArguments::default()).expect("a form");
        assert_eq!(
            (body.media_type.as_str(), &*body.bytes),
            (REFERRAL_FORM_JSON, &form())
        );
        assert_eq!(
            body.scope.data_kinds(),
            [DataKind::Contact, DataKind::Situation].into_iter().collect()
        );
        assert!(matches!(
            read("verwijzing.json", &form(), &about()),
            Err(Failure::Usage { .. })
        ));
    }

    #[test]
    fn a_form_with_a_mistake_is_not_sent_as_something_else() {
        let mistaken = br#"{"version":1,"question":"?"}"#;
        assert!(matches!(
            read("verwijzing.json", mistaken, &about()),
            Err(Failure::Sdk(_))
        ));
        assert!(matches!(
            read("verwijzing.txt", mistaken, &about()),
            Err(Failure::Sdk(_))
        ));
    }

    #[test]
    fn fhir_and_text_need_words_on_what_they_are_about() {
        let resource = br#"{"resourceType":"ServiceRequest","status":"active"}"#;
        for (name, bytes, media_type) in [
            ("request.json", &resource[..], FHIR_JSON),
            ("note.txt", b"Dag.", TEXT),
        ] {
            let body = read(name, bytes, &about()).expect("a body");
            assert_eq!((body.media_type.as_str(), &**body.bytes), (media_type, bytes));
            assert_eq!(body.scope.purposes(), CodeSet::EMPTY.with(Purpose::Referral));
            let failure = read(name, bytes, &ScopeArguments::default())
                .err()
                .expect("not said");
            assert!(
                failure.human().contains("--domain and --data"),
                "{}",
                failure.human()
            );
        }
    }

    #[test]
    fn anything_else_is_an_attachment() {
        for (name, bytes) in [
            ("plan.pdf", &b"%PDF-1.7"[..]),
            ("data.json", b"{}"),
            ("data.json", br#"{"resourceType":""}"#),
            ("list.json", b"[1]"),
            ("note.txt", b"\xff\xfe"),
        ] {
            assert_eq!(
                read(name, bytes, &about()).err().expect(name).exit(),
                crate::Exit::Local
            );
        }
        let long = vec![b'a'; BODY_BYTES_MAX as usize + 1];
        assert!(
            read("note.txt", &long, &about())
                .err()
                .expect("too long")
                .human()
                .contains("--attach")
        );
    }

    #[test]
    fn a_body_is_written_under_a_name_that_fits() {
        for (media_type, name) in [
            (REFERRAL_FORM_JSON, "body.json"),
            (FHIR_JSON, "body.json"),
            (TEXT, "body.txt"),
            ("text/html", "body.bin"),
        ] {
            assert_eq!(
                file_name(&MediaType::new(media_type).expect("a media type")),
                name
            );
        }
    }
}
