//! The sociale kaart, places, introductions and homes, by the partner's command against a real mesh; and what of it all
//! goes over the wire.

mod cli;
mod homes;
mod introductions;
mod offers;
mod places;
mod wire;
