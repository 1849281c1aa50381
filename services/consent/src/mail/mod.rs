//! Mail to residents: what it says, and how it leaves. The only thing of a resident that comes here is an address, and it
//! goes to no log, error or span: not even what a relay answers, because relays repeat addresses.

mod config;
mod sender;
mod words;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use zeroize::Zeroizing;

pub use config::{MailConfigError, NoticesConfig, RelayConfig, RelayTls};
pub use sender::{MailStartError, mail_sender};

use crate::domain::email_address::EmailAddress;
use crate::domain::notice_address::Destination;

/// What notices are sent with.
#[derive(Clone)]
pub struct Notices {
    /// Hands mail over.
    pub sender: Arc<dyn MailSender>,
    /// The address of the residents' pages, which stands in every mail.
    pub pages_url: String,
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices(…)")
    }
}

/// Hands mail over to whoever delivers it.
#[async_trait]
pub trait MailSender: fmt::Debug + Send + Sync + 'static {
    /// Hands one mail over. Comes to an end by itself, whatever the other side does.
    ///
    /// # Errors
    /// [`SendError`], which says whether trying again can help, and nothing of the mail.
    async fn send(&self, mail: &Mail) -> Result<(), SendError>;
}

/// Why a mail was not handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The relay refuses this address: it will next time too.
    #[error("the address is refused")]
    Refused,
    /// It may go the next time.
    #[error("mail cannot be handed over now")]
    Later,
}

/// One mail. Prints nothing.
pub struct Mail {
    to: EmailAddress,
    subject: &'static str,
    body: Zeroizing<String>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

impl Mail {
    /// The mail that something changed.
    pub(crate) fn notice(to: &Destination, pages_url: &str) -> Self {
        Self {
            to: to.address.clone(),
            subject: words::notice_subject(to.language),
            body: Zeroizing::new(words::notice(to.language, pages_url)),
        }
    }

    /// The mail with the code of an address, as it is shown to people.
    pub(crate) fn code(to: &Destination, pages_url: &str, code: &str) -> Self {
        Self {
            to: to.address.clone(),
            subject: words::code_subject(to.language),
            body: Zeroizing::new(words::code(to.language, pages_url, code)),
        }
    }

    /// Whom it goes to.
    pub fn to(&self) -> &str {
        self.to.expose()
    }

    /// Its subject.
    pub fn subject(&self) -> &str {
        self.subject
    }

    /// Its text.
    pub fn body(&self) -> &str {
        &self.body
    }
}
