//! What mail says, in Dutch at level B1 and in English. A mail says nothing that is about one resident more than about
//! another: it names nobody, no organisation and no subject, and carries the pages' address only.

use crate::domain::notice_address::NoticeLanguage;

/// Declares texts: Dutch, then English; values stand in them by name.
macro_rules! texts {
    ($($name:ident $(($($value:ident),+))?: $dutch:literal, $english:literal;)+) => {
        $(texts!(@one $name $(($($value),+))?: $dutch, $english);)+
    };
    (@one $name:ident: $dutch:literal, $english:literal) => {
        pub(super) const fn $name(language: NoticeLanguage) -> &'static str {
            match language {
                NoticeLanguage::Dutch => $dutch,
                NoticeLanguage::English => $english,
            }
        }
    };
    (@one $name:ident($($value:ident),+): $dutch:literal, $english:literal) => {
        pub(super) fn $name(language: NoticeLanguage, $($value: &str),+) -> String {
            match language {
                NoticeLanguage::Dutch => format!($dutch),
                NoticeLanguage::English => format!($english),
            }
        }
    };
}

texts! {
    notice_subject: "Er is iets veranderd in Sluis", "Something changed in Sluis";
    notice(pages):
        "Hallo,\n\
         \n\
         Er is iets veranderd op uw pagina's van Sluis. Wat er veranderd is, staat niet in deze mail. Zo weet niemand \
         anders waar het over gaat.\n\
         \n\
         Wilt u het zien? Open uw browser, ga naar dit adres en log in:\n\
         {pages}\n\
         \n\
         U krijgt hooguit één mail per uur. In onze mails vragen wij nooit om een wachtwoord.\n\
         \n\
         Wilt u geen mail meer? Log in en kies Berichten.\n",
        "Hello,\n\
         \n\
         Something changed on your Sluis pages. What changed is not in this mail. That way nobody else knows what it is \
         about.\n\
         \n\
         Do you want to see it? Open your browser, go to this address and log in:\n\
         {pages}\n\
         \n\
         You get one mail an hour at most. Our mails never ask for a password.\n\
         \n\
         Do you want no more mail? Log in and choose Notices.\n";
    code_subject: "Uw code voor berichten van Sluis", "Your code for notices from Sluis";
    code(pages, code):
        "Hallo,\n\
         \n\
         Iemand heeft dit mailadres opgegeven om berichten van Sluis te krijgen. Was u dat? Vul dan deze code in op uw \
         pagina Berichten:\n\
         \n\
         {code}\n\
         \n\
         De code werkt één uur. De pagina's staan hier:\n\
         {pages}\n\
         \n\
         Was u dat niet? Dan hoeft u niets te doen. U krijgt dan geen berichten. Geef de code aan niemand.\n",
        "Hello,\n\
         \n\
         Somebody gave this mail address to get notices from Sluis. Was that you? Then fill in this code on your page \
         Notices:\n\
         \n\
         {code}\n\
         \n\
         The code works for one hour. The pages are here:\n\
         {pages}\n\
         \n\
         Was it not you? Then you need to do nothing. You will get no notices. Give the code to nobody.\n";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_the_same_for_everybody_and_links_to_the_pages_only() {
        for language in NoticeLanguage::ALL {
            let text = notice(language, "https://mijn.example");
            assert_eq!(text.matches("://").count(), 1, "{text}");
            assert!(text.lines().any(|line| line == "https://mijn.example"));
            assert!(
                text.lines().all(|line| line.len() < 900),
                "a line that relays take"
            );
        }
        assert_ne!(
            notice_subject(NoticeLanguage::Dutch),
            notice_subject(NoticeLanguage::English)
        );
    }

    #[test]
    fn a_code_stands_in_a_line_of_its_own() {
        for language in NoticeLanguage::ALL {
            let text = code(language, "https://mijn.example", "7KQ2M-8XP4T");
            assert!(text.lines().any(|line| line == "7KQ2M-8XP4T"), "{text}");
            assert!(
                !code_subject(language).contains("7KQ2M"),
                "nothing of it shows on a locked screen"
            );
        }
    }
}
