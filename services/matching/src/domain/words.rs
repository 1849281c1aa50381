//! The words by which offers are found, the same on both databases.

/// Words of a question that are looked at.
const WORDS_MAX: usize = 12;

fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// What is kept of an offer's texts to be searched.
pub(crate) fn of_offer(texts: &[&str]) -> String {
    let words: Vec<String> = texts.iter().flat_map(|text| split(text)).collect();
    words.join(" ")
}

/// What is asked of the database: every word in quotation marks, which both FTS5 and PostgreSQL take for a word and
/// never for a command. None when there is no word.
pub(crate) fn of_question(text: &str) -> Option<String> {
    let words: Vec<String> = split(text)
        .take(WORDS_MAX)
        .map(|word| format!("\"{word}\""))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_words_and_never_commands() {
        assert_eq!(
            of_offer(&["Samen koken!", "In De Schakel"]),
            "samen koken in de schakel"
        );
        assert_eq!(of_question("koken OR \"*"), Some("\"koken\" \"or\"".to_owned()));
        assert_eq!(of_question(" -- '\" "), None);
    }
}
