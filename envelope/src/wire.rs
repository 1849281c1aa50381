//! Fixed big-endian layouts: writing and reading them. Reading is total, and what it takes has one encoding only.

use sluis_types::{OIN_BYTES, Oin, Timestamp};

use crate::hash::Digest;

/// Why bytes from outside are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The bytes end before the layout does.
    #[error("the bytes end too early")]
    Truncated,
    /// The layout ends before the bytes do.
    #[error("bytes are left over")]
    TrailingBytes,
    /// A length or a count is above its limit.
    #[error("{field} is above its limit")]
    TooLong {
        /// The field's name in `docs/envelope.md`.
        field: &'static str,
    },
    /// A value is outside its range, or not in its one canonical form.
    #[error("{field} has no valid value")]
    Invalid {
        /// The field's name in `docs/envelope.md`.
        field: &'static str,
    },
    /// A version that this crate does not know.
    #[error("unknown version")]
    Version,
    /// A suite that this crate does not know.
    #[error("unknown suite")]
    Suite,
    /// A header extension that may not be ignored and that this crate does not know.
    #[error("unknown critical extension")]
    CriticalExtension,
}

/// Writes a fixed layout.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty layout.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// An empty layout with room for `bytes`: secrets need it, so that growing leaves no copies behind.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Two bytes, big-endian.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Four bytes, big-endian.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Eight bytes, big-endian.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Eight bytes, big-endian, two's complement.
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// A moment: microseconds since 1970 as [`Writer::i64`].
    pub fn timestamp(&mut self, value: Timestamp) -> &mut Self {
        self.i64(value.micros())
    }

    /// A moment or, as 0, none.
    pub fn optional_timestamp(&mut self, value: Option<Timestamp>) -> &mut Self {
        self.i64(value.map_or(0, Timestamp::micros))
    }

    /// A SHA-256 value.
    pub fn digest(&mut self, value: &Digest) -> &mut Self {
        self.bytes(value)
    }

    /// The bytes as they are.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.0.extend_from_slice(value);
        self
    }

    /// The bytes after their length as u16.
    ///
    /// # Panics
    /// When there are more than 65 535 bytes: the caller keeps to its field's limit.
    pub fn bytes16(&mut self, value: &[u8]) -> &mut Self {
        self.u16(u16::try_from(value.len()).expect("fields with a u16 length have a lower limit"));
        self.bytes(value)
    }

    /// The bytes after their length as u32.
    ///
    /// # Panics
    /// When there are 4 GiB or more: the caller keeps to its field's limit.
    pub fn bytes32(&mut self, value: &[u8]) -> &mut Self {
        self.u32(u32::try_from(value.len()).expect("fields with a u32 length have a lower limit"));
        self.bytes(value)
    }

    /// The bytes after their length as u8.
    pub(crate) fn bytes8(&mut self, value: &[u8]) -> &mut Self {
        self.u8(u8::try_from(value.len()).expect("fields with a u8 length have a lower limit"));
        self.bytes(value)
    }

    /// The finished bytes.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a fixed layout; every method fails instead of panicking.
#[derive(Clone)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    pub const fn rest_len(&self) -> usize {
        self.0.len()
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when there are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], FormatError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(FormatError::Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] when there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let (head, tail) = self.0.split_first_chunk().ok_or(FormatError::Truncated)?;
        self.0 = tail;
        Ok(*head)
    }

    /// See [`Writer::u8`].
    pub fn u8(&mut self) -> Result<u8, FormatError> {
        self.array().map(u8::from_be_bytes)
    }

    /// See [`Writer::u16`].
    pub fn u16(&mut self) -> Result<u16, FormatError> {
        self.array().map(u16::from_be_bytes)
    }

    /// See [`Writer::u32`].
    pub fn u32(&mut self) -> Result<u32, FormatError> {
        self.array().map(u32::from_be_bytes)
    }

    /// See [`Writer::u64`].
    pub fn u64(&mut self) -> Result<u64, FormatError> {
        self.array().map(u64::from_be_bytes)
    }

    /// See [`Writer::i64`].
    pub fn i64(&mut self) -> Result<i64, FormatError> {
        self.array().map(i64::from_be_bytes)
    }

    /// A moment after 1970 began.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] for zero and negative values.
    pub fn timestamp(&mut self) -> Result<Timestamp, FormatError> {
        self.optional_timestamp()?
            .ok_or(FormatError::Invalid { field: "time" })
    }

    /// A moment after 1970 began or, for 0, none.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] for negative values.
    pub fn optional_timestamp(&mut self) -> Result<Option<Timestamp>, FormatError> {
        match self.i64()? {
            0 => Ok(None),
            micros if micros > 0 => Ok(Some(Timestamp::from_micros(micros))),
            _ => Err(FormatError::Invalid { field: "time" }),
        }
    }

    /// A SHA-256 value.
    pub fn digest(&mut self) -> Result<Digest, FormatError> {
        self.array()
    }

    /// The name of an organisation: 20 ASCII digits.
    pub fn oin(&mut self) -> Result<Oin, FormatError> {
        Oin::from_bytes(self.array::<OIN_BYTES>()?).map_err(|_| FormatError::Invalid {
            field: "organisation",
        })
    }

    /// See [`Writer::bytes16`]; more than `max` bytes are refused before they are read.
    pub fn bytes16(&mut self, max: usize) -> Result<&'a [u8], FormatError> {
        let count = usize::from(self.u16()?);
        self.counted(count, max)
    }

    /// See [`Writer::bytes32`]; more than `max` bytes are refused before they are read.
    pub fn bytes32(&mut self, max: usize) -> Result<&'a [u8], FormatError> {
        let count = self.u32()? as usize;
        self.counted(count, max)
    }

    pub(crate) fn bytes8(&mut self) -> Result<&'a [u8], FormatError> {
        let count = usize::from(self.u8()?);
        self.take(count)
    }

    fn counted(&mut self, count: usize, max: usize) -> Result<&'a [u8], FormatError> {
        if count > max {
            return Err(FormatError::TooLong { field: "length" });
        }
        self.take(count)
    }

    /// Checks that a version number is the one that this crate writes.
    pub(crate) fn version(&mut self) -> Result<(), FormatError> {
        if self.u16()? == VERSION {
            Ok(())
        } else {
            Err(FormatError::Version)
        }
    }

    /// Ends reading.
    ///
    /// # Errors
    /// [`FormatError::TrailingBytes`] when bytes are left.
    pub const fn finish(self) -> Result<(), FormatError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(FormatError::TrailingBytes)
        }
    }
}

/// The version of every layout in this crate.
pub(crate) const VERSION: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::new();
        writer
            .u8(1)
            .u16(2)
            .u32(3)
            .u64(4)
            .i64(-5)
            .bytes16(b"six")
            .bytes32(b"seven");
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!((reader.u8(), reader.u16(), reader.u32()), (Ok(1), Ok(2), Ok(3)));
        assert_eq!((reader.u64(), reader.i64()), (Ok(4), Ok(-5)));
        assert_eq!(reader.bytes16(3), Ok(b"six".as_slice()));
        assert_eq!(
            reader.clone().bytes32(4),
            Err(FormatError::TooLong { field: "length" })
        );
        assert_eq!(reader.clone().finish(), Err(FormatError::TrailingBytes));
        assert_eq!(reader.bytes32(5), Ok(b"seven".as_slice()));
        assert_eq!(reader.clone().u8(), Err(FormatError::Truncated));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn moments_before_1970_are_refused() {
        for micros in [0, -1, i64::MIN] {
            assert!(Reader::new(&micros.to_be_bytes()).timestamp().is_err());
        }
        assert_eq!(Reader::new(&[0; 8]).optional_timestamp(), Ok(None));
    }
}
