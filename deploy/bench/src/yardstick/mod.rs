//! What the mesh is compared with: the least that the same work costs on this machine, now.

pub(crate) mod commits;
pub(crate) mod crypto;
pub(crate) mod disk;
pub(crate) mod echo;
pub(crate) mod haproxy;
