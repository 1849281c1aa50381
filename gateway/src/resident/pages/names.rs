//! The names of the organisations that a page speaks of.

use std::collections::{BTreeSet, HashMap};

use sluis_proto::registry::v1::{GetOrganisationRequest, ListOrganisationsRequest, Organisation};

use super::problem::Problem;
use crate::Session;

/// Organisations that one list asks for in one go.
const PAGE_SIZE: i32 = 200;

/// Names of organisations by OIN.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    /// The names of these organisations; one that is not in the mesh any more is called by its number.
    pub(super) async fn of(session: &Session, oins: BTreeSet<&str>) -> Result<Self, Problem> {
        let mut names = HashMap::new();
        for oin in oins.into_iter().filter(|oin| !oin.is_empty()) {
            let message = GetOrganisationRequest { oin: oin.to_owned() };
            let name = match session.get_organisation(message).await.map_err(Problem::from) {
                Ok(reply) => reply.organisation.map(|found| found.display_name),
                Err(Problem::NotFound) => None,
                Err(problem) => return Err(problem),
            };
            names.insert(oin.to_owned(), name.unwrap_or_else(|| oin.to_owned()));
        }
        Ok(Self(names))
    }

    /// The name of one of them.
    pub(super) fn get<'a>(&'a self, oin: &'a str) -> &'a str {
        self.0.get(oin).map_or(oin, String::as_str)
    }
}

/// Every organisation in the mesh, by name.
pub(super) async fn everybody(session: &Session) -> Result<Vec<Organisation>, Problem> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let message = ListOrganisationsRequest {
            page_size: PAGE_SIZE,
            page_token,
        };
        let page = session.list_organisations(message).await?;
        all.extend(page.organisations);
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    all.sort_by_key(|one| one.display_name.to_lowercase());
    Ok(all)
}
