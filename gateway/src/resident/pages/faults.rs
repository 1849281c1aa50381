//! What is missing in a form that came back: said at the top of the page, with the way there, and again at the field.

/// Something that is missing, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Which field, or group of fields, it is about. What is said there has the id `FIELD-fout`.
    field: String,
    /// The id of the input to go to: the field's own, or the first of its group.
    at: String,
    text: String,
}

impl Fault {
    /// Of a field that is one input, whose id is its name.
    pub(super) fn in_field(field: &str, text: impl Into<String>) -> Self {
        Self::in_group(field, field, text)
    }

    /// Of a group of inputs; `at` is the id of its first.
    pub(super) fn in_group(field: &str, at: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            at: at.into(),
            text: text.into(),
        }
    }
}

/// All that is missing in a form, in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Nothing is missing.
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each: the id of the input to go to, and what to do.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|fault| (fault.at.as_str(), fault.text.as_str()))
    }

    /// What is missing in this field or group.
    pub(super) fn on(&self, field: &str) -> Option<&str> {
        let fault = self.0.iter().find(|fault| fault.field == field)?;
        Some(&fault.text)
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self(faults.into_iter().collect())
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_stands_at_its_field_and_leads_to_its_input() {
        let faults: Faults = [
            Fault::in_field("wie", "one"),
            Fault::in_group("mag", "mag-1", "two"),
        ]
        .into_iter()
        .collect();
        let all: Vec<_> = faults.all().collect();
        assert_eq!(all, [("wie", "one"), ("mag-1", "two")]);
        assert_eq!((faults.on("mag"), faults.on("mag-1")), (Some("two"), None));
        assert!(Faults::none().is_empty() && !faults.is_empty());
    }
}
