//! The chassis on which every service and the gateway stand.
//!
//! A request meets the same things in the same order wherever it arrives: a connection that was let in
//! ([`serve_connections`]), the rules of its method ([`MethodTable`]), the deadline, the admission ([`Admit`]; inside
//! the mesh a signed caller token, see [`caller_token`]), and only then the service. Whatever is refused, is refused
//! through [`Refusal`]; nothing else makes a status. What may live here: that way, and nothing of any one service.
//! What may not: SQL, domain rules, the store. No setting of this crate makes a check weaker.
//!
//! Invariants:
//! - A method without rules in the descriptor set stops the start.
//! - No request reaches a service without a [`Caller`], except health and reflection.
//! - Every message of every request is bounded before it is buffered; every stream, queue and connection has a limit
//!   with a name.
//! - Nothing personal, no identifier of a grant, thread or handle and no token is logged; targets outside Sluis may
//!   log warnings only, because HTTP libraries print headers below that.

mod admission;
mod caller;
pub mod caller_token;
mod chassis;
mod connections;
mod directory;
mod fields;
mod host;
mod memory;
mod message;
mod rate;
mod refusal;
mod reply_stream;
mod request_log;
mod role;
mod rules;
mod sealed_token;
mod silence;
mod stamp;
mod stop;
mod telemetry;
mod timer;
mod tls;
mod watch;

pub use admission::{Admit, Arrival, MeshAdmission};
pub use caller::{
    Caller, EnrolmentCaller, PartnerCaller, ResidentCaller, address_hash, jwt_hash, professional_pseudonym,
    session_hash,
};
pub use caller_token::{
    CallerTokenError, CallerTokenSigner, CallerTokenVerifier, TrustedIssuer, VerifiedCall,
};
pub use chassis::Chassis;
pub use connections::{ConnectionLimits, DRAIN_MAX, Drain, Peer, PeerRefused, serve_connections};
pub use directory::{
    CertificateEntry, DIRECTORY_SILENCE_MAX, Directory, DirectoryFeed, EntryError, OrganisationEntry,
};
pub use fields::{
    bytes32, id, oin, optional_text, page_size, request_id, text, timestamp, to_proto_timestamp,
};
pub use host::ServiceHost;
pub use memory::InMemory;
pub use message::{BodyFault, FirstMessage, message_hash, read_first_message};
pub use rate::RateLimiter;
pub use refusal::{Refusal, refuse};
pub use reply_stream::{ReplyEnded, ReplySender, WatchReply, reply_stream};
pub use role::{MeshRole, Side};
pub use rules::{Effect, MethodRules, MethodTable, Rate, RulesError};
pub use sealed_token::SealedTokens;
pub use stamp::{MeshClient, Stamped};
pub use stop::Stop;
pub use telemetry::{LogFormat, TelemetryError, init_tracing, subscriber};
pub use timer::{ManualTimer, Sleep, TICK, Timer, TokioTimer, next_tick};
pub use tls::{
    ClientCertificate, TlsError, TlsIdentity, TlsRoots, browser_tls, client_tls, client_tls_with_verifier,
    client_verifier, install_crypto_provider, mesh_server_tls, server_tls, tls_channel,
};
pub use watch::{HEARTBEAT_EVERY, WatchPace, WatchSource, watch};

/// A SHA-256 value.
pub type Hash = [u8; 32];
