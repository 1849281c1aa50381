//! StartSession: a login that the gateway verified begins a session. A login that nobody knows yet makes a resident.

use std::sync::Arc;

use bytes::Bytes;
use sluis_proto::consent::v1::{LevelOfAssurance, StartSessionRequest, StartSessionResponse};
use sluis_serve::{MeshRole, Refusal, session_hash, to_proto_timestamp};
use sluis_store::{Command, Outcome, StoreError, Tx};
use sluis_types::{Randomness, Timestamp};
use tonic::Request;
use zeroize::Zeroizing;

use super::{convert, require_role};
use crate::config::SESSION_LIFE;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assurance::Assurance;
use crate::domain::grant::hour_after;
use crate::error::{CommandError, write_refusal};
use crate::identity::{Access, Entry, Head, Name, Pointer, ResidentKey, SessionRow};
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentSessionService/StartSession";
/// What a caller token can carry of an issuer.
const ISSUER_BYTES_MAX: usize = 512;
/// What a caller token can carry of a subject.
const SUBJECT_BYTES_MAX: usize = 255;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<StartSessionRequest>,
) -> Result<StartSessionResponse, Refusal> {
    require_role(&request, &[MeshRole::Gateway])?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let required = |field: &'static str, text: Option<String>| {
        text.ok_or_else(|| Refusal::invalid_field(field, "must not be empty"))
    };
    // Derived from the attempt under the index key, so that a repeat gets the same token and the token is kept nowhere.
    let parts = [
        attempt.caller.as_slice(),
        attempt.id.as_bytes(),
        attempt.body_hash.as_slice(),
    ];
    let token = Zeroizing::new(desk.rows.index("session.token", &parts));
    let start = Start {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        session: SessionRow {
            issuer: required(
                "issuer",
                convert::login_text("issuer", &asked.issuer, ISSUER_BYTES_MAX)?,
            )?,
            subject: required(
                "subject",
                convert::login_text("subject", &asked.subject, SUBJECT_BYTES_MAX)?,
            )?,
            represents: convert::login_text("represents", &asked.represents, SUBJECT_BYTES_MAX)?,
            assurance: assurance(asked.level_of_assurance)?,
            ends: desk.now().plus(SESSION_LIFE),
        },
        key: desk.rows.session_key(&session_hash(&*token)),
        now: desk.now(),
    };
    let written = desk
        .store
        .write_unstored(attempt, start)
        .await
        .map_err(write_refusal)?;
    let ends = written.leaf().at.plus(SESSION_LIFE);
    Ok(StartSessionResponse {
        session_token: Bytes::copy_from_slice(&*token),
        expires_at: Some(to_proto_timestamp(ends)),
    })
}

fn assurance(stated: i32) -> Result<Assurance, Refusal> {
    match LevelOfAssurance::try_from(stated) {
        Ok(LevelOfAssurance::Low) => Ok(Assurance::Low),
        Ok(LevelOfAssurance::Substantial) => Ok(Assurance::Substantial),
        Ok(LevelOfAssurance::High) => Ok(Assurance::High),
        Ok(LevelOfAssurance::Unspecified) | Err(_) => Err(Refusal::invalid_field(
            "level_of_assurance",
            "must be a known value",
        )),
    }
}

struct Start {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    session: SessionRow,
    key: [u8; 32],
    now: Timestamp,
}

impl Command for Start {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let entry = Entry::by_resident(Happening::SessionStarted, METHOD, now);
        if tx.repeated().is_some() {
            // It was begun before, and may have ended by now: it is not begun again.
            return Ok(Outcome::done((), entry.done_unlisted()));
        }
        if self.session.represents.is_none() {
            self.know(tx).await?;
        }
        rows.insert_session(tx, &self.key, &self.session).await?;
        rows.schedule(tx, hour_after(self.session.ends), &Due::SessionEnds(self.key))
            .await?;
        Ok(Outcome::done((), entry.done_unlisted()))
    }
}

impl Start {
    /// Makes the resident of a login that nobody knows yet.
    async fn know(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let rows = &self.rows;
        let SessionRow { issuer, subject, .. } = &self.session;
        let login = rows.key(&Name::Login {
            issuer,
            subject,
            j: 0,
        });
        if rows.access(tx, &login).await?.is_some() {
            return Ok(());
        }
        let resident = ResidentKey::generate(&*self.randomness);
        let access = Access {
            resident: resident.clone(),
            pointer: Pointer::Resident,
        };
        // Where the same login came in at the same moment, one of the two made it.
        if rows.insert_access(tx, &login, &access).await? {
            Head::create(rows, tx, &resident).await?;
            let mut head = Head::lock(rows, tx, &resident).await?;
            head.add_login();
            head.save(rows, tx).await?;
        }
        Ok(())
    }
}
