//! Dates, codes and names in plain words: Dutch for who reads it, with the code where a command needs it.

use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::{AccessKind, DataKind, GrantState, LifeDomain, Purpose};

/// A day, as people say it. Times of the mesh are UTC; a day here is too.
pub(super) fn day(timestamp: Option<&prost_types::Timestamp>) -> String {
    moment(timestamp).map_or_else(
        || "?".to_owned(),
        |moment| moment.strftime("%-d-%-m-%Y").to_string(),
    )
}

/// The last day of something that ends at a moment: a grant ends when its last day does.
pub(super) fn last_day(end: Option<&prost_types::Timestamp>) -> String {
    let within = end.map(|end| prost_types::Timestamp {
        seconds: end.seconds.saturating_sub(1),
        nanos: 0,
    });
    day(within.as_ref())
}

/// A day and a time.
pub(super) fn time(timestamp: Option<&prost_types::Timestamp>) -> String {
    moment(timestamp).map_or_else(
        || "?".to_owned(),
        |moment| moment.strftime("%-d-%-m-%Y %H:%M UTC").to_string(),
    )
}

fn moment(timestamp: Option<&prost_types::Timestamp>) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(timestamp?.seconds).ok()
}

fn purpose(number: i32) -> &'static str {
    match Purpose::try_from(number).unwrap_or_default() {
        Purpose::Unspecified => "iets anders",
        Purpose::Referral => "u verwijzen",
        Purpose::Feedback => "laten weten hoe het gaat",
        Purpose::SignalCombine => "zorgen samen bekijken",
        Purpose::CaseMeeting => "samen over u overleggen",
        Purpose::MatchingOffer => "passende hulp zoeken",
        Purpose::MatchingPeer => "u aan iemand met ervaring koppelen",
        Purpose::Housing => "wonen regelen",
        Purpose::HomeVisit => "bij u thuis komen",
        Purpose::Monitoring => "volgen hoe het gaat",
        Purpose::Signal => "een zorg doorgeven",
    }
}

fn domain(number: i32) -> &'static str {
    match LifeDomain::try_from(number).unwrap_or_default() {
        LifeDomain::Unspecified => "iets anders",
        LifeDomain::LivingSafeHome => "veilig wonen",
        LifeDomain::Finances => "geld",
        LifeDomain::MeaningfulDay => "wat u overdag doet",
        LifeDomain::FittingSupport => "hulp die past",
        LifeDomain::Surroundings => "mensen om u heen",
    }
}

fn kind(number: i32) -> &'static str {
    match DataKind::try_from(number).unwrap_or_default() {
        DataKind::Unspecified => "iets anders",
        DataKind::Contact => "hoe u te bereiken bent",
        DataKind::Situation => "hoe het met u gaat",
        DataKind::Plan => "uw plan",
        DataKind::CareSummary => "samenvatting van zorg",
        DataKind::Medical => "medische gegevens",
        DataKind::Financial => "geldzaken",
        DataKind::Housing => "uw woning",
        DataKind::Network => "wie u helpt",
        DataKind::Safety => "veiligheid",
        DataKind::Document => "documenten",
    }
}

/// One provision in a sentence.
pub(super) fn provision(provision: &wire::Provision) -> String {
    let list = |numbers: &[i32], word: fn(i32) -> &'static str| {
        numbers
            .iter()
            .map(|number| word(*number))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let about = list(&provision.life_domains, domain);
    let what = list(&provision.data_kinds, kind);
    let not = if provision.objection { "NIET: " } else { "" };
    format!("{not}{what} — over {about} — om {}", purpose(provision.purpose))
}

/// Where a grant is in its life.
pub(super) fn state(number: i32) -> &'static str {
    match GrantState::try_from(number).unwrap_or_default() {
        GrantState::Unspecified => "onbekend",
        GrantState::Active => "mag",
        GrantState::Suspended => "gepauzeerd",
        GrantState::Withdrawn => "ingetrokken",
        GrantState::Expired => "verlopen",
    }
}

/// What happened, or what was tried and refused.
pub(super) fn happening(number: i32, allowed: bool) -> &'static str {
    let kind = AccessKind::try_from(number).unwrap_or_default();
    if !allowed {
        return match kind {
            AccessKind::Opened => "wilde een bericht over u openen: dat mocht niet",
            AccessKind::Authorized => "wilde iets over u versturen: dat mocht niet",
            AccessKind::StatusAsked => "vroeg of iets mag: dat mocht niet",
            _ => "probeerde iets dat niet mocht",
        };
    }
    match kind {
        AccessKind::Unspecified => "iets anders",
        AccessKind::Linked => "koppelde zich aan u",
        AccessKind::Proposed => "vroeg uw toestemming",
        AccessKind::StatusAsked => "vroeg of iets mag",
        AccessKind::Authorized => "wilde iets over u versturen",
        AccessKind::Opened => "opende een bericht over u",
        AccessKind::Granted => "u gaf toestemming",
        AccessKind::ProposalRefused => "u zei nee",
        AccessKind::ProposalDeferred => "u zei: later",
        AccessKind::Narrowed => "u maakte het kleiner",
        AccessKind::Suspended => "u zette het op pauze",
        AccessKind::Resumed => "u liet het weer doorgaan",
        AccessKind::Withdrawn => "u trok uw toestemming in",
        AccessKind::Expired => "een toestemming liep af",
        AccessKind::CodeCreated => "u maakte een koppelcode",
        AccessKind::TicketIssued => "u keek naar uw verwijzingen",
        AccessKind::AssistedStarted => "begon samen met u, zonder inlog",
        AccessKind::ConsentRecorded => "schreef op dat u toestemming gaf",
        AccessKind::WithdrewAll => "schreef op dat u met alles stopt",
        AccessKind::LetterRedeemed => "u nam het over met de code uit uw brief",
        AccessKind::Disconnected => "u maakte een organisatie los",
        AccessKind::LoginDisconnected => "u maakte een inlog los",
        AccessKind::ProxyCreated => "u machtigde iemand",
        AccessKind::MandateRecorded => "schreef op wie u vertegenwoordigt",
        AccessKind::MandateConfirmed => "bevestigde wie u vertegenwoordigt",
        AccessKind::MandateRedeemed => "iemand mag u nu vertegenwoordigen",
        AccessKind::MandateEnded => "u stopte een machtiging",
        AccessKind::MandateDisputed => "u zei dat een vertegenwoordiging niet klopt",
        AccessKind::BundleFetched => "haalde zijn deel van uw kring op",
        AccessKind::LegalBasisRecorded => "schreef op waarom het zonder uw toestemming deelt",
        AccessKind::LegalBasisConfirmed => "keek na waarom het zonder uw toestemming deelt",
        AccessKind::LegalBasisEnded => "deelt niet meer zonder uw toestemming",
        AccessKind::LegalBasisObjected => "u maakte bezwaar",
        AccessKind::LegalBasisReviewed => "bekeek uw bezwaar, of bekeek zelf of het delen klopte",
        AccessKind::NoticeAddressSet => "u gaf een mailadres op",
        AccessKind::NoticeAddressConfirmed => "u bevestigde uw mailadres",
        AccessKind::NoticeAddressRemoved => "u haalde uw mailadres weg",
        AccessKind::NoticeSent => "wij stuurden u een mail",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provision_is_a_sentence() {
        let asked = wire::Provision {
            purpose: Purpose::Referral.into(),
            life_domains: vec![LifeDomain::Finances.into()],
            data_kinds: vec![DataKind::Contact.into(), DataKind::Plan.into()],
            objection: false,
        };
        assert_eq!(
            provision(&asked),
            "hoe u te bereiken bent, uw plan — over geld — om u verwijzen"
        );
        assert_eq!(
            day(Some(&prost_types::Timestamp {
                seconds: 1_795_000_000,
                nanos: 0
            })),
            "18-11-2026"
        );
        assert_eq!(
            last_day(Some(&prost_types::Timestamp {
                seconds: 1_794_960_000,
                nanos: 0
            })),
            "17-11-2026"
        );
        assert_eq!(time(None), "?");
    }
}
