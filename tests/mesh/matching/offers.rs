//! A directory of others is read, published, fetched, asked, and written again.

use std::path::Path;

use serde_json::{Value, json};
use sluis_cli::ExitStatus;
use sluis_client::ranking::{Address, Language, Offer, Place, ShortText};
use sluis_client::types::{LifeDomain, OfferId, OfferKind, Oin, OrganisationKind};

use super::cli::{Desk, text};
use crate::fixture::{Backend, TestMesh};

const STREET: &str = "Stillekade 77";

/// An offer in Oss, of an organisation.
pub(crate) fn offer(id: u8, publisher: Oin, name: &str, tags: &[&str]) -> Offer {
    let document = json!({
        "id": OfferId::from_bytes([id; 16]).to_string(), "publisher": publisher.to_string(),
        "organisation": "De Brug (verzonnen)", "name": name, "description": "Elke dinsdag soep en een praatje",
        "kind": OfferKind::Activity.name(), "provision": "GENERAL", "law": "GENERAL",
        "life_domains": [LifeDomain::MeaningfulDay.name()], "areas": ["WK082803"], "age_min": 18,
        "languages": ["nl"], "entrance": "SIGN_UP", "tags": tags, "updated_at_seconds": 1_795_000_000,
    });
    Offer::decode(document.to_string().as_bytes()).expect("an offer")
}

/// A directory in HSDS as another system gave it out: an open house, and a shelter whose address nobody may know.
fn directory_of_others(folder: &Path, publisher: Oin) {
    let mut house = offer(1, publisher, "Inloop De Brug", &["samen-eten"]);
    house.place = Place::Public(Address {
        line: ShortText::cut("Brugstraat 1").0,
        postal_code: ShortText::cut("1000 AA").0,
        town: ShortText::cut("Noordstad").0,
    });
    let mut shelter = offer(2, publisher, "Blijf-van-mijn-lijfhuis", &["veilig"]);
    shelter.place = Place::Public(Address {
        line: ShortText::cut(STREET).0,
        ..Address::default()
    });
    std::fs::create_dir_all(folder).expect("made");
    for (name, value) in sluis_hsds::export(&[house, shelter]).to_json() {
        // The other system does not know that the address is to be kept.
        let text = value.to_string().replace("\"confidential\":false,", "");
        std::fs::write(folder.join(name), text).expect("written");
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_of_others_is_published_under_the_organisations_own_number_and_written_again() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let [desk, other] = [&welfare, &ggz].map(|one| Desk::at(one.partner.profile().directory()));
    let folder = tempfile::tempdir().expect("a directory");
    let source = folder.path().join("hsds");
    // Whatever publisher the source had in mind, what is imported is this organisation's.
    directory_of_others(&source, ggz.oin());
    let report = folder.path().join("report.csv");
    let dry = desk.run(&["offers", "import", path(&source), "--dry-run"]).await;
    assert_eq!((&dry["offers"], &dry["dry_run"]), (&json!(2), &json!(true)));
    let nothing = desk.try_run(&["offers", "publish"]).await;
    assert_eq!(nothing.0, ExitStatus::Local, "a dry run changed nothing");
    let imported = desk
        .run(&["offers", "import", path(&source), "--report", path(&report)])
        .await;
    assert_eq!(imported["offers"], 2);
    assert!(
        std::fs::read_to_string(&report)
            .expect("a report")
            .contains("severity")
    );

    let published = desk.run(&["offers", "publish"]).await;
    let outcomes = |document: &Value| -> Vec<String> {
        let offers = document["offers"].as_array().expect("offers");
        offers.iter().map(|line| text(&line["outcome"])).collect()
    };
    assert_eq!(outcomes(&published), ["NEW", "NEW"]);
    assert_eq!(
        outcomes(&desk.run(&["offers", "publish"]).await),
        ["SAME", "SAME"]
    );

    // Everybody fetches the whole of it, and finds whose it is and where it is; not where the shelter is.
    let synced = other.run(&["offers", "sync"]).await;
    assert_eq!((&synced["offers"], &synced["changed"]), (&json!(2), &json!(2)));
    assert_eq!(other.run(&["offers", "sync"]).await["changed"], 0);
    let found = other.run(&["match", "--with-full", "--limit", "9"]).await;
    let offers = found["offers"].as_array().expect("offers");
    assert_eq!(offers.len(), 2);
    for fitting in offers {
        assert_eq!(fitting["offer"]["publisher"], welfare.oin().to_string());
        let is_shelter = text(&fitting["offer"]["name"]).starts_with("Blijf");
        assert_eq!(fitting["offer"]["address_is_confidential"] == true, is_shelter);
    }
    assert!(found.to_string().contains("Brugstraat") && !found.to_string().contains(STREET));

    what_left_the_directory_is_retired(&desk, &other, &source, ggz.oin()).await;

    // Nobody publishes in another's name, and a file by hand is held against the same rule.
    let mine = folder.path().join("mine.json");
    let document = offer(7, welfare.oin(), "Wandelen", &[])
        .encode()
        .expect("an offer");
    std::fs::write(&mine, document).expect("written");
    let (exit, _) = other.try_run(&["offers", "publish", path(&mine)]).await;
    assert_eq!(exit, ExitStatus::Local);
    assert_eq!(
        other
            .refused(&["offers", "retire", &text(&offers[0]["offer"]["id"])])
            .await,
        "NOT_AVAILABLE"
    );

    // What was imported is written again, in both forms, without the address.
    for form in ["json", "csv"] {
        let out = folder.path().join(form);
        let exported = desk.run(&["offers", "export", path(&out), "--form", form]).await;
        let mut all = String::new();
        for name in exported["files"].as_array().expect("files") {
            all += &std::fs::read_to_string(out.join(text(name))).expect("a file");
        }
        assert!(
            all.contains("Brugstraat 1") && all.contains("Blijf-van-mijn-lijfhuis"),
            "{all}"
        );
        assert!(!all.contains(STREET), "{all}");
    }
    mesh.mesh.stop().await;
}

/// What another import of the same source no longer has goes, unless it is too much at once; another source's stays.
async fn what_left_the_directory_is_retired(desk: &Desk, other: &Desk, source: &Path, publisher: Oin) {
    let folder = tempfile::tempdir().expect("a directory");
    let make = |name: &str, offers: &[Offer]| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).expect("made");
        for (name, value) in sluis_hsds::export(offers).to_json() {
            std::fs::write(folder.join(name), value.to_string()).expect("written");
        }
        path(&folder).to_owned()
    };
    let outcomes = |document: &Value, wanted: &str| {
        let offers = document["offers"].as_array().expect("offers");
        offers.iter().filter(|line| line["outcome"] == wanted).count()
    };
    // Another source, of which one offer leaves and comes back.
    let clubs: Vec<Offer> = (10..20)
        .map(|id| offer(id, publisher, &format!("Club {id}"), &[]))
        .collect();
    let (all, most) = (make("all", &clubs), make("most", &clubs[1..]));
    let (few, none) = (make("few", &clubs[..2]), ["offers", "publish", "--dry-run"]);
    desk.run(&["offers", "import", &all, "--source", "clubs"]).await;
    let published = desk.run(&["offers", "publish"]).await;
    assert_eq!(
        (outcomes(&published, "NEW"), outcomes(&published, "RETIRED")),
        (10, 0)
    );
    desk.run(&["offers", "import", &most, "--source", "clubs"]).await;
    let dry = desk.run(&none).await;
    assert_eq!(
        (outcomes(&dry, "RETIRED"), &dry["too_many_retired"]),
        (1, &json!(false))
    );
    assert_eq!(other.run(&["offers", "sync"]).await["offers"], 12, "a dry run");
    assert_eq!(outcomes(&desk.run(&["offers", "publish"]).await, "RETIRED"), 1);
    assert_eq!(other.run(&["offers", "sync"]).await["offers"], 11);
    assert_eq!(outcomes(&desk.run(&["offers", "publish"]).await, "RETIRED"), 0);
    desk.run(&["offers", "import", &all, "--source", "clubs"]).await;
    assert_eq!(
        outcomes(&desk.run(&["offers", "publish"]).await, "NEW"),
        1,
        "it is back"
    );
    // A directory that was read by half retires nobody, unless that is asked for.
    desk.run(&["offers", "import", &few, "--source", "clubs"]).await;
    let dry = desk.run(&none).await;
    assert_eq!(
        (outcomes(&dry, "RETIRED"), &dry["too_many_retired"]),
        (8, &json!(true))
    );
    let (exit, refused) = desk.try_run(&["offers", "publish"]).await;
    assert_eq!(exit, ExitStatus::Local);
    assert!(
        text(&refused["error"]["message"]).contains("8 of 10"),
        "{refused}"
    );
    assert_eq!(other.run(&["offers", "sync"]).await["offers"], 12);
    let asked = desk.run(&["offers", "publish", "--retire-up-to", "100"]).await;
    assert_eq!(outcomes(&asked, "RETIRED"), 8);
    assert_eq!(other.run(&["offers", "sync"]).await["offers"], 4);
    // The first source is as it was.
    desk.run(&["offers", "import", path(source)]).await;
    assert_eq!(outcomes(&desk.run(&["offers", "publish"]).await, "SAME"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_is_found_with_its_reasons_and_what_does_not_is_counted() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    Box::pin(story(&mesh)).await;
    mesh.mesh.stop().await;
}

/// See above; on any database.
pub(super) async fn story(mesh: &TestMesh) {
    let welfare = mesh
        .partner("00000099000000001000", OrganisationKind::Welfare)
        .await;
    let desk = Desk::at(welfare.partner.profile().directory());
    let folder = tempfile::tempdir().expect("a directory");
    let mut offers = [
        offer(1, welfare.oin(), "Eetclub", &["samen-eten", "koken"]),
        offer(2, welfare.oin(), "Wandelclub", &["wandelen"]),
        offer(3, welfare.oin(), "Taalhuis", &["taal"]),
    ];
    offers[2].languages = [Language::parse("ar").expect("a code")].into();
    let files: Vec<String> = offers
        .iter()
        .map(|offer| {
            let file = folder.path().join(format!("{}.json", offer.id));
            std::fs::write(&file, offer.encode().expect("an offer")).expect("written");
            path(&file).to_owned()
        })
        .collect();
    let mut publish = vec!["offers", "publish"];
    publish.extend(files.iter().map(String::as_str));
    desk.run(&publish).await;
    let ids: Vec<String> = offers.iter().map(|offer| offer.id.to_string()).collect();
    let told = [
        "offers", "capacity", &ids[0], "--status", "waitlist", "--weeks", "2-6", "--places", "3",
    ];
    assert_eq!(desk.run(&told).await["version"], 2);
    // Publishing again keeps what was told of the room.
    assert_eq!(desk.run(&publish).await["offers"][0]["outcome"], "SAME");
    let (exit, document) = desk.try_run(&["match"]).await;
    assert_eq!(exit, ExitStatus::Local, "{document}");
    assert!(text(&document["error"]["hint"]).contains("offers sync"));
    desk.run(&["offers", "sync"]).await;

    let card = folder.path().join("plan.json");
    let plan = json!({"version": 1, "area": "BU08280301", "age": 34, "languages": ["nl"],
        "wish": ["wandelen"], "strength": ["koken"], "need": ["samen eten"]});
    std::fs::write(&card, plan.to_string()).expect("written");
    let answer = desk.run(&["match", "--card", path(&card)]).await;
    let names: Vec<String> = answer["offers"]
        .as_array()
        .expect("offers")
        .iter()
        .map(|fitting| text(&fitting["offer"]["name"]))
        .collect();
    assert_eq!(names, ["Eetclub", "Wandelclub"], "what is needed comes first");
    let reasons = answer["offers"][0]["reasons"].as_array().expect("reasons");
    assert_eq!(
        (&reasons[0]["code"], &reasons[0]["nl"], &reasons[0]["en"]),
        (
            &json!("TAG"),
            &json!("ik heb nodig: samen eten"),
            &json!("I need: eating together")
        )
    );
    assert!(
        reasons
            .iter()
            .any(|reason| reason["nl"] == "er is een wachtlijst van 2 tot 6 weken")
    );
    assert_eq!(
        answer["passed_over"],
        json!([{"why": "LANGUAGE", "count": 1, "nl": "niet in uw taal", "en": "not in your language"}])
    );
    let by_words = desk
        .run(&["match", "--words", "soepen praatjes", "--age", "17"])
        .await;
    assert_eq!(
        (&by_words["fitting"], &by_words["passed_over"][0]["why"]),
        (&json!(0), &json!("AGE"))
    );

    the_directory_changes(&desk, &ids[1]).await;
}

/// The coarse search, and an offer that goes.
async fn the_directory_changes(desk: &Desk, walk: &str) {
    // The coarse search knows an area and a domain; a buurt it refuses.
    let coarse = [
        "offers",
        "search",
        "--area",
        "GM0828",
        "--domain",
        "meaningful_day",
        "--words",
        "soep",
    ];
    assert_eq!(
        desk.run(&coarse).await["offers"]
            .as_array()
            .expect("offers")
            .len(),
        3
    );
    let close = [
        "offers",
        "search",
        "--area",
        "BU08280301",
        "--domain",
        "meaningful_day",
    ];
    assert_eq!(desk.refused(&close).await, "INVALID_FIELD");
    desk.run(&["offers", "retire", walk]).await;
    assert_eq!(desk.run(&["offers", "sync"]).await["offers"], 2);
    assert_eq!(desk.run(&["match", "--wish", "wandelen"]).await["fitting"], 2);
    // From nothing again, it is the same.
    assert_eq!(desk.run(&["offers", "sync", "--anew"]).await["changed"], 3);
}
