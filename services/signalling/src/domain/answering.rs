//! What is no signal: whom to call instead.

/// The numbers to call, by what they are for. The same for violence, danger that cannot wait and an acute crisis, because
/// one often hides the other.
///
/// 112 is the emergency number. Veilig Thuis is the advice and report centre for domestic violence and child abuse: free,
/// day and night. For an acute mental crisis there is no one number in the country.
pub(crate) const CALL_INSTEAD: [(&str, &str); 3] = [
    ("emergency", "112"),
    ("veilig_thuis", "0800-2000"),
    (
        "crisis_service",
        "the GP or the GP post, who call the crisis service of the region",
    ),
];
