//! `sluis pin`: trust begins with a fingerprint that came another way.

use clap::Args;
use serde::Serialize;
use sluis_client::Error;
use sluis_types::{KeyId, Oin};

use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::Report;

/// Pin an organisation's fingerprint, learned by telephone or on paper and never through the mesh
///
/// Where the keys that the registry shows do not follow from it, nothing is pinned.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The organisation
    #[arg(value_name = "OIN")]
    organisation: Oin,
    /// 64 hexadecimal digits, as `sluis whoami` shows them there; blanks and case do not matter
    #[arg(value_name = "FINGERPRINT", required = true, num_args = 1..)]
    fingerprint: Vec<String>,
}

#[derive(Serialize)]
struct Pinned {
    oin: String,
    fingerprint: String,
    /// Whether the registry's keys were seen to follow from it.
    checked: bool,
}

impl Report for Pinned {
    fn human(&self, _dates: &Dates) -> String {
        if self.checked {
            format!(
                "Pinned. The keys that the registry shows for {} follow from it.\n",
                self.oin
            )
        } else {
            format!(
                "Pinned. The mesh cannot be reached now: the keys of {} are checked at first use.\n",
                self.oin
            )
        }
    }
}

/// A fingerprint as people write it down.
fn read(parts: &[String]) -> Result<KeyId, Failure> {
    let digits: String = parts
        .iter()
        .flat_map(|part| part.chars())
        .filter(|character| !character.is_whitespace() && !"-:".contains(*character))
        .map(|character| character.to_ascii_lowercase())
        .collect();
    digits.parse().map_err(|_| {
        Failure::usage(format!(
            "a fingerprint has 64 hexadecimal digits; these are {}",
            digits.chars().count()
        ))
    })
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let fingerprint = read(&arguments.fingerprint)?;
    let partner = context.connect()?;
    if arguments.organisation == partner.profile().oin() {
        return Err(Failure::usage("this is your own organisation"));
    }
    let pinned = partner.pin(arguments.organisation, fingerprint).await;
    if matches!(pinned, Err(Error::KeysChanged { .. })) {
        context
            .screen
            .remark("Nothing was pinned. Compare the fingerprint once more, digit by digit.");
    }
    let checked = pinned?;
    context.screen.report(&Pinned {
        oin: arguments.organisation.to_string(),
        fingerprint: fingerprint.to_string(),
        checked,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_people_write_it() {
        let whole = "0123456789abcdef".repeat(4);
        let groups: Vec<String> = "0123 4567-89AB:cdef "
            .repeat(4)
            .split(' ')
            .map(str::to_owned)
            .collect();
        assert_eq!(read(&groups).expect("a fingerprint").to_string(), whole);
        assert_eq!(
            read(std::slice::from_ref(&whole))
                .expect("a fingerprint")
                .to_string(),
            whole
        );
        for wrong in ["", "0123", &format!("{whole}0"), &whole.replace('a', "g")] {
            assert!(
                matches!(read(&[wrong.to_owned()]), Err(Failure::Usage { .. })),
                "{wrong}"
            );
        }
    }
}
