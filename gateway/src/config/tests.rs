//! What is taken as a configuration, and what is not.

use super::*;

const GOOD: &str = r#"
    mesh_id = "mesh.example"
    [resident.openid]
    issuer = "http://127.0.0.1:9999"
    client_id = "sluis"
    redirect_uri = "https://mijn.example/terug"
    [resident.openid.levels_of_assurance]
    "urn:example:loa3" = "substantial"
"#;

fn read(text: &str) -> Result<Config, ::config::ConfigError> {
    let file = ::config::File::from_str(text, ::config::FileFormat::Toml);
    let source = ::config::Config::builder().add_source(file).build()?;
    source.try_deserialize()
}

fn parsed(text: &str) -> Config {
    read(text).expect("well-formed")
}

#[test]
fn a_plain_configuration_is_taken_and_unknown_settings_are_not() {
    assert_eq!(parsed(GOOD).check(), Ok(()));
    assert_eq!(parsed("mesh_id = \"m\"").check(), Ok(()));
    assert!(read(&GOOD.replace("client_id", "client")).is_err());
    assert!(read(&GOOD.replace("\"substantial\"", "\"certain\"")).is_err());
}

#[test]
fn what_cannot_be_is_named() {
    let cases = [
        ("mesh.example", "", "mesh_id"),
        ("http://127.0.0.1:9999", "http://login.example", "issuer"),
        ("http://127.0.0.1:9999", "ftp://127.0.0.1", "issuer"),
        ("http://127.0.0.1:9999", "https://user@login.example", "issuer"),
        ("http://127.0.0.1:9999", "https://login.example", "roots_file"),
        ("http://127.0.0.1:9999", "http://127.0.0.1:9999/?a=b", "issuer"),
        (
            "https://mijn.example/terug",
            "http://mijn.example/terug",
            "redirect_uri",
        ),
        ("\"sluis\"", "\"\"", "client_id"),
        (
            "client_id",
            "post_logout_redirect_uri = \"http://mijn.example\"\nclient_id",
            "post_logout_redirect_uri",
        ),
    ];
    for (from, to, setting) in cases {
        let error = parsed(&GOOD.replace(from, to)).check().expect_err(to);
        assert_eq!(error.setting, setting, "{to}: {error}");
    }
    let mut config = parsed(GOOD);
    let openid = &mut config.resident.as_mut().expect("it is there").openid;
    openid.scope = "profile openids".into();
    assert_eq!(config.check().map_err(|it| it.setting), Err("scope"));
}

const PAGES: &str = r#"
    [resident.pages]
    listen = "127.0.0.1:0"
    public_url = "https://mijn.example"
"#;

#[test]
fn pages_are_served_where_the_login_comes_back() {
    let good = format!("{GOOD}{PAGES}");
    assert_eq!(parsed(&good).check(), Ok(()));
    let cases = [
        (
            "https://mijn.example\"\n",
            "http://mijn.example\"\n",
            "public_url",
        ),
        (
            "https://mijn.example\"\n",
            "https://mijn.example/\"\n",
            "public_url",
        ),
        (
            "https://mijn.example\"\n",
            "https://ander.example\"\n",
            "redirect_uri",
        ),
        ("/terug", "/terug?a=b", "redirect_uri"),
        ("/terug", "/vragen", "redirect_uri"),
        ("/terug", "", "redirect_uri"),
        (
            "client_id",
            "post_logout_redirect_uri = \"https://mijn.example/terug\"\nclient_id",
            "post_logout_redirect_uri",
        ),
        ("127.0.0.1:0", "0.0.0.0:443", "pages.tls"),
    ];
    for (from, to, setting) in cases {
        let changed = good.replace(from, to);
        assert_ne!(changed, good, "{to}");
        let error = parsed(&changed).check().expect_err(to);
        assert_eq!(error.setting, setting, "{to}: {error}");
    }
    assert_eq!(
        origin_of("https://a.example:8443/b?c#d"),
        "https://a.example:8443"
    );
    assert_eq!(origin_of("https://a.example?c"), "https://a.example");
}

#[test]
fn a_level_that_nobody_reaches_cannot_be_required() {
    let mut config = parsed(GOOD);
    let openid = &mut config.resident.as_mut().expect("it is there").openid;
    assert_eq!(openid.required_level, Level::Substantial);
    openid.required_level = Level::High;
    assert_eq!(config.check().map_err(|it| it.setting), Err("required_level"));
}

#[test]
fn clear_text_stays_within_the_machine() {
    for text in ["http://127.0.0.1:80/x", "http://[::1]:7000", "http://localhost"] {
        assert_eq!(endpoint(text).expect(text).transport, Transport::Loopback);
    }
    for text in [
        "http://127.0.0.1.example",
        "http://10.0.0.1",
        "http://[::2]",
        "https:///x",
        "x",
    ] {
        assert!(endpoint(text).is_err(), "{text}");
    }
    let tls = endpoint("https://login.example/a").expect("well-formed");
    assert_eq!((tls.port, tls.host.as_str()), (443, "login.example"));
}
