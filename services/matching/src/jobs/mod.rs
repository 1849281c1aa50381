//! What runs beside the calls: tidying up ([`tidy`]). No timer changes anything of a place, an introduction or a home:
//! what time does is worked out when they are looked at.

pub(crate) mod tidy;
