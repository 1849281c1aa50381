//! Mail through a relay that speaks SMTP over TLS, and into a folder.

use std::path::Path;
use std::sync::{Arc, Mutex};

use sluis_consent::{Notices, NoticesConfig, NoticesSent, mail_sender};
use sluis_types::{ManualClock, SeededRandomness};
use tempfile::TempDir;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::letters::NOW;
use crate::mailbox::PAGES;
use crate::world::World;

const ANNA: &str = "anna@post.planted.example";

/// What a relay was told, and whether it was told so over TLS.
type Heard = Arc<Mutex<Vec<(bool, String)>>>;

/// How a relay behaves.
#[derive(Clone, Copy)]
struct Manners {
    offers_tls: bool,
    /// What it answers to a recipient.
    recipient: &'static str,
}

const WELL: Manners = Manners {
    offers_tls: true,
    recipient: "250 fine",
};

struct Relay {
    port: u16,
    heard: Heard,
    /// PEM of its certificate.
    certificate: String,
}

impl Relay {
    async fn start(manners: Manners) -> Self {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = rustls_pki_types::PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let told = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, told) = (acceptor.clone(), Arc::clone(&told));
                // A client that breaks off is not the relay's concern.
                tokio::spawn(async move { converse(stream, acceptor, manners, told).await.ok() });
            }
        });
        Self {
            port,
            heard,
            certificate: cert.pem(),
        }
    }

    fn heard(&self) -> Vec<(bool, String)> {
        self.heard.lock().unwrap().clone()
    }
}

async fn converse(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    manners: Manners,
    heard: Heard,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 relay.planted.example\r\n").await?;
    if !speak(&mut stream, manners, &heard, false).await? {
        return Ok(());
    }
    let mut secured = BufReader::new(acceptor.accept(stream.into_inner()).await?);
    speak(&mut secured, manners, &heard, true).await.map(drop)
}

/// Answers until the other side leaves; true when it asked for TLS.
async fn speak<S: AsyncBufRead + AsyncWrite + Unpin>(
    stream: &mut S,
    manners: Manners,
    heard: &Heard,
    is_secure: bool,
) -> std::io::Result<bool> {
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        let said = line.trim_end().to_owned();
        heard.lock().unwrap().push((is_secure, said.clone()));
        let word = said.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply = match word.as_str() {
            "EHLO" if is_secure => "250-relay\r\n250 AUTH PLAIN",
            "EHLO" if manners.offers_tls => "250-relay\r\n250 STARTTLS",
            "EHLO" => "250 relay",
            "STARTTLS" => "220 go on",
            "AUTH" => "235 welcome",
            "RCPT" => manners.recipient,
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut text).await?;
                }
                heard.lock().unwrap().push((is_secure, text));
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        stream.flush().await?;
        match word.as_str() {
            "STARTTLS" => return Ok(true),
            "QUIT" => return Ok(false),
            _ => {}
        }
    }
}

fn config(home: &Path, relay: &Relay, certificate: &str) -> NoticesConfig {
    let (password, authority) = (home.join("password"), home.join("authority.pem"));
    std::fs::write(&password, "geheim-planted\n").unwrap();
    std::fs::write(&authority, certificate).unwrap();
    let settings = serde_json::json!({
        "from": "Sluis <geen-antwoord@mijn.planted.example>",
        "pages_url": PAGES,
        "relay": {
            "host": "127.0.0.1", "port": relay.port, "tls": "starttls",
            "user": "sluis", "password_file": password, "ca_file": authority,
        },
    });
    let config: NoticesConfig = serde_json::from_value(settings).unwrap();
    config.check().unwrap();
    config
}

/// A world whose notices leave by these settings.
async fn world_with(config: &NoticesConfig) -> World {
    let (clock, randomness) = (
        Arc::new(ManualClock::new(NOW)),
        Arc::new(SeededRandomness::new(5)),
    );
    let sender = mail_sender(config, clock, randomness).unwrap();
    let notices = Notices {
        sender,
        pages_url: config.pages_url.clone(),
    };
    World::start_changed(Box::new(|parts| parts.notices = Some(notices))).await
}

async fn world_on(relay: &Relay, certificate: &str) -> (World, TempDir) {
    let home = tempfile::tempdir().unwrap();
    (world_with(&config(home.path(), relay, certificate)).await, home)
}

/// Anna asks for a code; what became of the mail.
async fn asked(world: &World) -> NoticesSent {
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    client.set_notice_address(world.setting(ANNA)).await.unwrap();
    world.mail().await
}

/// The text of a mail, its lines joined where they were broken for travelling (RFC 2045, 6.7).
fn read(text: &str) -> String {
    text.replace("=\r\n", "")
}

#[tokio::test]
async fn a_relay_gets_mail_over_tls_and_nothing_before_it() {
    let relay = Relay::start(WELL).await;
    let (world, _home) = world_on(&relay, &relay.certificate).await;
    assert_eq!(asked(&world).await, NoticesSent { sent: 1, failed: 0 });
    let heard = relay.heard();
    let in_clear: Vec<&str> = heard
        .iter()
        .filter(|(is_secure, _)| !is_secure)
        .map(|(_, said)| said.as_str())
        .collect();
    assert_eq!(in_clear, ["EHLO mijn.planted.example", "STARTTLS"]);
    let said = |start: &str| {
        heard
            .iter()
            .any(|(is_secure, said)| *is_secure && said.starts_with(start))
    };
    assert!(said("AUTH PLAIN ") && said("MAIL FROM:<geen-antwoord@mijn.planted.example>"));
    assert!(said(&format!("RCPT TO:<{ANNA}>")));
    let mail = heard
        .iter()
        .map(|(_, said)| read(said))
        .find(|said| said.contains("Subject: "));
    let mail = mail.unwrap();
    for line in [
        "From: Sluis <geen-antwoord@mijn.planted.example>",
        "Auto-Submitted: auto-generated",
        "Date: Mon, 21 Sep 2026",
        PAGES,
    ] {
        assert!(mail.contains(line), "{line} in {mail}");
    }
    // The code that travelled is the one that works.
    let code = mail
        .lines()
        .find(|line| line.len() == 11 && line.as_bytes()[5] == b'-')
        .unwrap();
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    client.confirm_notice_address(world.entering(code)).await.unwrap();
}

#[tokio::test]
async fn a_relay_without_tls_or_of_another_authority_gets_nothing() {
    let plain = Relay::start(Manners {
        offers_tls: false,
        ..WELL
    })
    .await;
    let other = Relay::start(WELL).await;
    for (relay, certificate) in [(&plain, &plain.certificate), (&other, &plain.certificate)] {
        let (world, _home) = world_on(relay, certificate).await;
        assert_eq!(asked(&world).await, NoticesSent { sent: 0, failed: 1 });
        for (_, said) in relay.heard() {
            assert!(
                !said.contains("planted.example>") && !said.starts_with("AUTH"),
                "{said}"
            );
        }
    }
}

#[tokio::test]
async fn a_relay_that_refuses_an_address_is_not_asked_again_and_one_that_is_busy_is() {
    for (recipient, again) in [
        ("550 no such mailbox", 0),
        ("450 later", 1),
        ("554 not from you", 1),
    ] {
        let relay = Relay::start(Manners { recipient, ..WELL }).await;
        let (world, _home) = world_on(&relay, &relay.certificate).await;
        assert_eq!(
            asked(&world).await,
            NoticesSent { sent: 0, failed: 1 },
            "{recipient}"
        );
        world.clock.advance(std::time::Duration::from_mins(1));
        let second = world.mail().await;
        assert_eq!(
            second,
            NoticesSent {
                sent: 0,
                failed: again
            },
            "{recipient}"
        );
    }
}

#[tokio::test]
async fn a_folder_gets_each_mail_as_a_file_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("mail");
    let settings = serde_json::json!({
        "from": "geen-antwoord@mijn.planted.example", "pages_url": PAGES, "folder": folder,
    });
    let config: NoticesConfig = serde_json::from_value(settings).unwrap();
    let world = world_with(&config).await;
    assert_eq!(asked(&world).await.sent, 1);
    assert_eq!(asked(&world).await.sent, 1);
    let files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(file.extension().unwrap(), "eml");
        assert!(!file.display().to_string().contains("anna"));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(&format!("To: {ANNA}")), "{text}");
    }
}

#[tokio::test]
async fn files_that_are_not_there_are_named_at_the_start() {
    let home = tempfile::tempdir().unwrap();
    let relay = Relay::start(WELL).await;
    let good = config(home.path(), &relay, &relay.certificate);
    let clock = || Arc::new(ManualClock::new(NOW));
    let randomness = || Arc::new(SeededRandomness::new(5));
    assert!(mail_sender(&good, clock(), randomness()).is_ok());
    for file in ["password", "authority.pem"] {
        let path = home.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let error = mail_sender(&good, clock(), randomness()).expect_err(file);
        assert!(error.to_string().contains(file), "{error}");
        std::fs::write(&path, bytes).unwrap();
    }
}
