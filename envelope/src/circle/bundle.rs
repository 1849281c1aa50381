//! The bundle: what one member gets of a circle version. It holds the member's own posts, and never the secret.

use std::fmt;

use sluis_types::{
    CIRCLE_EPOCHS_MAX, CIRCLE_MEMBERS_MAX, CIRCLE_MEMBERS_MIN, Epoch, GrantId, Handle, KeyId, MatchClass,
    Oin, Timestamp,
};
use zeroize::Zeroizing;

use super::{CircleSecret, CircleTag};
use crate::key::{GatePublicKey, SIGNATURE_BYTES, SigningKey, VerifyingKey};
use crate::limits::CIRCLE_BUNDLE_BYTES;
use crate::statement::{CirclePost, Signed, StatementError, read_grant_version};
use crate::wire::{FormatError, Reader, VERSION, Writer};

/// A version of a circle: a grant with several recipients and one gate key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The grant.
    pub grant_id: GrantId,
    /// Its version, from 1.
    pub grant_version: u32,
    /// Who is in it, rising.
    pub members: Vec<Oin>,
    /// The gate key of all its contact boxes.
    pub gate_key: GatePublicKey,
    /// When it ends by itself.
    pub valid_until: Timestamp,
}

/// The posts of one class, one per epoch of the bundle. Organisation, gate key and signer are the bundle's.
#[derive(Clone, PartialEq, Eq)]
struct ClassPosts {
    class: MatchClass,
    posts: Vec<(CircleTag, [u8; SIGNATURE_BYTES])>,
}

/// What one member needs of a circle version: whom it is about, whom it meets, how to seal to the circle's gate, and
/// its own posts.
#[derive(Clone, PartialEq, Eq)]
pub struct CircleBundle {
    circle: Circle,
    organisation: Oin,
    handle: Handle,
    signer: KeyId,
    first_epoch: Epoch,
    epochs: u8,
    classes: Vec<ClassPosts>,
}

impl CircleBundle {
    /// Signs a member's posts: for `epochs` epochs from the first, in each of `classes`, which rise. The member is its
    /// organisation and that organisation's own handle of the resident.
    ///
    /// # Panics
    /// When `key` is no circle key, or for more epochs than [`CIRCLE_EPOCHS_MAX`].
    pub fn sign(
        circle: &Circle,
        (organisation, handle): (Oin, Handle),
        (first_epoch, epochs): (Epoch, u8),
        classes: &[MatchClass],
        secret: &CircleSecret,
        key: &SigningKey,
    ) -> Self {
        assert!(epochs <= CIRCLE_EPOCHS_MAX, "a circle lives in few epochs");
        let mut bundle = Self {
            circle: circle.clone(),
            organisation,
            handle,
            signer: key.id(),
            first_epoch,
            epochs,
            classes: Vec::new(),
        };
        for class in classes {
            let posts = bundle
                .epochs()
                .map(|epoch| {
                    let tag = secret.tag(epoch, *class);
                    let post = Signed::sign(bundle.body(tag.clone(), epoch), key);
                    (tag, *post.signature())
                })
                .collect();
            bundle.classes.push(ClassPosts { class: *class, posts });
        }
        bundle
    }

    fn body(&self, tag: CircleTag, epoch: Epoch) -> CirclePost {
        CirclePost {
            tag,
            organisation: self.organisation,
            epoch,
            gate_key_id: self.circle.gate_key.id(),
        }
    }

    /// The circle version that it is of.
    pub const fn circle(&self) -> &Circle {
        &self.circle
    }

    /// The member whose it is.
    pub const fn organisation(&self) -> Oin {
        self.organisation
    }

    /// The member's own handle of the resident that the circle is about.
    pub const fn handle(&self) -> Handle {
        self.handle
    }

    /// The classes that this member may post in.
    pub fn classes(&self) -> impl Iterator<Item = MatchClass> {
        self.classes.iter().map(|posts| posts.class)
    }

    /// The epochs that it has posts for.
    pub fn epochs(&self) -> impl Iterator<Item = Epoch> + use<> {
        let first = self.first_epoch;
        (0..u32::from(self.epochs)).map(move |later| first.later(later))
    }

    /// The post for a class in an epoch; none when the member has none.
    pub fn post(&self, class: MatchClass, epoch: Epoch) -> Option<Signed<CirclePost>> {
        let class = self.classes.iter().find(|posts| posts.class == class)?;
        let at = epoch.number().checked_sub(self.first_epoch.number())?;
        let (tag, signature) = class.posts.get(usize::try_from(at).ok()?)?;
        let body = self.body(tag.clone(), epoch);
        Some(Signed::from_parts(self.signer, body, *signature))
    }

    /// Checks that consent's circle key signed every post.
    ///
    /// # Errors
    /// [`StatementError::WrongKey`] or [`StatementError::BadSignature`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), StatementError> {
        for class in self.classes() {
            for epoch in self.epochs() {
                if let Some(post) = self.post(class, epoch) {
                    post.verify(key, epoch.starts())?;
                }
            }
        }
        Ok(())
    }

    /// The layout, before padding.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let count = |count: usize| u8::try_from(count).expect("members and classes are few");
        let circle = &self.circle;
        // Room for the longest, so that no copy of the tags stays behind in freed memory.
        let mut writer = Writer::with_capacity(CIRCLE_BUNDLE_BYTES);
        writer
            .u16(VERSION)
            .bytes(circle.grant_id.as_bytes())
            .u32(circle.grant_version)
            .bytes(self.organisation.as_bytes())
            .bytes(self.handle.as_bytes());
        circle.gate_key.write(&mut writer);
        writer
            .timestamp(circle.valid_until)
            .u8(count(circle.members.len()));
        for member in &circle.members {
            writer.bytes(member.as_bytes());
        }
        writer
            .bytes(self.signer.as_bytes())
            .u32(self.first_epoch.number())
            .u8(self.epochs)
            .u8(count(self.classes.len()));
        for class in &self.classes {
            writer.u8(class.class.number());
            for (tag, signature) in &class.posts {
                writer.bytes(tag.expose()).bytes(signature);
            }
        }
        Zeroizing::new(writer.finish())
    }

    /// Reads a bundle and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let grant_id = GrantId::from_bytes(reader.array()?);
        let grant_version = read_grant_version(&mut reader)?;
        let organisation = reader.oin()?;
        let handle = Handle::from_bytes(reader.array()?);
        let gate_key = GatePublicKey::read(&mut reader)?;
        let valid_until = reader.timestamp()?;
        let members = read_members(&mut reader, organisation)?;
        let signer = KeyId::from_bytes(reader.array()?);
        let first_epoch = Epoch::from_number(reader.u32()?);
        let epochs @ 1..=CIRCLE_EPOCHS_MAX = reader.u8()? else {
            return Err(FormatError::Invalid { field: "epochs" });
        };
        let classes = read_classes(&mut reader, epochs)?;
        reader.finish()?;
        Ok(Self {
            circle: Circle {
                grant_id,
                grant_version,
                members,
                gate_key,
                valid_until,
            },
            organisation,
            handle,
            signer,
            first_epoch,
            epochs,
            classes,
        })
    }
}

fn read_members(reader: &mut Reader<'_>, own: Oin) -> Result<Vec<Oin>, FormatError> {
    let invalid = Err(FormatError::Invalid { field: "members" });
    let count = usize::from(reader.u8()?);
    if !(CIRCLE_MEMBERS_MIN..=CIRCLE_MEMBERS_MAX).contains(&count) {
        return invalid;
    }
    let mut members = Vec::new();
    for _ in 0..count {
        members.push(reader.oin()?);
    }
    if members.is_sorted_by(|one, next| one < next) && members.contains(&own) {
        Ok(members)
    } else {
        invalid
    }
}

fn read_classes(reader: &mut Reader<'_>, epochs: u8) -> Result<Vec<ClassPosts>, FormatError> {
    let invalid = FormatError::Invalid {
        field: "match classes",
    };
    let mut classes: Vec<ClassPosts> = Vec::new();
    for _ in 0..reader.u8()? {
        let class = MatchClass::from_number(reader.u8()?).map_err(|_| invalid)?;
        if classes.last().is_some_and(|last| last.class >= class) {
            return Err(invalid);
        }
        let mut posts = Vec::new();
        for _ in 0..epochs {
            posts.push((CircleTag::from_bytes(reader.array()?), reader.array()?));
        }
        classes.push(ClassPosts { class, posts });
    }
    if classes.is_empty() {
        return Err(invalid);
    }
    Ok(classes)
}

impl fmt::Debug for CircleBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CircleBundle({} classes, …)", self.classes.len())
    }
}
