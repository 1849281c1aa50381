//! Consent: what residents allow, the closed question before sealing, and the second gate.
//!
//! The rooms: [`api`](self) has one file per method; `domain` the rules, pure; `identity` who is who; `gate` the gate
//! keys under bucket keys, and the four steps of an ending; `store` the rows and the SQL; `jobs` the timers; `mail` what
//! notices say and how they leave.
//!
//! # Invariants
//! - No answer "withdrawn", "narrowed" or "expired" leaves before the gate key is destroyed (`gate`).
//! - No yes without [`Liveness`] at that moment; nothing is cached for the gate, and an opening and an ending of one
//!   grant exclude each other.
//! - No act, and no refusal of one, without its leaf in the same transaction. A reply of the gate is made after that
//!   leaf is durable.
//! - "Not there", "not yours" and "no consent" run the same statements and give the same bytes: where there is nobody,
//!   a random key stands in, whose rows are not there.
//! - A circle's secret is in memory while its members' posts are signed, and nowhere else (`gate/circle.rs`): no row,
//!   bundle, log or error holds it.
//! - A record of another legal basis is a grant of another type: it is found by its id only, carries what its line of the
//!   table lets through (`domain/legal_basis_rule.rs`), and neither ends with consent nor opens what consent sealed.
//! - A resident's key leaves `identity` and `store` for no other room, and no log, error or `Debug` names a resident,
//!   handle, grant or login.
//!
//! # What stands in clear in the database, and why
//! | table | in clear | why |
//! |---|---|---|
//! | access, head, link, proposal, grant_row, mandate, receipt, bundle, session, tries, notice_address | key or tag: an HMAC | it is how the row is found; it says nothing without the key |
//! | due, notice_due | id: random; due: a whole UTC day (ends of grants) or hour (the rest) | the timer asks for what is due |
//! | bucket | id: random; generation; how many gate keys (0 to 64) | which bucket key it is wrapped under, and where there is room; grants of many residents share one |
//! | holder | a random mark, a time | which key store this database belongs to |
//!
//! Everything else is sealed, and all rows of a table have one length. The tables of store and ledger keep rules of
//! their own (see there): request ids are HMACs, replies and events are sealed.
//!
//! # What is absent on purpose
//! No search by name or birth date. No list of residents. No reason for a withdrawal. Relatives without a mandate speak
//! for nobody. The grounds of another legal basis: they stay with the organisation, and their hash is here. A notice does
//! not know what it is about: that something changed is all that is kept.

mod api;
mod config;
mod desk;
mod domain;
mod error;
mod event;
mod gate;
mod identity;
mod jobs;
mod mail;
mod parts;
mod store;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use sluis_envelope::GateKeyPair;
use sluis_ledger::Sequencer;
use sluis_proto::consent::v1::assisted_service_server::AssistedServiceServer;
use sluis_proto::consent::v1::circle_service_server::CircleServiceServer;
use sluis_proto::consent::v1::consent_service_server::ConsentServiceServer;
use sluis_proto::consent::v1::grant_event_service_server::GrantEventServiceServer;
use sluis_proto::consent::v1::legal_basis_service_server::LegalBasisServiceServer;
use sluis_proto::consent::v1::receipt_key_service_server::ReceiptKeyServiceServer;
use sluis_proto::consent::v1::representation_service_server::RepresentationServiceServer;
use sluis_proto::consent::v1::resident_assisted_service_server::ResidentAssistedServiceServer;
use sluis_proto::consent::v1::resident_circle_service_server::ResidentCircleServiceServer;
use sluis_proto::consent::v1::resident_consent_service_server::ResidentConsentServiceServer;
use sluis_proto::consent::v1::resident_legal_basis_service_server::ResidentLegalBasisServiceServer;
use sluis_proto::consent::v1::resident_notice_service_server::ResidentNoticeServiceServer;
use sluis_proto::consent::v1::resident_receipt_service_server::ResidentReceiptServiceServer;
use sluis_proto::consent::v1::resident_representation_service_server::ResidentRepresentationServiceServer;
use sluis_proto::consent::v1::resident_session_service_server::ResidentSessionServiceServer;
use sluis_serve::{CallerTokenVerifier, MethodTable, Refusal, SealedTokens, ServiceHost, Timer, WatchPace};
use sluis_store::{Dialect, MigrationSet, Schema, Statement, Store};

pub use config::Config;
pub use domain::{LiveNow, Liveness, Pause, Standing, State};
pub use error::StartError;
pub use jobs::expiry::Expired;
pub use jobs::notices::NoticesSent;
pub use mail::{
    Mail, MailConfigError, MailSender, MailStartError, Notices, NoticesConfig, RelayConfig, RelayTls,
    SendError, mail_sender,
};
pub use parts::{LogError, Parts, PublicKeys, SignallingKeys, ledger, mesh_signer, public_keys};

use crate::api::Api;
use crate::desk::{CodeAlarm, Desk, LoginAlarm};
use crate::gate::{BundleMaker, Gate, GateKeys, HolderMark};
use crate::store::{Rows, note_receipt_key};

/// The tables of consent.
pub static MIGRATIONS: MigrationSet = sluis_store::migrations!("consent": "0001_residents", "0002_gate", "0003_representation", "0004_receipts", "0005_circle", "0006_notices", "0007_receipt_keys");

/// Every statement of this crate, for the test that prepares them on both databases.
pub const STATEMENTS: &[Statement] = store::sql::ALL;

/// All tables of consent's database: the store's, the log's and its own.
pub fn schema() -> Schema {
    Schema::of(&[&sluis_ledger::MIGRATIONS, &MIGRATIONS])
}

/// A consent service that is ready to be served.
pub struct Consent {
    desk: Arc<Desk>,
    table: MethodTable,
    verifier: CallerTokenVerifier,
    timer: Arc<dyn Timer>,
    held: Option<HolderMark>,
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Consent(…)")
    }
}

impl Consent {
    /// Opens the database and brings it in line with the bucket keys. Nothing is served yet.
    ///
    /// # Errors
    /// [`StartError`]; nothing was served.
    pub async fn start(config: Config, parts: Parts) -> Result<Self, StartError> {
        let rows = Rows::new(
            parts.codec,
            Arc::clone(&parts.index),
            Arc::clone(&parts.randomness),
            parts.notices.is_some(),
        );
        let store_parts = sluis_store::Parts {
            journal: parts.journal,
            column_keys: parts.keys.columns().clone(),
            index: parts.index,
            clock: Arc::clone(&parts.clock),
            randomness: Arc::clone(&parts.randomness),
        };
        let store = Store::open(&parts.store, &schema(), store_parts).await?;
        require_durability(&store, config).await?;
        let one_replica_only = !parts.bucket_keys.shared_between_replicas();
        let bundles = BundleMaker {
            key: Arc::new(parts::circle_key(&parts.keys)?),
            directory: parts.directory.clone(),
        };
        let keys = GateKeys::new(
            parts.bucket_keys,
            rows.clone(),
            Arc::clone(&parts.randomness),
            bundles,
        );
        let gate = Gate {
            keys,
            store: store.clone(),
        };
        let mark = gate.hold(parts.clock.now()).await?;
        // On SQLite the file itself is one process's; a key store in files beside PostgreSQL needs a word in the database.
        let held = (one_replica_only && store.dialect() == Dialect::Postgres).then_some(mark);
        gate.recover(&*parts.clock)
            .await
            .map_err(|error| StartError::Recovery(Box::new(error)))?;
        // Before anything is signed with it: a receipt whose key was never published would look forged one day.
        let consent_receipt_key = parts::consent_receipt_key(&parts.keys)?;
        note_receipt_key(&store, consent_receipt_key.verifying_key(), parts.clock.now()).await?;
        let desk = Desk {
            store,
            rows,
            gate,
            ledger: parts.ledger,
            liveness: parts.liveness,
            directory: parts.directory,
            receipt_key: parts.receipt_key,
            signalling: parts.signalling,
            grant_token_key: Arc::new(parts::grant_token_key(&parts.keys)?),
            ticket_key: Arc::new(parts::ticket_key(&parts.keys)?),
            consent_receipt_key: Arc::new(consent_receipt_key),
            decoy: Arc::new(GateKeyPair::generate(&*parts.randomness)),
            clock: parts.clock,
            randomness: parts.randomness,
            tokens: SealedTokens::new(parts.keys.columns().clone()),
            pace: WatchPace {
                timer: Arc::clone(&parts.timer),
                stop: parts.stop,
            },
            alarm: CodeAlarm::default(),
            login_alarm: LoginAlarm::default(),
            notices: parts.notices,
            notice_waits: tokio::sync::Notify::new(),
        };
        Ok(Self {
            desk: Arc::new(desk),
            table: parts.table,
            verifier: parts.verifier,
            timer: parts.timer,
            held,
        })
    }

    /// The gRPC services, behind the chassis.
    pub fn host(&self) -> ServiceHost {
        let api = Api(Arc::clone(&self.desk));
        let unbounded = usize::MAX; // the chassis bounds every message by its method's rules
        ServiceHost::new(self.table.clone(), self.verifier.clone(), Arc::clone(&self.timer))
            .add_service(ConsentServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(ResidentConsentServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(AssistedServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(ResidentAssistedServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(ResidentReceiptServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(ReceiptKeyServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(RepresentationServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(
                ResidentRepresentationServiceServer::new(api.clone()).max_decoding_message_size(unbounded),
            )
            .add_service(ResidentNoticeServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(CircleServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(ResidentCircleServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(LegalBasisServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(
                ResidentLegalBasisServiceServer::new(api.clone()).max_decoding_message_size(unbounded),
            )
            .add_service(ResidentSessionServiceServer::new(api.clone()).max_decoding_message_size(unbounded))
            .add_service(GrantEventServiceServer::new(api).max_decoding_message_size(unbounded))
    }

    /// The timers and the log's sequencer. Runs until stopped.
    pub fn jobs(&self) -> impl Future<Output = ()> + Send + 'static {
        let sequencer = Sequencer::new(&self.desk.ledger, self.desk.store.clone());
        jobs::run(Arc::clone(&self.desk), self.held, sequencer)
    }

    /// Does what is due by now, once: what [`Consent::jobs`] does every minute.
    ///
    /// # Errors
    /// A refusal when database or bucket keys failed; what was not done stays due.
    pub async fn expire(&self) -> Result<Expired, Refusal> {
        Ok(jobs::expiry::pass(&self.desk).await?)
    }

    /// Sends the notices that are due by now, once: what [`Consent::jobs`] does every minute.
    ///
    /// # Errors
    /// A refusal when the database failed; what was not sent stays due.
    pub async fn send_notices(&self) -> Result<NoticesSent, Refusal> {
        Ok(jobs::notices::pass(&self.desk).await?)
    }

    /// Finishes what was begun and closes the database.
    pub async fn close(self) {
        self.desk.store.close().await;
    }
}

/// That an acknowledged withdrawal survives what it must survive.
async fn require_durability(store: &Store, config: Config) -> Result<(), StartError> {
    if store.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let durability = store.durability().await?;
    if !durability.fsync {
        return Err(StartError::NotDurable { setting: "fsync" });
    }
    if !durability.synchronous_commit {
        return Err(StartError::NotDurable {
            setting: "synchronous_commit",
        });
    }
    if !durability.synchronous_standby && !config.single_node {
        return Err(StartError::NoStandby);
    }
    Ok(())
}
