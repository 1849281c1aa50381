//! The keys of a service, which are always outside its database.
//!
//! * [`ColumnKeys`] seals what stands in a column, bound to the place where it stands.
//! * [`BlindIndex`] finds a row by a value that does not stand in the table.
//! * [`ServiceKeys`] loads both, and the service's signing seeds, from files or the environment.
//! * [`BucketKeys`] keeps the keys under which gate keys are wrapped, and forgets them for real.
//! * [`EpochKeys`] keeps one key per epoch, and forgets it with its epoch.
//!
//! Invariants: a secret never prints itself, is wiped from memory when dropped, and is never in an error. A key
//! file is readable by its owner only, or it is refused. Bucket keys are never cached: once
//! [`BucketKeys::destroy`] has returned, nothing in the process or on the disk can unwrap what they wrapped.
//!
//! Deliberately absent: SQL (no key is ever stored in a database), signatures, and rotation of the index key,
//! which would lose every row that was found by it.
//!
//! Unix only: the promise about permissions is made in terms of file modes.

mod aead;
mod bucket;
mod bucket_file;
mod bucket_mark;
mod column;
mod epoch;
mod epoch_file;
mod framing;
mod index;
mod key;
mod key_file;
mod row;
mod separation;
mod service;

pub use bucket::{
    BucketGeneration, BucketGuard, BucketId, BucketKeys, BucketKeysError, Rewrap, StoreMark,
    WRAPPED_OVERHEAD_BYTES, WrapBinding,
};
pub use bucket_file::FileBucketKeys;
pub use column::{ColumnKeys, Location, OpenError, SEALED_OVERHEAD_BYTES, SEALS_PER_ROW_MAX};
pub use epoch::{EpochKeys, EpochKeysError};
pub use epoch_file::FileEpochKeys;
pub use index::{BlindIndex, IndexKey};
pub use key::Key32;
pub use key_file::KeyFileError;
pub use row::{RowCodec, RowSeal};
pub use separation::{NestedDirectoriesError, refuse_nested};
pub use service::{KeysError, ServiceKeys};
