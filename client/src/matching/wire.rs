//! From the interface's numbers and texts to types.

use std::fmt::Display;
use std::str::FromStr;

use sluis_types::UnknownCode;

use crate::Error;

/// An identifier or an OIN of an answer.
pub(super) fn parsed<T>(what: &'static str, text: &str) -> Result<T, Error>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error| Error::bad_answer(what, error))
}

/// A code of an answer; none for 0, which is never a value. A number that this SDK does not know is a bad answer: what
/// it stands for must not be guessed.
pub(super) fn optional<C>(
    what: &'static str,
    number: i32,
    from: fn(u8) -> Result<C, UnknownCode>,
) -> Result<Option<C>, Error> {
    if number == 0 {
        return Ok(None);
    }
    required(what, number, from).map(Some)
}

/// A code of an answer that must be there.
pub(super) fn required<C>(
    what: &'static str,
    number: i32,
    from: fn(u8) -> Result<C, UnknownCode>,
) -> Result<C, Error> {
    u8::try_from(number)
        .ok()
        .and_then(|number| from(number).ok())
        .ok_or_else(|| Error::bad_answer(what, "unknown code"))
}

#[cfg(test)]
mod tests {
    use sluis_proto::matching::v1 as proto;
    use sluis_types::{
        CapacityStatus, CardRole, DistanceBand, Gender, HomeAccess, HousingMove, HousingState,
        IntroductionState, LeaseKind, LifeDomain, SizeBand, SupportBand,
    };

    use super::*;

    macro_rules! are_the_interfaces_codes {
        ($($list:ident $prefix:literal),+ $(,)?) => {$(
            for code in $list::ALL.iter().copied() {
                let value = proto::$list::try_from(i32::from(code.number())).expect("the interface has it");
                assert_eq!(value.as_str_name(), format!(concat!($prefix, "{}"), code.name()));
            }
            let next = i32::try_from($list::ALL.len() + 1).expect("a short list");
            assert!(proto::$list::try_from(next).is_err(), "{} has more values", stringify!($list));
        )+};
    }

    #[test]
    fn codes_are_those_of_the_interface() {
        are_the_interfaces_codes!(
            CapacityStatus "CAPACITY_STATUS_",
            CardRole "CARD_ROLE_",
            DistanceBand "DISTANCE_BAND_",
            Gender "GENDER_",
            HomeAccess "HOME_ACCESS_",
            HousingMove "HOUSING_MOVE_",
            HousingState "HOUSING_STATE_",
            IntroductionState "INTRODUCTION_STATE_",
            LeaseKind "LEASE_KIND_",
            LifeDomain "LIFE_DOMAIN_",
            SizeBand "SIZE_BAND_",
            SupportBand "SUPPORT_BAND_",
        );
    }

    #[test]
    fn an_unknown_code_is_no_guess() {
        assert_eq!(
            optional("a lease", 0, LeaseKind::from_number).expect("none"),
            None
        );
        assert!(matches!(
            optional("a lease", 9, LeaseKind::from_number),
            Err(Error::BadAnswer { .. })
        ));
        assert!(matches!(
            required("a lease", 0, LeaseKind::from_number),
            Err(Error::BadAnswer { .. })
        ));
        assert!(matches!(
            required("a lease", -1, LeaseKind::from_number),
            Err(Error::BadAnswer { .. })
        ));
    }
}
