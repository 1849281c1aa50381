//! Full text over the kept directory: tantivy with Dutch stems and stop words.

use std::fs::{self, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sluis_ranking::{Area, Offer, Question};
use sluis_types::{LifeDomain, OfferId, OfferKind};
use tantivy::collector::{DocSetCollector, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, BoostQuery, FuzzyTermQuery, Query, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, StopWordFilter,
    TextAnalyzer,
};
use tantivy::{DocAddress, Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use crate::error::{Error, file as failed};

/// Memory for writing, in bytes; tantivy asks for 15 MB at least.
const WRITER_BYTES: usize = 32 * 1024 * 1024;
/// Longest word that is indexed, in bytes.
const WORD_BYTES_MAX: usize = 60;
/// Most words of a question that count.
const WORDS_MAX: usize = 12;
/// Shortest word that also finds longer words which begin with it: Dutch joins its words.
const PREFIX_CHARACTERS_MIN: usize = 4;
/// Most offers that words find: the best by the words, before they are ranked.
pub(crate) const HITS_MAX: usize = 1000;
/// What a name, and a tag, weigh against a word of the description.
const NAME_BOOST: f32 = 3.0;
/// The name of our way to cut text into words.
const DUTCH: &str = "nl";
/// Names of the columns that hold the halves of an id.
const ID_HALVES: [&str; 2] = ["id-high", "id-low"];
/// Stands for the whole country.
const EVERYWHERE: &str = "is:NL";

#[derive(Clone, Copy)]
struct Fields {
    /// By which an offer is taken out.
    id: Field,
    /// The same in two columns, from which it is read: the engine keeps no documents.
    id_halves: [Field; 2],
    /// Areas, life domains, kind: what is asked for exactly.
    facet: Field,
    name: Field,
    text: Field,
}

/// The index.
pub(crate) struct TextIndex {
    folder: PathBuf,
    index: Index,
    reader: IndexReader,
    fields: Fields,
    analyzer: TextAnalyzer,
}

impl TextIndex {
    /// Opens the index in a folder; one that cannot be read is made anew, empty.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed(folder))?;
        let (schema, fields) = schema();
        let index = match Index::open_in_dir(folder) {
            Ok(index) if index.schema() == schema => index,
            _ => {
                fs::remove_dir_all(folder).map_err(failed(folder))?;
                fs::DirBuilder::new()
                    .mode(0o700)
                    .create(folder)
                    .map_err(failed(folder))?;
                Index::create_in_dir(folder, schema)?
            }
        };
        let analyzer = dutch();
        index.tokenizers().register(DUTCH, analyzer.clone());
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Self {
            folder: folder.to_owned(),
            index,
            reader,
            fields,
            analyzer,
        })
    }

    /// Which state of the directory it holds.
    pub(crate) fn state(&self) -> Option<String> {
        self.index.load_metas().ok()?.payload
    }

    /// Puts offers in and takes others out; then it holds that state of the directory.
    pub(crate) fn change(
        &mut self,
        gone: impl IntoIterator<Item = OfferId>,
        there: impl IntoIterator<Item = Result<Option<Offer>, Error>>,
        anew: bool,
        state: &str,
    ) -> Result<(), Error> {
        let mut writer: IndexWriter = self.index.writer_with_num_threads(1, WRITER_BYTES)?;
        if anew {
            writer.delete_all_documents()?;
        }
        for offer_id in gone {
            writer.delete_term(Term::from_field_text(self.fields.id, &offer_id.to_string()));
        }
        for offer in there {
            if let Some(offer) = offer? {
                writer.add_document(self.line(&offer))?;
            }
        }
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(state);
        prepared.commit()?;
        writer.wait_merging_threads()?;
        self.reader.reload()?;
        self.close_to_others()
    }

    /// Offers that may fit: those that have every word, the best first; or, without words, all in no order.
    pub(crate) fn find(&self, question: &Question, words: &str) -> Result<Vec<OfferId>, Error> {
        let searcher = self.reader.searcher();
        let by_words = self.words(words);
        let has_words = !by_words.is_empty();
        let query = all_of(by_words.into_iter().chain(self.filters(question)).collect());
        let addresses: Vec<DocAddress> = if has_words {
            let top = TopDocs::with_limit(HITS_MAX).order_by_score();
            searcher
                .search(&query, &top)?
                .into_iter()
                .map(|(_, address)| address)
                .collect()
        } else {
            searcher.search(&query, &DocSetCollector)?.into_iter().collect()
        };
        let columns = searcher
            .segment_readers()
            .iter()
            .map(|segment| {
                let column = |name| segment.fast_fields().u64(name);
                Ok([column(ID_HALVES[0])?, column(ID_HALVES[1])?])
            })
            .collect::<Result<Vec<_>, tantivy::TantivyError>>()?;
        let id_at = |address: DocAddress| {
            let [high, low] = &columns[address.segment_ord as usize];
            Some(id_of([high.first(address.doc_id)?, low.first(address.doc_id)?]))
        };
        Ok(addresses.into_iter().filter_map(id_at).collect())
    }

    /// What the engine alone does for the same words: the yardstick.
    pub(crate) fn bare(&self, words: &str, limit: usize) -> Result<usize, Error> {
        let query = all_of(self.words(words));
        let top = TopDocs::with_limit(limit.max(1)).order_by_score();
        Ok(self.reader.searcher().search(&query, &top)?.len())
    }

    fn line(&self, offer: &Offer) -> TantivyDocument {
        let mut line = TantivyDocument::new();
        line.add_text(self.fields.id, offer.id.to_string());
        for (field, half) in self.fields.id_halves.into_iter().zip(halves_of(offer.id)) {
            line.add_u64(field, half);
        }
        line.add_text(self.fields.name, offer.name.as_str());
        for tag in &offer.tags {
            line.add_text(self.fields.name, tag.as_str());
        }
        for text in [
            offer.description.as_str(),
            offer.eligibility.as_str(),
            offer.organisation.as_str(),
            offer.costs.as_str(),
        ] {
            line.add_text(self.fields.text, text);
        }
        for facet in facets(offer) {
            line.add_text(self.fields.facet, facet);
        }
        line
    }

    /// One query for each word: in the name or in the text, whole or as the beginning of a longer word.
    fn words(&self, words: &str) -> Vec<Box<dyn Query>> {
        let mut analyzer = self.analyzer.clone();
        let mut tokens = analyzer.token_stream(words);
        let mut queries: Vec<Box<dyn Query>> = Vec::new();
        while tokens.advance() && queries.len() < WORDS_MAX {
            let word = tokens.token().text.clone();
            let [name, text] =
                [self.fields.name, self.fields.text].map(|field| Term::from_field_text(field, &word));
            let mut ways: Vec<Box<dyn Query>> = vec![
                Box::new(BoostQuery::new(exactly(name.clone()), NAME_BOOST)),
                exactly(text.clone()),
            ];
            if word.chars().count() >= PREFIX_CHARACTERS_MIN {
                ways.extend(
                    [name, text].map(|term| -> Box<dyn Query> {
                        Box::new(FuzzyTermQuery::new_prefix(term, 0, true))
                    }),
                );
            }
            queries.push(Box::new(BooleanQuery::union(ways)));
        }
        queries
    }

    /// What the ranking would pass over anyway, as far as the index knows it.
    fn filters(&self, question: &Question) -> Vec<Box<dyn Query>> {
        let any = |facets: Vec<String>| -> Box<dyn Query> {
            let terms = facets
                .iter()
                .map(|facet| exactly(Term::from_field_text(self.fields.facet, facet)));
            Box::new(BoostQuery::new(
                Box::new(BooleanQuery::union(terms.collect())),
                0.0,
            ))
        };
        let mut filters = Vec::new();
        if let Some(area) = question.area {
            let around = area.within().map(is_area);
            filters.push(any(around
                .chain([in_area(area), EVERYWHERE.to_owned()])
                .collect()));
        }
        if !question.life_domains.is_empty() {
            filters.push(any(question.life_domains.iter().map(domain_facet).collect()));
        }
        if !question.kinds.is_empty() {
            filters.push(any(question.kinds.iter().map(kind_facet).collect()));
        }
        filters
    }

    /// The engine makes its files as it likes.
    fn close_to_others(&self) -> Result<(), Error> {
        for entry in fs::read_dir(&self.folder).map_err(failed(&self.folder))? {
            let path = entry.map_err(failed(&self.folder))?.path();
            // The engine removes old files in its own time.
            if let Err(error) = fs::set_permissions(&path, Permissions::from_mode(0o600))
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(failed(&path)(error));
            }
        }
        Ok(())
    }
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer(DUTCH)
        .set_index_option(IndexRecordOption::WithFreqs);
    let words = TextOptions::default().set_indexing_options(words);
    let fields = Fields {
        id: schema.add_text_field("id", STRING),
        id_halves: ID_HALVES.map(|name| schema.add_u64_field(name, FAST)),
        facet: schema.add_text_field("facet", STRING),
        name: schema.add_text_field("name", words.clone()),
        text: schema.add_text_field("text", words),
    };
    (schema.build(), fields)
}

/// An id as two numbers.
fn halves_of(id: OfferId) -> [u64; 2] {
    let (halves, _) = id.as_bytes().as_chunks::<8>();
    [u64::from_be_bytes(halves[0]), u64::from_be_bytes(halves[1])]
}

fn id_of([high, low]: [u64; 2]) -> OfferId {
    OfferId::from_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

/// Dutch words: without stop words, by their stems, and without accents, which people leave out.
fn dutch() -> TextAnalyzer {
    let stop_words = StopWordFilter::new(Language::Dutch).expect("tantivy has Dutch stop words");
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(WORD_BYTES_MAX))
        .filter(LowerCaser)
        .filter(stop_words)
        .filter(Stemmer::new(Language::Dutch))
        .filter(AsciiFoldingFilter)
        .build()
}

fn exactly(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn all_of(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if queries.is_empty() {
        return Box::new(AllQuery);
    }
    Box::new(BooleanQuery::intersection(queries))
}

fn is_area(area: Area) -> String {
    format!("is:{area}")
}

fn in_area(area: Area) -> String {
    format!("in:{area}")
}

fn domain_facet(domain: LifeDomain) -> String {
    format!("domain:{}", domain.name())
}

fn kind_facet(kind: OfferKind) -> String {
    format!("kind:{}", kind.name())
}

fn facets(offer: &Offer) -> Vec<String> {
    let mut facets = vec![kind_facet(offer.kind)];
    facets.extend(offer.life_domains.iter().map(domain_facet));
    if offer.areas.is_empty() {
        facets.push(EVERYWHERE.to_owned());
    }
    for area in &offer.areas {
        facets.push(is_area(*area));
        facets.extend(area.within().map(in_area));
    }
    facets
}
