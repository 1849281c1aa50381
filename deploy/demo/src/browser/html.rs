//! A small strict reader of HTML, for pages that are written strictly: attributes in quotes, forms not nested.

use super::form::{Field, Form, Kind};

/// A page, as the pieces that it is written in.
#[derive(Debug)]
pub(super) struct Html(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Open {
        name: String,
        attributes: Vec<(String, String)>,
    },
    Close(String),
}

impl Piece {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Open { .. } | Self::Close(_) => None,
        }
    }
}

impl Html {
    /// Reads a page; says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, tag)) = rest.split_once('<') {
            push_text(&mut pieces, before);
            rest = if let Some(comment) = tag.strip_prefix("!--") {
                comment.split_once("-->").ok_or("a comment without an end")?.1
            } else if tag.starts_with('!') {
                tag.split_once('>').ok_or("a declaration without an end")?.1
            } else if let Some(name) = tag.strip_prefix('/') {
                let (name, after) = name.split_once('>').ok_or("a closing tag without an end")?;
                pieces.push(Piece::Close(name.trim().to_ascii_lowercase()));
                after
            } else {
                opening(tag, &mut pieces)?
            };
        }
        push_text(&mut pieces, rest);
        Ok(Self(pieces))
    }

    /// What is to be read.
    pub(super) fn text(&self) -> String {
        words(self.0.iter().filter_map(Piece::text))
    }

    /// What is to be read in the element of this id.
    pub(super) fn text_of(&self, id: &str) -> Option<String> {
        let mut pieces = self.0.iter();
        let tag = pieces.find_map(|piece| match piece {
            Piece::Open { name, attributes } if attribute(attributes, "id") == Some(id) => Some(name),
            _ => None,
        })?;
        let within = pieces.take_while(|piece| !matches!(piece, Piece::Close(name) if name == tag));
        Some(words(within.filter_map(Piece::text)))
    }

    /// The links, in order: what they are called and where they lead.
    pub(super) fn links(&self) -> Vec<(String, String)> {
        let (mut links, mut address, mut texts) = (Vec::new(), None, Vec::new());
        for piece in &self.0 {
            match piece {
                Piece::Open { name, attributes } if name == "a" => {
                    address = attribute(attributes, "href");
                    texts.clear();
                }
                Piece::Text(text) => texts.push(text.as_str()),
                Piece::Close(name) if name == "a" => {
                    let called = words(texts.drain(..));
                    links.extend(address.take().map(|address| (called, address.to_owned())));
                }
                Piece::Open { .. } | Piece::Close(_) => {}
            }
        }
        links
    }

    /// The forms, in order.
    pub(super) fn forms(&self) -> Vec<Form> {
        let mut forms = Vec::new();
        let mut reading: Option<Reading> = None;
        for piece in &self.0 {
            match (piece, &mut reading) {
                (Piece::Open { name, attributes }, None) if name == "form" => {
                    reading = Some(Reading::begin(attributes));
                }
                (Piece::Close(name), Some(_)) if name == "form" => {
                    forms.extend(reading.take().map(Reading::finish));
                }
                (piece, Some(reading)) => reading.take_in(piece),
                (_, None) => {}
            }
        }
        forms
    }
}

/// A form that is being read.
struct Reading {
    form: Form,
    texts: Vec<String>,
    /// Name of the list whose options are being read.
    list: String,
}

impl Reading {
    fn begin(attributes: &[(String, String)]) -> Self {
        let form = Form {
            action: attribute(attributes, "action").unwrap_or_default().to_owned(),
            post: attribute(attributes, "method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            ..Form::default()
        };
        Self {
            form,
            texts: Vec::new(),
            list: String::new(),
        }
    }

    fn take_in(&mut self, piece: &Piece) {
        match piece {
            Piece::Text(text) => self.texts.push(text.clone()),
            Piece::Close(name) if name == "select" => self.choose_first(),
            Piece::Close(_) => {}
            Piece::Open { name, attributes } => {
                let said = |which| attribute(attributes, which).unwrap_or_default().to_owned();
                let has = |which| attribute(attributes, which).is_some();
                let (kind, sent) = match (name.as_str(), said("type").as_str()) {
                    ("input", "checkbox") => (Kind::Tick, has("checked")),
                    ("input", "radio") => (Kind::Choice, has("checked")),
                    ("input", "submit") | ("button", _) => (Kind::Button, false),
                    ("input" | "textarea", _) => (Kind::Value, true),
                    ("select", _) => {
                        self.list = said("name");
                        return;
                    }
                    ("option", _) => (Kind::Choice, has("selected")),
                    _ => return,
                };
                let name = if name == "option" {
                    self.list.clone()
                } else {
                    said("name")
                };
                let value = match (kind, attribute(attributes, "value")) {
                    (Kind::Tick, None) => "on".to_owned(),
                    (_, value) => value.unwrap_or_default().to_owned(),
                };
                self.form.fields.push(Field {
                    name,
                    value,
                    kind,
                    sent,
                });
            }
        }
    }

    /// A list in which nothing is chosen has its first option chosen.
    fn choose_first(&mut self) {
        let list = std::mem::take(&mut self.list);
        let mut options = self.form.fields.iter_mut().filter(|field| field.name == list);
        if let Some(first) = options.next() {
            first.sent |= !options.any(|option| option.sent);
        }
    }

    fn finish(mut self) -> Form {
        self.form.text = words(self.texts.iter().map(String::as_str));
        self.form
    }
}

fn attribute<'a>(attributes: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    attributes
        .iter()
        .find_map(|(name, value)| (name == wanted).then_some(value.as_str()))
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.trim().is_empty() {
        pieces.push(Piece::Text(unescaped(text)));
    }
}

/// Reads an opening tag; gives what stands behind it.
fn opening<'a>(tag: &'a str, pieces: &mut Vec<Piece>) -> Result<&'a str, String> {
    let end = tag
        .find(|character: char| character.is_whitespace() || character == '>' || character == '/')
        .ok_or("a tag without an end")?;
    let (name, mut rest) = tag.split_at(end);
    let name = name.to_ascii_lowercase();
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == '/');
        if let Some(after) = rest.strip_prefix('>') {
            pieces.push(Piece::Open { name, attributes });
            return Ok(after);
        }
        let end = rest
            .find(|character: char| character.is_whitespace() || "=>/".contains(character))
            .ok_or("an attribute without an end")?;
        let (attribute, after) = rest.split_at(end);
        if attribute.is_empty() {
            return Err(format!("no attribute in <{name}>"));
        }
        let mut value = String::new();
        rest = after;
        if let Some(after) = after.strip_prefix('=') {
            let quoted = after.strip_prefix('"').ok_or("a value without quotes")?;
            let (text, after) = quoted.split_once('"').ok_or("a value without an end")?;
            value = unescaped(text);
            rest = after;
        }
        attributes.push((attribute.to_ascii_lowercase(), value));
    }
}

/// One line of words.
fn words<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for word in texts.flat_map(str::split_whitespace) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Text with its character references resolved.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let found = after
            .split_once(';')
            .and_then(|(name, after)| Some((referred(name)?, after)));
        rest = if let Some((character, after)) = found {
            out.push(character);
            after
        } else {
            out.push('&');
            after
        };
    }
    out.push_str(rest);
    out
}

fn referred(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><html lang="nl"><!-- < --><title>Vragen</title>
        <a href="/help?a=1&amp;b=2"><span>Hulp &#38;</span> uitleg</a>
        <form method="post" action="/vragen"><input type="hidden" name="wat" value="a&#34;b &amp; c">
        <fieldset><legend id="titel">Mag   <b>dit?</b></legend>
        <label><input type="checkbox" name="deel" value="1"> Eén</label>
        <label><input type="checkbox" name="deel" value="2" checked> Twee</label></fieldset>
        <select name="taal"><option value="nl">Nederlands</option><option value="en">English</option></select>
        <button name="doe" value="ja">Ja</button><button name="doe" value="nee">Nee</button></form>
        <form action="/zoek"><input name="q"/></form>"#;

    #[test]
    fn a_form_is_sent_as_it_was_filled_in() {
        let page = Html::parse(PAGE).expect("a page");
        let [asked, search] = page.forms().try_into().expect("two forms");
        assert_eq!(asked.action(), "/vragen");
        assert_eq!(asked.boxes("deel"), ["1", "2"]);
        assert!(asked.text().starts_with("Mag dit? Eén Twee"), "{}", asked.text());
        let sent = asked.clone().choose("taal", "en").press("doe", "ja").encoded();
        assert_eq!(sent, "wat=a%22b%20%26%20c&deel=2&taal=en&doe=ja");
        assert_eq!(
            asked.tick("deel").encoded(),
            "wat=a%22b%20%26%20c&deel=1&deel=2&taal=nl"
        );
        assert_eq!(search.fill("q", "é").encoded(), "q=%C3%A9");
        let link = ("Hulp & uitleg".to_owned(), "/help?a=1&b=2".to_owned());
        assert_eq!(page.links(), [link]);
        assert_eq!(page.text_of("titel").as_deref(), Some("Mag dit?"));
        assert!(page.text().starts_with("Vragen Hulp & uitleg Mag dit?"));
    }

    #[test]
    fn what_is_written_carelessly_is_no_page() {
        for page in ["<p", "<a href=x>", "<a href=\"x>", "<!-- ", "</p", "<a =\"x\">"] {
            assert!(Html::parse(page).is_err(), "{page}");
        }
    }
}
