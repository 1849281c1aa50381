//! Text of files, whatever wrote them.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The text of a file, and what it was written in where that is not plain UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> (String, Option<&'static str>) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        // Excel writes UTF-8 with a mark: nothing to mend.
        let named = (encoding != UTF_8).then(|| encoding.name());
        return (text.into_owned(), named);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (mixed(bytes), Some(WINDOWS_1252.name())),
    }
}

/// Files that were pasted together have lines of both encodings: each line is judged by itself.
fn mixed(bytes: &[u8]) -> String {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| match std::str::from_utf8(line) {
            Ok(text) => text.to_owned(),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(line).0.into_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoding_is_read() {
        assert_eq!(decode("café".as_bytes()), ("café".to_owned(), None));
        assert_eq!(decode(b"\xef\xbb\xbfcaf\xc3\xa9"), ("café".to_owned(), None));
        assert_eq!(
            decode(b"caf\xe9 \x80"),
            ("café €".to_owned(), Some("windows-1252"))
        );
        assert_eq!(decode(b"\xff\xfec\0a\0"), ("ca".to_owned(), Some("UTF-16LE")));
    }

    #[test]
    fn a_file_of_two_encodings_is_read_line_by_line() {
        let (text, encoding) = decode(b"caf\xc3\xa9\ncaf\xe9\n");
        assert_eq!((text.as_str(), encoding), ("café\ncafé\n", Some("windows-1252")));
    }
}
