//! Mailboxes under a test: what was mailed to whom, and what a resident does about notices.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sluis_consent::{Mail, MailSender, Notices, NoticesSent, SendError};
use sluis_proto::consent::v1::resident_notice_service_client::ResidentNoticeServiceClient;
use sluis_proto::consent::v1::{self as proto, NoticeLanguage};
use sluis_serve::MeshClient;

use crate::acts::Resident;
use crate::world::World;

pub(crate) type NoticeClient = ResidentNoticeServiceClient<MeshClient>;

pub(crate) const PAGES: &str = "https://mijn.planted.example";

/// A mail that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// Takes mail, or refuses it as a test says.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    arrived: Mutex<Vec<Arrived>>,
    /// How many mails are refused next, and how.
    refusals: Mutex<Vec<SendError>>,
    attempts: AtomicU32,
}

#[async_trait]
impl MailSender for Mailboxes {
    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        if let Some(refusal) = self.refusals.lock().unwrap().pop() {
            return Err(refusal);
        }
        self.arrived.lock().unwrap().push(Arrived {
            to: mail.to().to_owned(),
            subject: mail.subject().to_owned(),
            body: mail.body().to_owned(),
        });
        Ok(())
    }
}

impl Mailboxes {
    pub(crate) fn notices(self: &Arc<Self>) -> Notices {
        Notices {
            sender: Arc::<Self>::clone(self),
            pages_url: PAGES.to_owned(),
        }
    }

    /// What arrived since somebody looked last.
    pub(crate) fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.arrived.lock().unwrap())
    }

    /// The next mails are refused so.
    pub(crate) fn refuse(&self, refusals: &[SendError]) {
        self.refusals.lock().unwrap().extend_from_slice(refusals);
    }

    /// How often sending was tried.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::SeqCst)
    }
}

impl World {
    pub(crate) fn notices(&self, who: &Resident) -> NoticeClient {
        NoticeClient::new(self.mesh_client(who.caller.clone()))
    }

    pub(crate) fn setting(&self, address: &str) -> proto::SetNoticeAddressRequest {
        proto::SetNoticeAddressRequest {
            request_id: self.request_id(),
            address: address.into(),
            language: NoticeLanguage::Dutch.into(),
        }
    }

    pub(crate) fn entering(&self, code: &str) -> proto::ConfirmNoticeAddressRequest {
        proto::ConfirmNoticeAddressRequest {
            request_id: self.request_id(),
            code: code.into(),
        }
    }

    pub(crate) fn removing(&self) -> proto::RemoveNoticeAddressRequest {
        proto::RemoveNoticeAddressRequest {
            request_id: self.request_id(),
        }
    }

    /// One pass over the notices that are due.
    pub(crate) async fn mail(&self) -> NoticesSent {
        self.consent.send_notices().await.unwrap()
    }

    /// The code that was mailed to an address just now.
    pub(crate) async fn mailed_code(&self, address: &str) -> String {
        self.mail().await;
        let arrived = self.mailboxes.take();
        let mail = arrived.into_iter().find(|mail| mail.to == address).unwrap();
        code_in(&mail)
    }

    pub(crate) async fn noticed_at(&self, who: &Resident) -> proto::GetNoticeAddressResponse {
        let reply = self
            .notices(who)
            .get_notice_address(proto::GetNoticeAddressRequest {})
            .await;
        reply.unwrap().into_inner()
    }

    /// A resident who gets notices.
    pub(crate) async fn subscribed(&self, who: &Resident, address: &str) {
        let mut client = self.notices(who);
        client.set_notice_address(self.setting(address)).await.unwrap();
        let code = self.mailed_code(address).await;
        client.confirm_notice_address(self.entering(&code)).await.unwrap();
    }
}

/// The code in a mail.
pub(crate) fn code_in(mail: &Arrived) -> String {
    let is_code = |line: &&str| line.len() == 11 && line.as_bytes()[5] == b'-';
    mail.body.lines().find(is_code).unwrap().to_owned()
}
