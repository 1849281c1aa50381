//! Places that are held.

use super::texts;

texts! {
    places_name: "Plaatsen voor mij", "Places for me";
    places_intro:
        "Soms houdt een organisatie een plaats voor u vrij, of wacht u op een plaats. Hier ziet u waar, tot wanneer en de hoeveelste u bent.",
        "Sometimes an organisation keeps a place free for you, or you wait for one. Here you see where, until when, and at which number you are.";
    places_none:
        "Er wordt nu geen plaats voor u vrijgehouden. Of uw organisatie heeft het hier nog niet laten zien. Vraag het haar gerust.",
        "No place is kept free for you now. Or your organisation did not show it here yet. Feel free to ask.";
    places_link: "Bekijk de plaatsen voor mij", "Look at the places for me";
    place_at(organisation): "Bij {organisation}.", "At {organisation}.";
    place_by(holder, day): "{holder} regelt dit voor u, en liet het zien op {day}.", "{holder} arranges this for you, and showed it on {day}.";
    place_held(day, time): "Er is een plaats voor u vrijgehouden tot {day} om {time} uur.", "A place is kept free for you until {day} at {time}.";
    place_next: "U staat op de wachtlijst. U bent nu aan de beurt als er een plaats vrijkomt.", "You are on the waiting list. You are next when a place comes free.";
    place_waiting(number): "U staat op de wachtlijst. U bent nummer {number}.", "You are on the waiting list. You are number {number}.";
    place_claimed: "Deze plaats is van u.", "This place is yours.";
    place_ended: "Deze plaats is niet meer voor u vrijgehouden. Vraag uw organisatie hoe het verder gaat.", "This place is not kept free for you any more. Ask your organisation what happens next.";
}
