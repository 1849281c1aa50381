//! A resident of the play, at the pages: the same forms that a browser sends, read from the pages themselves.

use sluis_gateway::Session;
use sluis_proto::consent::v1 as wire;
use sluis_types::GrantId;

use super::house::{House, oin};
use super::people::{ORGANISATIONS, Who};
use crate::DemoError;
use crate::browser::{Browser, Form, Page};
use crate::resident::{LoggedIn, log_in};

/// A resident who is logged in.
pub(super) struct Resident {
    browser: Browser,
    /// The address of the pages, without a path.
    site: String,
    /// The same person below the pages, for looking at what the pages do not show.
    known: LoggedIn,
}

impl House {
    /// Logs a resident in: at the pages, as a browser does, and below them.
    pub(super) async fn log_in(&self, name: &str) -> Result<Resident, DemoError> {
        let gateway = self.mesh.gateway();
        let login = gateway
            .login()
            .ok_or_else(|| DemoError::unexpected("the mesh has no login"))?;
        let mut browser = Browser::new();
        let asked = browser.open(&format!("{}/inloggen", self.site)).await?;
        let form = asked.form("for a name", |form| form.has("name"))?;
        let page = browser.send(&asked, &form.fill("name", name)).await?;
        let at_home = page.address.to_string().starts_with(&self.site);
        if !at_home || !page.status.is_success() {
            return Err(not_as_expected("logging in", &page));
        }
        Ok(Resident {
            browser,
            site: self.site.clone(),
            known: log_in(login, gateway.resident(), name).await?,
        })
    }

    /// The session of a resident below the pages, for looking.
    pub(super) async fn session(&self, resident: &Resident) -> Result<Session, DemoError> {
        let session = self
            .mesh
            .gateway()
            .resident()
            .session(&resident.known.token)
            .await;
        session.map_err(DemoError::refused("finding the session"))
    }

    /// The live grant for what one organisation shares with another.
    pub(super) async fn grant_between(
        &self,
        resident: &Resident,
        from: Who,
        to: Who,
    ) -> Result<GrantId, DemoError> {
        let session = self.session(resident).await?;
        let listed = session.list_grants(wire::ListGrantsRequest {}).await;
        let grants = listed
            .map_err(DemoError::refused("looking at what is allowed"))?
            .grants;
        let (from, to) = (oin(from), oin(to));
        let found = grants.iter().find(|grant| {
            let live = grant.state() == wire::GrantState::Active;
            live && grant.discloser == from.as_str() && grant.recipient == to.as_str()
        });
        let id = found.and_then(|grant| grant.grant_id.parse().ok());
        id.ok_or_else(|| DemoError::unexpected("there is no such grant"))
    }
}

impl Resident {
    /// Who the resident is to the mesh.
    pub(super) fn subject(&self) -> &str {
        self.known.login.subject()
    }

    async fn open(&mut self, path: &str) -> Result<Page, DemoError> {
        let page = self.browser.open(&format!("{}{path}", self.site)).await?;
        if page.status.is_success() {
            Ok(page)
        } else {
            Err(not_as_expected(path, &page))
        }
    }

    /// Goes to where a link of a page leads.
    async fn go(&mut self, page: &Page, to: &str, pair: (Who, Who)) -> Result<Page, DemoError> {
        let link = page.link(to, |called, address| {
            address.starts_with(to) && names(called, pair)
        })?;
        self.browser.open(&link).await
    }

    /// Sends a form and expects to be told that it was done.
    async fn send(&mut self, page: &Page, form: &Form) -> Result<Page, DemoError> {
        let told = self.browser.send(page, form).await?;
        if told.status.is_success() {
            Ok(told)
        } else {
            Err(not_as_expected(form.action(), &told))
        }
    }

    /// Makes a link code for an organisation.
    pub(super) async fn link_code(&mut self, for_whom: Who) -> Result<String, DemoError> {
        let page = self.open("/koppelen").await?;
        let form = page.form("for a link code", |form| form.has("organisatie"))?;
        let form = form.choose("organisatie", oin(for_whom).as_str());
        let told = self.send(&page, &form).await?;
        let code = told.text_of("code");
        code.ok_or_else(|| not_as_expected("making a link code", &told))
    }

    /// How many questions wait, each direction counted.
    pub(super) async fn asked(&mut self) -> Result<usize, DemoError> {
        let page = self.open("/vragen").await?;
        let mut count = 0;
        for address in questions(&page) {
            let question = self.open(&address).await?;
            count += directions(&question).len();
        }
        Ok(count)
    }

    /// Says yes to what one organisation would share with another, and "later" to whatever is asked with it.
    pub(super) async fn say_yes(&mut self, from: Who, to: Who) -> Result<(), DemoError> {
        let page = self.open("/vragen").await?;
        for address in questions(&page) {
            let question = self.open(&address).await?;
            let directions = directions(&question);
            let wanted = directions.iter().find(|(_, title)| names(title, (from, to)));
            let Some((wanted, _)) = wanted else {
                continue;
            };
            let mut form = question.form("to answer", |form| form.has(wanted))?;
            for (field, _) in &directions {
                form = form.choose(field, if field == wanted { "ja" } else { "later" });
            }
            return self.send(&question, &form).await.map(drop);
        }
        Err(DemoError::unexpected("the resident was not asked this"))
    }

    /// Pauses what one organisation may share with another, or lets it go on.
    pub(super) async fn pause_or_resume(&mut self, from: Who, to: Who) -> Result<(), DemoError> {
        let page = self.open("/toestemmingen").await?;
        let page = self.go(&page, "/toestemmingen/wijzigen", (from, to)).await?;
        let form = page.form("to pause or go on", |form| {
            ["/toestemmingen/pauze", "/toestemmingen/verder"].contains(&form.action())
        })?;
        self.send(&page, &form).await.map(drop)
    }

    /// Withdraws. When this returns, the key is destroyed.
    pub(super) async fn withdraw(&mut self, from: Who, to: Who) -> Result<(), DemoError> {
        let page = self.open("/toestemmingen").await?;
        let page = self.go(&page, "/toestemmingen/stoppen", (from, to)).await?;
        let form = page.form("to stop", |form| form.action() == "/toestemmingen/stoppen")?;
        self.send(&page, &form).await.map(drop)
    }
}

/// The addresses of the questions on a page.
fn questions(page: &Page) -> Vec<String> {
    let links = page.links().into_iter().map(|(_, address)| address);
    links
        .filter(|address| address.starts_with("/vragen/antwoord"))
        .collect()
}

/// The directions that a question asks about: the field with the answer, and the title above it.
fn directions(question: &Page) -> Vec<(String, String)> {
    let numbered = (0..).map_while(|number| {
        let title = question.text_of(&format!("v{number}-titel"))?;
        Some((format!("v{number}-antwoord"), title))
    });
    numbered.collect()
}

/// Whether a title or a link names two organisations in this order.
fn names(text: &str, (from, to): (Who, Who)) -> bool {
    let name = |who: Who| ORGANISATIONS[who as usize].name;
    text.find(name(from))
        .is_some_and(|at| text[at..].contains(name(to)))
}

fn not_as_expected(what: &str, page: &Page) -> DemoError {
    DemoError::unexpected(format!("{what}: {} {}", page.status, page.text()))
}
