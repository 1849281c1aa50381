//! A certified OpenID Connect provider of other people's making: npm's `oidc-provider`, as `tests/browser/provider.mjs`
//! sets it up.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use sluis_demo::browser::Browser;
use sluis_gateway::{Level, OpenIdConfig, ResidentConfig};

/// What the gateway is to the provider.
pub(super) const CLIENT: &str = "sluis-test";
/// Where the provider sends browsers back to. Nobody listens there: the tests read the address and go no further.
const BACK: &str = "http://127.0.0.1/terug";
const BACK_FROM_LOGOUT: &str = "http://127.0.0.1/uitgelogd";

const SUBSTANTIAL: &str = "urn:example:substantial";
pub(super) const LOW: &str = "urn:example:low";

/// A running provider. Dropping it ends it.
pub(super) struct ThirdParty {
    issuer: String,
    process: Child,
}

/// What somebody says of themselves at the provider.
#[derive(Clone, Copy)]
pub(super) struct Person<'a> {
    pub(super) name: &'a str,
    pub(super) represents: &'a str,
    pub(super) level: &'a str,
}

impl<'a> Person<'a> {
    pub(super) const fn named(name: &'a str) -> Self {
        Self {
            name,
            represents: "",
            level: SUBSTANTIAL,
        }
    }
}

impl ThirdParty {
    /// A provider that does as it must.
    pub(super) fn start() -> Self {
        Self::start_with(&json!({}))
    }

    /// A provider with these settings besides the usual ones.
    pub(super) fn start_with(settings: &Value) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "there is no oidc-provider: tests/run installs it (npm ci in tests/browser)"
        );
        let client = |id| json!({"id": id, "redirectUri": BACK, "postLogoutRedirectUri": BACK_FROM_LOGOUT});
        let mut all = json!({"clients": [client(CLIENT), client("another")], "levels": [SUBSTANTIAL, LOW]});
        for (name, value) in settings.as_object().expect("settings are an object") {
            all[name] = value.clone();
        }
        let mut process = Command::new("node")
            .arg("provider.mjs")
            .arg(all.to_string())
            .current_dir(folder)
            .env("NODE_NO_WARNINGS", "1")
            // It ends with its standard input, so even when this test is killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed, as tests/run does");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let issuer = output
            .lines()
            .map_while(Result::ok)
            .find(|line| line.starts_with("http://"))
            .expect("the provider says where it listens");
        Self { issuer, process }
    }

    /// What a gateway must be configured with to use it.
    pub(super) fn config(&self) -> ResidentConfig {
        ResidentConfig {
            openid: OpenIdConfig {
                issuer: self.issuer.clone(),
                client_id: CLIENT.to_owned(),
                client_secret_file: None,
                redirect_uri: BACK.to_owned(),
                scope: "openid".to_owned(),
                acr_values: Some(SUBSTANTIAL.to_owned()),
                levels_of_assurance: [
                    (SUBSTANTIAL.to_owned(), Level::Substantial),
                    (LOW.to_owned(), Level::Low),
                ]
                .into(),
                required_level: Level::Substantial,
                post_logout_redirect_uri: Some(BACK_FROM_LOGOUT.to_owned()),
                roots_file: None,
            },
            pages: None,
        }
    }
}

impl Drop for ThirdParty {
    fn drop(&mut self) {
        // Killed twice does no harm.
        let _killed = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// Logs in on the provider's page; gives the query that the browser is sent back with.
pub(super) async fn log_in_at(browser: &mut Browser, url: &str, who: Person<'_>) -> String {
    let page = browser.open(url).await.expect("the provider's page");
    let form = page
        .form("to log in", |form| form.has("person"))
        .expect("a form to log in");
    let form = form
        .fill("person", who.name)
        .fill("represents", who.represents)
        .choose("level", who.level);
    query_back(&browser.send_and_leave(&page, &form).await.expect("back"))
}

/// The query of an address that leads back to the gateway.
pub(super) fn query_back(address: &str) -> String {
    let query = address.strip_prefix(BACK).and_then(|rest| rest.strip_prefix('?'));
    query
        .unwrap_or_else(|| panic!("{address} leads elsewhere"))
        .to_owned()
}
