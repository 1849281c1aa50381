//! Consent through its gRPC interface, behind its real chassis, on real databases and real key files.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod acts;
mod answering;
mod asking;
mod assisting;
mod at_rest;
mod basis_acts;
mod basis_changes;
mod basis_gate;
mod basis_records;
mod basis_residents;
mod bundles;
mod changing;
mod circle_acts;
mod circles;
mod damage;
mod disconnecting;
mod ending;
mod events;
mod faulty;
mod gate;
mod kept_circles;
mod letters;
mod linking;
mod mailbox;
mod mailing;
mod mandates;
mod no_oracle;
mod no_oracle_records;
mod notices;
mod reading;
mod receipts;
mod recording;
mod refusing;
mod relatives;
mod relay;
mod representatives;
mod representing;
mod restoring;
mod sessions;
mod standing;
mod store;
mod taken_by;
mod taking_over;
mod throttling;
mod tickets;
mod timers;
mod withdrawing;
mod world;
