//! Measures the kept directory: `cargo run --release -p sluis-kaart --example measure [OFFERS]`.
//!
//! Every question is asked of the whole (engine, documents, ranking) and, in turn, of the bare engine for the same
//! words; what counts is the ratio of the two in the same run. The first time, which reads the documents of what was
//! found, stands apart. Increments show that work follows the change, not the directory.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use sluis_envelope::{DirectoryHead, DirectoryTree, KeyKind, Signed, SigningKey, directory_entry_hash};
use sluis_kaart::{Change, Kaart};
use sluis_ranking::{
    Address, Ages, Area, Contact, LongText, Offer, Place, PlanTag, Question, Rankable as _, ShortText, Tag,
};
use sluis_types::{
    CodeSet, Entrance, Law, LifeDomain, OfferId, OfferKind, Provision, Quadrant, Randomness,
    SeededRandomness, Timestamp,
};

/// Offers of a directory of a country.
const OFFERS: u32 = 50_000;
/// Rounds of each question.
const ROUNDS: usize = 9;
/// How many results a page shows.
const PAGE: usize = 20;
/// When all of this happens.
const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
const WORDS: [&str; 24] = [
    "inloop",
    "koffie",
    "wandelen",
    "koken",
    "samen",
    "buurt",
    "maatje",
    "schuldhulp",
    "budget",
    "rust",
    "herstel",
    "creatief",
    "sport",
    "taal",
    "ouderen",
    "jongeren",
    "huis",
    "tuin",
    "muziek",
    "werkplaats",
    "gesprek",
    "groep",
    "training",
    "begeleiding",
];

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args()
        .nth(1)
        .map_or(Ok(OFFERS), |count| count.parse())?;
    let folder = std::env::temp_dir().join(format!("sluis-kaart-{}", std::process::id()));
    let result = measure(&folder, count);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &Path, count: u32) -> Result<(), Box<dyn Error>> {
    let mut maker = Maker::new();
    let key = SigningKey::from_seed(KeyKind::Directory, &[7; 32]);
    let mut kaart = Kaart::open(folder, key.verifying_key().clone(), NOW)?;
    let changes: Vec<Change> = (0..count).map(|_| maker.put(None)).collect::<Result<_, _>>()?;
    let (bytes, head) = (bytes_of(&changes), maker.head(&key));
    let begun = Instant::now();
    kaart.apply(&changes, head, NOW)?;
    println!(
        "{count} offers, {} KiB: taken in {:?}",
        bytes / 1024,
        begun.elapsed()
    );
    println!("\nchanged  KiB  taken in");
    for changed in [1_usize, 10, 100, 1000] {
        let changes: Vec<Change> = (0..changed)
            .map(|at| maker.put(maker.ids.get(at * 7).copied()))
            .collect::<Result<_, _>>()?;
        let (bytes, head) = (bytes_of(&changes), maker.head(&key));
        let begun = Instant::now();
        kaart.apply(&changes, head, NOW)?;
        println!("{changed:>7}  {:>3}  {:?}", bytes / 1024, begun.elapsed());
    }
    println!("\nquestion                          found  first      whole      bare       ratio");
    for (words, question) in questions()? {
        ask(&kaart, words, &question)?;
    }
    let begun = Instant::now();
    let everything = Question::default();
    kaart.find(&everything, "")?.rank(&everything, NOW);
    println!("\nall of it ranked for the first time in {:.1?}", begun.elapsed());
    let begun = Instant::now();
    drop(kaart);
    Kaart::open(folder, key.verifying_key().clone(), NOW)?;
    println!("\nopened and checked again in {:?}", begun.elapsed());
    Ok(())
}

fn ask(kaart: &Kaart, words: &str, question: &Question) -> Result<(), Box<dyn Error>> {
    let (mut whole, mut bare, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..=ROUNDS {
        let begun = Instant::now();
        let candidates = kaart.find(question, words)?;
        let ranking = candidates.rank(question, NOW);
        found = ranking.fitting.len();
        for ranked in ranking.fitting.iter().take(PAGE) {
            kaart.offer(ranked.offer.id())?;
        }
        whole.push(begun.elapsed());
        let begun = Instant::now();
        kaart.bare_search(words, PAGE)?;
        bare.push(begun.elapsed());
    }
    let first = whole.remove(0);
    let (whole, bare) = (median(whole), median(bare));
    let place = question.area.map(|area| area.to_string()).unwrap_or_default();
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!(
        "{:<32} {found:>6}  {first:<9.1?}  {whole:<9.1?}  {bare:<9.1?}  {ratio:.1}",
        format!("{words} {place}")
    );
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn bytes_of(changes: &[Change]) -> usize {
    let documents = changes.iter().map(|change| match change {
        Change::Put { document, .. } => 16 + document.len(),
        Change::Remove { .. } => 16,
    });
    documents.sum()
}

fn questions() -> Result<Vec<(&'static str, Question)>, Box<dyn Error>> {
    let near = |area: &str| -> Result<Question, Box<dyn Error>> {
        let tags = [(Quadrant::Need, "rust"), (Quadrant::Wish, "koken")];
        let tags = tags.map(|(quadrant, tag)| Tag::parse(tag).map(|tag| PlanTag { quadrant, tag }));
        Ok(Question {
            area: Some(Area::parse(area)?),
            age: Some(40),
            tags: tags.into_iter().collect::<Result<_, _>>()?,
            ..Question::default()
        })
    };
    Ok(vec![
        ("koken", near("BU00070102")?),
        ("koken samen", near("GM0007")?),
        ("schuldhulp", near("WK000701")?),
        ("wandelen", Question::default()),
        ("begeleiding herstel rust", Question::default()),
        ("", near("WK000701")?),
    ])
}

/// Makes offers that look like a directory: words of a small vocabulary, areas of a hundred municipalities.
struct Maker {
    randomness: SeededRandomness,
    entries: BTreeMap<OfferId, Vec<u8>>,
    ids: Vec<OfferId>,
    tree: DirectoryTree,
    version: u64,
}

impl Maker {
    fn new() -> Self {
        Self {
            randomness: SeededRandomness::new(5),
            entries: BTreeMap::new(),
            ids: Vec::new(),
            tree: DirectoryTree::new(),
            version: 0,
        }
    }

    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 4];
        self.randomness.fill(&mut bytes);
        u32::from_be_bytes(bytes) as usize % end
    }

    fn words(&self, count: usize) -> String {
        (0..count)
            .map(|_| WORDS[self.below(WORDS.len())])
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Puts a new offer, or changes one.
    fn put(&mut self, id: Option<OfferId>) -> Result<Change, Box<dyn Error>> {
        let offer_id = id.unwrap_or_else(|| OfferId::random(&self.randomness));
        let document = self.offer(offer_id)?.encode()?;
        self.tree
            .put(offer_id, directory_entry_hash(&offer_id, &document));
        self.version += 1;
        if self.entries.insert(offer_id, document.clone()).is_none() {
            self.ids.push(offer_id);
        }
        Ok(Change::Put { offer_id, document })
    }

    fn offer(&self, id: OfferId) -> Result<Offer, Box<dyn Error>> {
        let quarter = format!("BU{:04}{:02}{:02}", self.below(100), self.below(4), self.below(4));
        let area = Area::parse(&quarter)?;
        let around: Vec<Area> = area.within().collect();
        Ok(Offer {
            id,
            publisher: "00000099000000001000".parse()?,
            organisation: ShortText::cut("Welzijn De Brug").0,
            name: ShortText::cut(&self.words(3)).0,
            description: LongText::cut(&self.words(60)).0,
            kind: OfferKind::ALL[self.below(OfferKind::ALL.len())],
            provision: Provision::General,
            law: Law::General,
            life_domains: [LifeDomain::ALL[self.below(5)]].into_iter().collect(),
            areas: [around[self.below(3)]].into(),
            ages: Ages::new(Some(18), None)?,
            eligibility: LongText::cut(&self.words(8)).0,
            languages: [].into(),
            accessibility: CodeSet::EMPTY,
            entrance: Entrance::DropIn,
            proof: None,
            openings: Vec::new(),
            costs: ShortText::default(),
            place: Place::Public(Address::default()),
            contact: Contact::default(),
            tags: [Tag::parse(WORDS[self.below(WORDS.len())])?].into(),
            capacity: None,
            updated_at: NOW,
        })
    }

    fn head(&mut self, key: &SigningKey) -> Signed<DirectoryHead> {
        let body = DirectoryHead {
            version: self.version,
            made_at: NOW,
            entries: self.tree.len(),
            root: self.tree.root(),
        };
        Signed::sign(body, key)
    }
}
