//! A form, filled in by a person.

use crate::provider::escaped;

/// A form of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pub(super) action: String,
    pub(super) post: bool,
    pub(super) fields: Vec<Field>,
    pub(super) text: String,
}

/// One thing in a form that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) kind: Kind,
    /// Whether it is sent: what is ticked or pressed, and whatever needs neither.
    pub(super) sent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Value,
    Tick,
    Choice,
    Button,
}

impl Form {
    /// Where it is sent to, as the page says it.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// What is to be read in it, with single spaces.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds a field, box or button of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// The values that its boxes of this name stand for.
    pub fn boxes(&self, name: &str) -> Vec<String> {
        let boxes = self
            .fields
            .iter()
            .filter(|field| field.kind == Kind::Tick && field.name == name);
        boxes.map(|field| field.value.clone()).collect()
    }

    /// Writes a value into a field.
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            value.clone_into(&mut field.value);
        }
        self
    }

    /// Ticks every box of this name.
    #[must_use]
    pub fn tick(mut self, name: &str) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            field.sent |= field.kind == Kind::Tick;
        }
        self
    }

    /// Chooses one of several.
    #[must_use]
    pub fn choose(mut self, name: &str, value: &str) -> Self {
        for field in self
            .fields
            .iter_mut()
            .filter(|field| field.name == name && field.kind == Kind::Choice)
        {
            field.sent = field.value == value;
        }
        self
    }

    /// Presses the button of this name and value.
    #[must_use]
    pub fn press(mut self, name: &str, value: &str) -> Self {
        for field in &mut self.fields {
            field.sent |= field.kind == Kind::Button && field.name == name && field.value == value;
        }
        self
    }

    pub(super) fn is_post(&self) -> bool {
        self.post
    }

    /// What is sent (`application/x-www-form-urlencoded`).
    pub(super) fn encoded(&self) -> String {
        let sent = self
            .fields
            .iter()
            .filter(|field| field.sent && !field.name.is_empty());
        let pairs: Vec<String> = sent
            .map(|field| format!("{}={}", escaped(&field.name), escaped(&field.value)))
            .collect();
        pairs.join("&")
    }
}
