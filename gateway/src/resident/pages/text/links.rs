//! Connecting with organisations.

use super::texts;

texts! {
    links_intro:
        "Een organisatie kan u pas iets vragen als u haar een code hebt gegeven. Zo kan niemand naar u zoeken.",
        "An organisation can ask you something only after you gave it a code. So nobody can search for you.";
    links_title: "Met deze organisaties bent u gekoppeld", "You are connected with these organisations";
    links_none: "U bent nog met geen organisatie gekoppeld.", "You are not connected with any organisation yet.";
    linked_since(day): "sinds {day}", "since {day}";
    new_link_title: "Koppelen met een organisatie", "Connect with an organisation";
    new_link_which: "Met welke organisatie?", "With which organisation?";
    new_link_choose: "Kies een organisatie", "Choose an organisation";
    new_link_missing: "Kies de organisatie waarmee u wilt koppelen", "Choose the organisation you want to connect with";
    new_link_everybody: "U bent met alle organisaties gekoppeld.", "You are connected with all organisations.";
    new_link_button: "Maak een code", "Make a code";
    code_title(name): "Uw code voor {name}", "Your code for {name}";
    code_intro(name):
        "Laat deze code zien of lees hem voor aan uw contactpersoon bij {name}. Geef hem aan niemand anders.",
        "Show this code or read it to your contact person at {name}. Give it to nobody else.";
    code_letters: "De code in letters en cijfers", "The code in letters and digits";
    code_picture: "Dezelfde code als plaatje om te scannen", "The same code as a picture to scan";
    code_once(time): "De code werkt één keer, tot {time} uur.", "The code works once, until {time}.";
    letter_title: "Hebt u een brief met een code?", "Do you have a letter with a code?";
    letter_what:
        "Hielp een medewerker u zonder login? Vul dan de code uit uw brief in. U ziet daarna alles hier, en kiest zelf.",
        "Did a worker help you without a login? Then fill in the code in your letter. After that you see everything here, and choose yourself.";
    letter_done: "De code uit uw brief is gebruikt", "The code in your letter was used";
    disconnect: "Verbreek", "Disconnect";
    disconnect_title(name): "De koppeling met {name} verbreken", "Disconnect from {name}";
    disconnect_what(name):
        "{name} kan u dan niets meer vragen, en al uw toestemmingen van en naar {name} stoppen meteen. Wat al gelezen is, kunnen wij niet ongelezen maken.",
        "{name} can then ask you nothing any more, and all your consents from and to {name} stop at once. What was already read, we cannot make unread.";
    disconnect_again:
        "Wilt u later opnieuw koppelen? Dan maakt u een nieuwe code.",
        "Do you want to connect again later? Then you make a new code.";
    disconnected(name): "U bent niet meer gekoppeld met {name}", "You are no longer connected with {name}";
    back_to_links: "Naar koppelen", "Go to connect";
    code_until(time):
        "De code werkt één keer, tot {time} uur. Maakt u een nieuwe? Dan werkt de oude niet meer.",
        "The code works once, until {time}. If you make a new one, the old one stops working.";
    code_ready: "Klaar", "Done";
}
