//! What the mesh does, as its partners see it.

pub(crate) mod acts;
pub(crate) mod messages;
pub(crate) mod whole;
