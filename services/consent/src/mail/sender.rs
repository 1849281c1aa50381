//! How mail leaves: through a relay, over TLS and never in clear, or into a folder.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lettre::address::AddressError;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use sluis_types::{Clock, Randomness};
use zeroize::Zeroizing;

use super::{Mail, MailSender, NoticesConfig, RelayConfig, RelayTls, SendError};

/// How long a relay may take for each step of a conversation.
const RELAY_TIMEOUT: Duration = Duration::from_secs(30);
/// What a relay answers when it refuses an address for good (RFC 5321, 4.2.3). Every other refusal is about this relay or
/// this moment, and may pass.
const ADDRESS_REFUSED: [&str; 3] = ["550", "551", "553"];

/// Why mail cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum MailStartError {
    /// Who mail is from.
    #[error("notices.from is no e-mail address")]
    From(#[source] AddressError),
    /// Neither a relay nor a folder.
    #[error("notices need a relay, or a folder")]
    Nowhere,
    /// A file that is named in the settings, or the folder.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The authority that vouches for the relay.
    #[error("the certificates of the relay's authority cannot be used")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// What sends mail by these settings. Reads the files that they name, and reaches nobody.
///
/// # Errors
/// [`MailStartError`] when a setting or a file cannot be used.
pub fn mail_sender(
    config: &NoticesConfig,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
) -> Result<Arc<dyn MailSender>, MailStartError> {
    let from: Mailbox = config.from.parse().map_err(MailStartError::From)?;
    let way = match (&config.relay, &config.folder) {
        (Some(relay), _) => Way::Relay(Box::new(transport(relay, from.email.domain())?)),
        (None, Some(folder)) => Way::Folder(opened(folder)?),
        (None, None) => return Err(MailStartError::Nowhere),
    };
    Ok(Arc::new(Post {
        from,
        way,
        clock,
        randomness,
    }))
}

fn opened(folder: &Path) -> Result<PathBuf, MailStartError> {
    std::fs::create_dir_all(folder).map_err(|source| file(folder, source))?;
    Ok(folder.to_owned())
}

fn file(path: &Path, source: io::Error) -> MailStartError {
    MailStartError::File {
        path: path.to_owned(),
        source,
    }
}

fn transport(
    relay: &RelayConfig,
    own_domain: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailStartError> {
    let mut parameters = TlsParameters::builder(relay.host.clone());
    if let Some(path) = &relay.ca_file {
        let pem = std::fs::read(path).map_err(|source| file(path, source))?;
        let authority = Certificate::from_pem(&pem).map_err(MailStartError::Tls)?;
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority);
    }
    let parameters = parameters.build_rustls().map_err(MailStartError::Tls)?;
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(relay.host.clone())
        .port(relay.port)
        .timeout(Some(RELAY_TIMEOUT))
        .hello_name(ClientId::Domain(own_domain.to_owned()))
        .tls(match relay.tls {
            RelayTls::StartTls => Tls::Required(parameters),
            RelayTls::Implicit => Tls::Wrapper(parameters),
        });
    if let (Some(user), Some(path)) = (&relay.user, &relay.password_file) {
        let password = std::fs::read_to_string(path).map_err(|source| file(path, source))?;
        let password = Zeroizing::new(password);
        builder = builder.credentials(Credentials::new(user.clone(), password.trim_end().to_owned()));
    }
    Ok(builder.build())
}

enum Way {
    Relay(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
}

/// Sends mail from one address.
struct Post {
    from: Mailbox,
    way: Way,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Post(…)")
    }
}

impl Post {
    /// 128 random bits in hexadecimal.
    fn mark(&self) -> String {
        let mut bytes = [0; 16];
        self.randomness.fill(&mut bytes);
        format!("{:032x}", u128::from_be_bytes(bytes))
    }

    /// The mail in the form in which it travels (RFC 5322); none for an address that lettre does not take.
    fn message(&self, mail: &Mail) -> Option<Message> {
        let to: Address = mail.to().parse().ok()?;
        let micros = u64::try_from(self.clock.now().micros()).ok()?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject())
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
            .message_id(Some(format!("<{}@{}>", self.mark(), self.from.email.domain())))
            // No answer by machine comes back to what a machine sent (RFC 3834).
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body().to_owned())
            .ok()
    }
}

#[async_trait]
impl MailSender for Post {
    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = self.message(mail).ok_or(SendError::Refused)?;
        match &self.way {
            Way::Relay(relay) => match relay.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    // What the relay says may repeat the address: only its number is looked at, and nothing is kept.
                    let number = error.status().map(|code| code.to_string());
                    let is_refused = number.is_some_and(|number| ADDRESS_REFUSED.contains(&number.as_str()));
                    Err(if is_refused {
                        SendError::Refused
                    } else {
                        SendError::Later
                    })
                }
            },
            Way::Folder(folder) => {
                let (mark, bytes) = (self.mark(), message.formatted());
                write(folder, &mark, &bytes).await.map_err(|_| SendError::Later)
            }
        }
    }
}

/// Writes a file that is there whole or not at all, for its owner's eyes.
async fn write(folder: &Path, mark: &str, bytes: &[u8]) -> io::Result<()> {
    let (part, whole) = (
        folder.join(format!("{mark}.part")),
        folder.join(format!("{mark}.eml")),
    );
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&part).await?;
    tokio::io::AsyncWriteExt::write_all(&mut file, bytes).await?;
    file.sync_all().await?;
    tokio::fs::rename(part, whole).await
}
