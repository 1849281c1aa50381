//! What a request leaves in the log.

use std::io;
use std::sync::{Arc, Mutex};

use sluis_envelope::KeyKind;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_serve::{Caller, LogFormat, PartnerCaller, ResidentCaller, subscriber};
use sluis_types::ProfessionalRole;
use tonic::Request;

use crate::bench::{Bench, FAULTY, ORGANISATION, get};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that a call could leak, planted in a call of each kind.
const PLANTED: [&str; 7] = [
    "planted-issuer",
    "planted-subject",
    "planted-represents",
    "planted-field",
    "planted-metadata",
    "5e5e5e5e",
    "sluis-caller-bin",
];

#[tokio::test]
async fn a_request_leaves_one_line_without_anything_personal() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = subscriber(LogFormat::Json, "trace", move || writer.clone()).unwrap();
    // This runtime has one thread, so every task of the test writes here.
    let _guard = tracing::subscriber::set_default(subscriber);

    let bench = Bench::new();
    let channel = bench.in_memory().channel();
    let resident = Caller::Resident(ResidentCaller {
        issuer: "https://planted-issuer".into(),
        subject: "planted-subject".into(),
        represents: Some("planted-represents".into()),
        session: [0x5e; 32],
    });
    let professional = Caller::Partner(PartnerCaller {
        organisation: ORGANISATION.parse().unwrap(),
        professional: [0x5e; 32],
        role: ProfessionalRole::Professional,
        jwt_hash: [0x5e; 32],
    });
    let mut asked = 0;
    for (kind, caller) in [
        (KeyKind::ResidentCaller, resident),
        (KeyKind::PartnerCaller, professional),
    ] {
        for field in ["planted-field", FAULTY, ""] {
            let client = bench.client(channel.clone(), kind, caller.clone());
            let mut request = Request::new(get(field));
            request
                .metadata_mut()
                .insert("x-note", "planted-metadata".parse().unwrap());
            let _answer = RegistryServiceClient::new(client).get_organisation(request).await;
            asked += 1;
        }
    }
    let refused = RegistryServiceClient::new(channel)
        .get_organisation(get("planted-field"))
        .await;
    assert!(refused.is_err());
    asked += 1;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for secret in PLANTED {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let requests: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("\"message\":\"request\""))
        .collect();
    assert_eq!(requests.len(), asked, "{text}");
    for line in &requests {
        for part in [
            "RegistryService",
            "GetOrganisation",
            "\"outcome\"",
            "\"duration_ms\"",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    let of = |outcome: &str| {
        requests
            .iter()
            .filter(|line| line.contains(&format!("\"outcome\":\"{outcome}\"")))
            .count()
    };
    assert_eq!(
        (of("Ok"), of("Internal"), of("NotFound"), of("Unauthenticated")),
        (2, 2, 2, 1)
    );
    assert_eq!(
        requests.iter().filter(|line| line.contains(ORGANISATION)).count(),
        3
    );
    // The cause of a fault of ours stands in the log, once per call, and nowhere else.
    assert_eq!(text.matches("disk on fire").count(), 2);
}
