//! Length-prefixed input of MACs and associated data: two different lists of parts never give the same bytes.

/// `label`, 0x00, then each part preceded by its length as u64, big-endian. A label holds no 0x00.
pub(crate) fn framed(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    debug_assert!(!label.as_bytes().contains(&0), "a label is text without NUL");
    let length = parts
        .iter()
        .map(|part| part.len() + size_of::<u64>())
        .sum::<usize>();
    let mut bytes = Vec::with_capacity(label.len() + 1 + length);
    bytes.extend_from_slice(label.as_bytes());
    bytes.push(0);
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_byte_between_parts_or_label_gives_other_bytes() {
        let all = [
            framed("a", &[b"bc", b"d"]),
            framed("a", &[b"b", b"cd"]),
            framed("a", &[b"bcd"]),
            framed("a", &[b"bcd", b""]),
            framed("ab", &[b"c", b"d"]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one));
        }
    }
}
