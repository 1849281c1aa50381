//! An organisation's own signals: written down, weighed, renewed, taken back.

use sluis_envelope::{NotePart, SealedNote};
use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_ranking::Area;
use sluis_types::{Handle, MatchId, OrganisationKind, SignalId, SignalType, Timestamp};
use zeroize::Zeroizing;

use super::card::ContactCard;
use super::checklist::{Checklist, Severity, to_proto};
use super::kept_signal::KeptSignal;
use super::matches::{outcome_name, state_name};
use super::statistics::{ENDINGS, check_area};
use crate::Error;
use crate::consent::moment;
use crate::partner::Partner;

/// A worry that is written down.
pub struct Worry {
    /// What sort: from the closed list, and one that this kind of organisation may send.
    pub kind: SignalType,
    /// Whom it is about.
    pub resident: Handle,
    /// How serious.
    pub severity: Severity,
    /// When it was seen: within the last 30 days.
    pub observed_at: Timestamp,
    /// What was seen or heard, at most 4000 bytes. Stays here.
    pub fact: Zeroizing<String>,
    /// What the professional makes of it, apart. Stays here.
    pub interpretation: Option<Zeroizing<String>>,
    /// The function of whom another organisation can call when it worries too.
    pub function: String,
    /// How to reach them.
    pub callback: String,
    /// The gemeente or wijk, for this organisation's own counts. Stays here.
    pub area: Option<Area>,
}

impl std::fmt::Debug for Worry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Worry(…)")
    }
}

/// The texts of a signal.
pub struct SignalTexts {
    /// What was seen or heard.
    pub fact: Zeroizing<String>,
    /// What the professional makes of it.
    pub interpretation: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for SignalTexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignalTexts(…)")
    }
}

/// A signal, as the mesh knows it, with what only its sender knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its id.
    pub signal_id: SignalId,
    /// Where it is in its life, UPPER_SNAKE.
    pub state: &'static str,
    /// How it ended, UPPER_SNAKE; empty where it did not, or without an outcome.
    pub outcome: &'static str,
    /// How serious.
    pub severity: Severity,
    /// When it was seen last.
    pub observed_at: Timestamp,
    /// When it ends if it is not seen again.
    pub expires_at: Timestamp,
    /// Grows by one with every change.
    pub version: u32,
    /// The matches that it is part of.
    pub matches: Vec<MatchId>,
    /// What sort it is; none when it was written down with another profile.
    pub kind: Option<SignalType>,
    /// Whom it is about; none when it was written down with another profile.
    pub resident: Option<Handle>,
}

impl Signal {
    /// Whether it is posted: it was weighed, and neither ended nor is disputed.
    pub fn is_posted(&self) -> bool {
        matches!(
            self.state,
            "REGISTERED" | "MATCHED" | "ACKNOWLEDGED" | "RESIDENT_CONTACTED" | "ON_AGENDA" | "FOLLOW_UP"
        )
    }

    /// Whether nothing can become of it any more.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, "CLOSED" | "WITHDRAWN" | "EXPIRED")
    }

    /// How it ended, UPPER_SNAKE: none while it lives, and none for a draft that time ended before it was weighed, which
    /// has no more than two versions.
    pub(crate) fn ending(&self) -> Option<&'static str> {
        match self.state {
            "CLOSED" => ENDINGS.into_iter().find(|ending| *ending == self.outcome),
            "EXPIRED" if self.version <= 2 => None,
            ended @ ("WITHDRAWN" | "EXPIRED") => Some(ended),
            _ => None,
        }
    }

    fn from_wire(signal: &wire::Signal) -> Result<Self, Error> {
        let malformed = |error: &dyn std::fmt::Display| Error::bad_answer("a signal", error);
        let ids = signal.match_ids.iter().map(|id| id.parse());
        Ok(Self {
            signal_id: signal.signal_id.parse().map_err(|error| malformed(&error))?,
            state: state_name(signal.state),
            outcome: outcome_name(signal.outcome),
            severity: Severity::from_wire(signal.severity)?,
            observed_at: moment(signal.observed_at.as_ref()),
            expires_at: moment(signal.expires_at.as_ref()),
            version: signal.version,
            matches: ids.collect::<Result<_, _>>().map_err(|error| malformed(&error))?,
            kind: None,
            resident: None,
        })
    }
}

impl Partner {
    /// Writes a worry down. Type, texts and whom it is about are kept in the profile; the mesh hears how serious it is
    /// and when it was seen. It takes part in nothing until it is weighed.
    ///
    /// # Errors
    /// [`Error::CallInstead`] for what is acute, before anything is sent; [`Error::Invalid`] for a type that this kind
    /// of organisation may not send, or a text that is too long; [`Error::Refused`] with reason `QUOTA_USED`.
    pub async fn draft_signal(&self, worry: &Worry) -> Result<Signal, Error> {
        let severity = worry.severity.check()?;
        let own_kind = OrganisationKind::from_name(self.profile.kind())
            .map_err(|error| Error::malformed("profile.json", error))?;
        if !worry.kind.senders().contains(own_kind) {
            return Err(Error::invalid(
                "kind",
                "this kind of organisation may not send such a signal",
            ));
        }
        let signal = SignalId::random(&*self.environment.randomness);
        self.keep_worry(signal, worry)?;
        let message = wire::DraftSignalRequest {
            request_id: signal.to_string(),
            severity: severity.to_wire(),
            observed_at: Some(to_proto(worry.observed_at)),
        };
        let drafted = self
            .connection
            .call(message, |channel, request| async move {
                SignallingServiceClient::new(channel).draft_signal(request).await
            })
            .await;
        if let Err(Error::Refused(_)) = &drafted {
            KeptSignal::forget(self.profile.directory(), signal)?;
        }
        self.signal_of(drafted?.signal)
    }

    fn keep_worry(&self, signal: SignalId, worry: &Worry) -> Result<(), Error> {
        let to = self.profile.keys.own_sealing(self.profile.oin);
        let seal =
            |text: &str, part| SealedNote::seal(text, (signal, part), &to, &*self.environment.randomness);
        if worry.fact.trim().is_empty() {
            return Err(Error::invalid("fact", "what was seen or heard is missing"));
        }
        let fact = seal(&worry.fact, NotePart::Fact)?;
        let interpretation = worry.interpretation.as_deref();
        let interpretation = interpretation
            .map(|text| seal(text, NotePart::Interpretation))
            .transpose()?;
        let mut name = [0; 16];
        self.environment.randomness.fill(&mut name);
        let name = format!("{:032x}", u128::from_be_bytes(name));
        // What would be no card is refused now, not when it is posted.
        ContactCard::new(
            self.profile.display_name(),
            &worry.function,
            &worry.callback,
            &name,
        )?;
        KeptSignal::new(
            (worry.kind, worry.resident),
            (worry.function.clone(), worry.callback.clone()),
            worry.area.map(check_area).transpose()?,
            name,
            &fact,
            interpretation.as_deref(),
        )
        .store(self.profile.directory(), signal)
    }

    /// Makes a signal of a draft.
    ///
    /// # Errors
    /// [`Error::CallInstead`] where there is violence or danger, before anything is sent; [`Error::Refused`] with reason
    /// `SECOND_EYES_NEEDED`, `INVALID_FIELD` for an answer that is no, `VERSION_CONFLICT` or `ILLEGAL_TRANSITION`.
    pub async fn weigh_signal(
        &self,
        signal: SignalId,
        expected_version: u32,
        checklist: &Checklist,
    ) -> Result<Signal, Error> {
        if checklist.danger {
            return Err(Error::CallInstead);
        }
        let message = wire::WeighSignalRequest {
            request_id: self.connection.request_id().to_string(),
            signal_id: signal.to_string(),
            expected_version,
            checklist: Some(checklist.to_wire()),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                SignallingServiceClient::new(channel).weigh_signal(request).await
            })
            .await?;
        self.signal_of(reply.signal)
    }

    /// Tells that the worry was seen again: the only way to a longer life.
    ///
    /// # Errors
    /// [`Error::CallInstead`] for what is acute, before anything is sent; [`Error`] of the call.
    pub async fn renew_signal(
        &self,
        signal: SignalId,
        expected_version: u32,
        severity: Severity,
        observed_at: Timestamp,
    ) -> Result<Signal, Error> {
        let message = wire::RenewSignalRequest {
            request_id: self.connection.request_id().to_string(),
            signal_id: signal.to_string(),
            expected_version,
            severity: severity.check()?.to_wire(),
            observed_at: Some(to_proto(observed_at)),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                SignallingServiceClient::new(channel).renew_signal(request).await
            })
            .await?;
        self.signal_of(reply.signal)
    }

    /// Takes a signal back. It is not posted again; what was posted in this week stays until the week ends.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn withdraw_signal(&self, signal: SignalId, expected_version: u32) -> Result<Signal, Error> {
        let message = wire::WithdrawSignalRequest {
            request_id: self.connection.request_id().to_string(),
            signal_id: signal.to_string(),
            expected_version,
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                SignallingServiceClient::new(channel)
                    .withdraw_signal(request)
                    .await
            })
            .await?;
        self.signal_of(reply.signal)
    }

    /// One signal of this organisation.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none.
    pub async fn signal(&self, signal: SignalId) -> Result<Signal, Error> {
        let message = wire::GetSignalRequest {
            signal_id: signal.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                SignallingServiceClient::new(channel).get_signal(request).await
            })
            .await?;
        self.signal_of(reply.signal)
    }

    /// All signals of this organisation.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn signals(&self) -> Result<Vec<Signal>, Error> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let ask = wire::ListSignalsRequest {
                page_size: 200,
                page_token,
            };
            let page = self
                .connection
                .call(ask, |channel, request| async move {
                    SignallingServiceClient::new(channel).list_signals(request).await
                })
                .await?;
            for signal in page.signals {
                all.push(self.signal_of(Some(signal))?);
            }
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
    }

    /// The texts of a signal that was written down with this profile. They go nowhere by this.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it was not.
    pub fn signal_texts(&self, signal: SignalId) -> Result<SignalTexts, Error> {
        let kept = KeptSignal::load(self.profile.directory(), signal)?;
        let text = |part| kept.text(signal, part, self.profile.oin, &self.profile.keys);
        Ok(SignalTexts {
            fact: text(NotePart::Fact)?.ok_or(Error::Unknown { what: "text" })?,
            interpretation: text(NotePart::Interpretation)?,
        })
    }

    /// A signal of the wire, with what the profile knows of it.
    fn signal_of(&self, signal: Option<wire::Signal>) -> Result<Signal, Error> {
        let mut signal = Signal::from_wire(&signal.unwrap_or_default())?;
        match KeptSignal::load(self.profile.directory(), signal.signal_id) {
            Ok(kept) => {
                signal.kind = Some(kept.kind()?);
                signal.resident = Some(kept.resident()?);
            }
            Err(Error::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(signal)
    }
}
