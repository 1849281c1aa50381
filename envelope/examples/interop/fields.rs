//! What is asked and answered: JSON, with binary values in hexadecimal.

use std::fmt::Write as _;

use serde_json::Value;
use sluis_envelope::{KeyKind, Scope, SigningKey, Suite};
use sluis_types::{Code, CodeSet, Oin, Timestamp};

use crate::Failure;

pub(crate) struct Fields(pub(crate) Value);

impl Fields {
    pub(crate) fn get(&self, name: &str) -> Result<&Value, Failure> {
        self.0.get(name).ok_or_else(|| format!("no {name}").into())
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, Failure> {
        self.get(name)?
            .as_str()
            .ok_or_else(|| format!("{name} is no text").into())
    }

    pub(crate) fn number(&self, name: &str) -> Result<u64, Failure> {
        self.get(name)?
            .as_u64()
            .ok_or_else(|| format!("{name} is no number").into())
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, Failure> {
        Ok(Timestamp::from_micros(i64::try_from(self.number(name)?)?))
    }

    pub(crate) fn suite(&self, name: &str) -> Result<Suite, Failure> {
        Ok(Suite::from_number(u16::try_from(self.number(name)?)?)?)
    }

    pub(crate) fn bits<C>(&self, name: &str) -> Result<CodeSet<C>, Failure>
    where
        C: Code,
    {
        Ok(CodeSet::from_bits(u32::try_from(self.number(name)?)?)?)
    }

    pub(crate) fn oin(&self, name: &str) -> Result<Oin, Failure> {
        Ok(self.text(name)?.parse()?)
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let text = self.text(name)?;
        let byte =
            |pair: &[u8]| -> Result<u8, Failure> { Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?) };
        text.as_bytes().chunks(2).map(byte).collect()
    }

    pub(crate) fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], Failure> {
        self.bytes(name)?
            .try_into()
            .map_err(|_| format!("{name} has another length").into())
    }

    pub(crate) fn list(&self, name: &str) -> Result<Vec<Fields>, Failure> {
        let list = self.get(name)?.as_array().ok_or("no list")?;
        Ok(list.iter().cloned().map(Fields).collect())
    }

    pub(crate) fn signing_key(&self, name: &str, kind: KeyKind) -> Result<SigningKey, Failure> {
        Ok(SigningKey::from_seed(kind, &self.array(name)?))
    }

    pub(crate) fn scope(&self) -> Result<Scope, Failure> {
        let (purposes, domains) = (self.bits("purposes")?, self.bits("life_domains")?);
        Ok(Scope::new(purposes, domains, self.bits("data_kinds")?)?)
    }
}

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
