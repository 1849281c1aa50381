//! UploadBlob: one attachment, stored in pieces as it comes in.

use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use sluis_envelope::limits::{BLOB_CIPHERTEXT_MAX, CHUNK_BYTES};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::upload_blob_request::Part;
use sluis_proto::referral::v1::{BlobStart, UploadBlobRequest, UploadBlobResponse};
use sluis_serve::{Refusal, bytes32, to_proto_timestamp};
use sluis_store::{Command, LogEvent, LoggedId, Outcome, StoreError, Subject, Tx, Upkeep};
use sluis_types::{BlobId, GrantId, MessageId, RequestId, Timestamp};
use subtle::ConstantTimeEq as _;
use tonic::{Request, Status, Streaming};

use crate::context::{Context, Partner};
use crate::error::of_write;
use crate::log::{self, Logged};
use crate::store::blob::{Begun, BlobRow, PIECE_BYTES, save_piece};
use crate::store::vault::{Fault, Tag, Vault, blob_body_hash};

const METHOD: &str = "sluis.referral.v1.ReferralService/UploadBlob";
/// How long an attachment waits for its message.
const UNCLAIMED: std::time::Duration = std::time::Duration::from_hours(24);
/// A sealed chunk and its tag.
const CHUNK_BYTES_MAX: usize = CHUNK_BYTES as usize + 16;

pub(super) async fn handle(
    context: &Context,
    request: Request<Streaming<UploadBlobRequest>>,
) -> Result<UploadBlobResponse, Refusal> {
    let partner = context.partner(&request)?;
    let mut parts = request.into_inner();
    let upload = Upload::decode(context, partner, first(&mut parts).await?)?;
    let grant = upload.authorise(context).await?;
    if upload.begin(context).await? {
        let last = upload.receive(context, &mut parts).await?;
        upload.complete(context, last).await?;
    }
    upload.answer(context, grant).await
}

async fn first(parts: &mut Streaming<UploadBlobRequest>) -> Result<BlobStart, Refusal> {
    match next(parts).await? {
        Some(Part::Start(start)) => Ok(start),
        Some(Part::Chunk(_)) | None => Err(Refusal::invalid_field("start", "must come first")),
    }
}

/// The next part of the stream; none at its end. A stream that broke off is an attempt that ended.
async fn next(parts: &mut Streaming<UploadBlobRequest>) -> Result<Option<Part>, Refusal> {
    match parts.message().await {
        Ok(Some(request)) => request
            .part
            .map(Some)
            .ok_or_else(|| Refusal::invalid_field("part", "must not be empty")),
        Ok(None) => Ok(None),
        Err(status) => Err(broken_off(&status)),
    }
}

fn broken_off(status: &Status) -> Refusal {
    Refusal::reason_of(status).map_or_else(Refusal::temporarily_closed, Refusal::new)
}

/// One attempt to upload one attachment.
struct Upload {
    partner: Partner,
    request_id: RequestId,
    message: MessageId,
    blob: BlobId,
    tag: Tag,
    row: BlobRow,
    grant_token: Bytes,
}

impl Upload {
    fn decode(context: &Context, partner: Partner, start: BlobStart) -> Result<Self, Refusal> {
        let request_id = sluis_serve::request_id(&start.request_id)?;
        let message: MessageId = sluis_serve::id("message_id", &start.message_id)?;
        let blob: BlobId = sluis_serve::id("blob_id", &start.blob_id)?;
        if start.ciphertext_bytes == 0 || start.ciphertext_bytes > u64::from(BLOB_CIPHERTEXT_MAX) {
            return Err(Refusal::invalid_field(
                "ciphertext_bytes",
                "is not the length of a blob",
            ));
        }
        let mut attempt = [0; 16];
        context.randomness.fill(&mut attempt);
        Ok(Self {
            partner,
            request_id,
            message,
            blob,
            tag: context.vault.blob_tag(partner.organisation(), message, blob),
            row: BlobRow {
                length: start.ciphertext_bytes,
                sha256: bytes32("sha256", &start.sha256)?,
                attempt,
                is_complete: false,
                unclaimed_until: partner.now.plus(UNCLAIMED),
            },
            grant_token: start.grant_token,
        })
    }

    async fn authorise(&self, context: &Context) -> Result<GrantId, Refusal> {
        let organisation = self.partner.organisation();
        let token = context
            .grant_token(&self.grant_token, self.partner.now)
            .and_then(|token| {
                let permits = token.permits_blob(organisation);
                permits.map_err(|_| Refusal::new(ErrorReason::GrantTokenRefused))?;
                Ok(token.grant_id)
            });
        match token {
            Err(refusal) if refusal.reason() == ErrorReason::GrantTokenRefused => Err(context
                .refuse_logged(self.log(Subject::None), refusal.reason())
                .await),
            other => other,
        }
    }

    /// Whether the bytes are needed: they are not when all of them are here already.
    async fn begin(&self, context: &Context) -> Result<bool, Refusal> {
        let begin = Begin {
            vault: context.vault.clone(),
            tag: self.tag,
            row: self.row.clone(),
        };
        match context
            .store
            .upkeep("blob.begin", begin)
            .await
            .map_err(of_write)?
        {
            Begun::Anew => Ok(true),
            Begun::WasComplete(row)
                if row.length == self.row.length && bool::from(row.sha256.ct_eq(&self.row.sha256)) =>
            {
                Ok(false)
            }
            Begun::WasComplete(_) => Err(Refusal::new(ErrorReason::RequestIdReused)),
        }
    }

    /// Stores whole pieces as they fill, and gives what is left for the last one. At most one piece and one chunk are
    /// in memory.
    async fn receive(
        &self,
        context: &Context,
        parts: &mut Streaming<UploadBlobRequest>,
    ) -> Result<(u32, Bytes), Refusal> {
        let mut hash = Sha256::new();
        let mut left = self.row.length;
        let mut waiting = BytesMut::with_capacity(PIECE_BYTES + CHUNK_BYTES_MAX);
        let mut piece = 0;
        while let Some(part) = next(parts).await? {
            let Part::Chunk(chunk) = part else {
                return Err(Refusal::invalid_field("start", "must come once"));
            };
            if chunk.is_empty() || chunk.len() > CHUNK_BYTES_MAX {
                return Err(Refusal::invalid_field("chunk", "must hold 1 to 65,552 bytes"));
            }
            left = left
                .checked_sub(chunk.len() as u64)
                .ok_or_else(|| Refusal::invalid_field("chunk", "is more than ciphertext_bytes"))?;
            hash.update(&chunk);
            waiting.extend_from_slice(&chunk);
            // The last piece waits for the hash.
            if waiting.len() > PIECE_BYTES {
                let bytes = waiting.split_to(PIECE_BYTES).freeze();
                self.write(
                    context,
                    Piece {
                        number: piece,
                        bytes,
                        row: None,
                    },
                )
                .await?;
                piece += 1;
            }
        }
        if left > 0 {
            return Err(Refusal::invalid_field("chunk", "is less than ciphertext_bytes"));
        }
        let computed: [u8; 32] = hash.finalize().into();
        if bool::from(computed.ct_eq(&self.row.sha256)) {
            Ok((piece, waiting.freeze()))
        } else {
            Err(Refusal::invalid_field("sha256", "is not the hash of the chunks"))
        }
    }

    /// Stores the last piece and says that all are there.
    async fn complete(&self, context: &Context, (piece, bytes): (u32, Bytes)) -> Result<(), Refusal> {
        let row = Some(BlobRow {
            is_complete: true,
            ..self.row.clone()
        });
        self.write(
            context,
            Piece {
                number: piece,
                bytes,
                row,
            },
        )
        .await
    }

    async fn write(&self, context: &Context, piece: Piece) -> Result<(), Refusal> {
        let attempt = self.row.attempt;
        let write = WritePiece {
            vault: context.vault.clone(),
            tag: self.tag,
            attempt,
            piece,
        };
        let is_ours = context
            .store
            .upkeep("blob.piece", write)
            .await
            .map_err(of_write)?;
        // A later attempt took over, or the blob is gone: this one cannot succeed any more.
        if is_ours {
            Ok(())
        } else {
            Err(Refusal::new(ErrorReason::VersionConflict))
        }
    }

    async fn answer(self, context: &Context, grant: GrantId) -> Result<UploadBlobResponse, Refusal> {
        let body_hash = blob_body_hash(self.message, self.blob, self.row.length, &self.row.sha256);
        let request = self.partner.request(METHOD, self.request_id, body_hash);
        let vault = context.vault.clone();
        let answer = Answer {
            vault,
            tag: self.tag,
            event: self.log(Subject::Grant(grant)),
        };
        let written = context
            .store
            .write_unstored(request, answer)
            .await
            .map_err(of_write)?;
        let Ok(unclaimed_until) = written.answer;
        Ok(UploadBlobResponse {
            unclaimed_until: Some(to_proto_timestamp(unclaimed_until)),
        })
    }

    fn log(&self, subject: Subject) -> LogEvent {
        let ids = vec![LoggedId::Message(self.message), LoggedId::Blob(self.blob)];
        let partner = self.partner;
        log::event(
            Logged::BlobUploaded,
            partner.who(),
            partner.now,
            METHOD,
            subject,
            ids,
        )
    }
}

struct Begin {
    vault: Vault,
    tag: Tag,
    row: BlobRow,
}

impl Upkeep for Begin {
    type Output = Begun;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Begun, Fault> {
        self.row.begin(&self.vault, tx, &self.tag).await
    }
}

/// One piece; with the last one, the row that says that all are there.
struct Piece {
    number: u32,
    bytes: Bytes,
    row: Option<BlobRow>,
}

struct WritePiece {
    vault: Vault,
    tag: Tag,
    attempt: [u8; 16],
    piece: Piece,
}

impl Upkeep for WritePiece {
    /// Whether this is still the attempt that may write.
    type Output = bool;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let row = BlobRow::lock(&self.vault, tx, &self.tag).await?;
        if !row.is_some_and(|row| row.attempt == self.attempt && !row.is_complete) {
            return Ok(false);
        }
        let Piece { number, bytes, row } = &self.piece;
        save_piece(&self.vault, tx, &self.tag, *number, bytes).await?;
        if let Some(row) = row {
            row.save(&self.vault, tx, &self.tag).await?;
        }
        Ok(true)
    }
}

/// Tells until when the attachment waits for its message, and leaves the leaf.
struct Answer {
    vault: Vault,
    tag: Tag,
    event: LogEvent,
}

impl Command for Answer {
    type Reply = Timestamp;
    type Refusal = std::convert::Infallible;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Timestamp, Self::Refusal>, Fault> {
        let row = BlobRow::load(&self.vault, tx, &self.tag).await?;
        let row = row.ok_or(StoreError::Unexpected {
            what: "a blob that went while it was uploaded",
        })?;
        Ok(Outcome::done(row.unclaimed_until, self.event.clone()))
    }
}
