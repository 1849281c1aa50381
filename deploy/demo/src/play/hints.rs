//! How to go on by hand, once the play is over.

use std::fmt::Write as _;

use super::house::House;
use super::people::{ANS, NOOR, ORGANISATIONS, Who};
use super::story::lay_out_files;
use crate::DemoError;
use crate::provider::resident_config;

/// Writes what the commands need beside the mesh, and says which commands there are.
pub(super) fn for_going_on(house: &House) -> Result<String, DemoError> {
    let directory = house.directory();
    let files = lay_out_files(directory)?;
    let config = directory.join("sluis.toml");
    std::fs::write(&config, configuration(house)).map_err(DemoError::file("write", &config))?;
    let (config, files) = (config.display(), files.display());
    let (welfare, ggz) = (house.profile(Who::Welfare), house.profile(Who::Ggz));
    let welfare = format!("sluis --profile {} --professional anna", welfare.display());
    let ggz = format!("sluis --profile {} --professional bas", ggz.display());
    let oin = ORGANISATIONS[Who::Ggz as usize].oin;
    let own = ORGANISATIONS[Who::Welfare as usize].oin;
    let mut hints = format!(
        "\nThe mesh stays up, and a request waits for {NOOR}. Open {site} in a browser, log in as\n  {NOOR}\n\
         grant what is asked, and watch here what the partners do. Log in as {ANS} to see her log.\n\n\
         Partners connect to {}, and the development login is {}.\n\
         Everything lies in {} and goes when you stop it (Ctrl-C). To go on with commands:\n",
        house.mesh.address(),
        house.provider.issuer(),
        directory.display(),
        site = house.site,
    );
    for command in [
        format!("sluisd --config {config} resident \"{ANS}\" log"),
        format!("sluisd --config {config} resident Zoë code {own}"),
        format!("{welfare} link CODE --as zoe"),
        format!("{welfare} consent ask --with {oin} --resident zoe"),
        format!("sluisd --config {config} resident Zoë requests"),
        format!("sluisd --config {config} resident Zoë grant ID"),
        format!(
            "{welfare} send --to {oin} --resident zoe --file {files}/verwijzing.json --attach {files}/plan.pdf --attach-kind PLAN"
        ),
        format!("{ggz} inbox"),
        format!("{ggz} open ID"),
        format!("sluisd --config {config} resident Zoë withdraw ID"),
    ] {
        let _ = writeln!(hints, "  {command}");
    }
    hints.push_str("`sluisd` is this program; `sluis` is built with `cargo build --release -p sluis-cli`.");
    Ok(hints)
}

/// The configuration of the running mesh, for commands beside it.
fn configuration(house: &House) -> String {
    let config = &house.config;
    let openid = resident_config(house.provider.port()).openid;
    let listeners = house.mesh.listeners();
    let path = |path: &std::path::Path| toml_text(&path.display().to_string());
    let mut text = format!(
        "mesh_id = {}\ndata_dir = {}\nkeys_dir = {}\nbucket_dir = {}\n\n[gateway]\nlisten = \"{}\"\n\n\
         [gateway.resident.openid]\nissuer = {}\nclient_id = {}\nredirect_uri = {}\nacr_values = {}\n\n\
         [gateway.resident.openid.levels_of_assurance]\n",
        toml_text(&config.mesh_id),
        path(&config.data_dir),
        path(&config.keys_dir),
        path(&config.bucket_dir()),
        house.mesh.address(),
        toml_text(&openid.issuer),
        toml_text(&openid.client_id),
        toml_text(&openid.redirect_uri),
        toml_text(openid.acr_values.as_deref().unwrap_or_default()),
    );
    for acr in openid.levels_of_assurance.keys() {
        let _ = writeln!(text, "{} = \"substantial\"", toml_text(acr));
    }
    for (name, address) in [
        ("registry", listeners.registry),
        ("consent", listeners.consent),
        ("referral", listeners.referral),
        ("signalling", listeners.signalling),
        ("matching", listeners.matching),
    ] {
        if let Some(address) = address {
            let _ = writeln!(text, "\n[{name}]\nlisten = \"{address}\"");
        }
    }
    text
}

/// A basic string of TOML.
fn toml_text(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
