//! What every command works with: the profile, who acts, the screen.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sluis_client::{Environment, Error, Partner, Professional, Profile};
use sluis_types::ProfessionalRole;

use crate::arguments::Global;
use crate::failure::Failure;
use crate::screen::Screen;

/// The file in a profile that says who acts when nobody says otherwise.
pub(crate) const PROFESSIONAL_FILE: &str = "professional.json";

/// What every command works with.
pub(crate) struct Context<'a> {
    pub(crate) global: Global,
    pub(crate) screen: Screen<'a>,
    pub(crate) environment: Environment,
    pub(crate) variable: fn(&str) -> Option<OsString>,
}

/// `professional.json`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredProfessional {
    /// The organisation's own name for the professional.
    pub(crate) id: String,
    /// Name of the role.
    pub(crate) role: String,
}

impl Context<'_> {
    /// The profile's directory: `--profile`, `$SLUIS_PROFILE`, or `sluis` in the user's data directory (XDG).
    pub(crate) fn directory(&self) -> Result<PathBuf, Failure> {
        if let Some(given) = &self.global.profile {
            return Ok(given.clone());
        }
        let directory = |name: &str| {
            (self.variable)(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        directory("XDG_DATA_HOME")
            .or_else(|| directory("HOME").map(|home| home.join(".local/share")))
            .map(|data| data.join("sluis"))
            .ok_or_else(|| Failure::usage("where is the profile? Say it with --profile DIR"))
    }

    /// The enrolled organisation's profile.
    pub(crate) fn profile(&self) -> Result<Profile, Failure> {
        let directory = self.directory()?;
        if !directory.join("profile.json").exists() {
            return Err(Failure::local(
                format!("no organisation is enrolled in {}", directory.display()),
                "Enrol with `sluis enrol INVITATION.json`, or say with --profile where the profile is.",
            ));
        }
        Ok(Profile::open(&directory)?)
    }

    /// The mesh, for the professional who acts.
    pub(crate) fn connect(&self) -> Result<Partner, Failure> {
        self.connect_as(None)
    }

    /// The mesh, in a role that a command needs unless the user says another.
    pub(crate) fn connect_as(&self, role: Option<ProfessionalRole>) -> Result<Partner, Failure> {
        let profile = self.profile()?;
        let mut professional = self.professional()?;
        if let (Some(role), None) = (role, self.global.role) {
            professional.role = role;
        }
        Ok(Partner::connect(profile, professional, self.environment.clone())?)
    }

    /// Who acts.
    pub(crate) fn professional(&self) -> Result<Professional, Failure> {
        let stored = self.stored_professional()?;
        let stored_role = stored.as_ref().map(role_of).transpose()?;
        let user = || (self.variable)("USER").and_then(|user| user.into_string().ok());
        let id = self
            .global
            .professional
            .clone()
            .or(stored.map(|stored| stored.id))
            .or_else(user);
        let id = id
            .filter(|id| !id.is_empty())
            .ok_or_else(|| Failure::usage("who acts? Say it with --professional ID"))?;
        let role = self
            .global
            .role
            .or(stored_role)
            .unwrap_or(ProfessionalRole::Professional);
        Ok(Professional { id, role })
    }

    fn stored_professional(&self) -> Result<Option<StoredProfessional>, Failure> {
        let path = self.directory()?.join(PROFESSIONAL_FILE);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(
                serde_json::from_slice(&bytes).map_err(|error| malformed(&error))?,
            )),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::file(&path, error)),
        }
    }
}

fn role_of(stored: &StoredProfessional) -> Result<ProfessionalRole, Failure> {
    ProfessionalRole::from_name(&stored.role).map_err(|error| malformed(&error))
}

fn malformed(why: &dyn std::fmt::Display) -> Failure {
    Failure::Sdk(Error::Malformed {
        what: PROFESSIONAL_FILE.to_owned(),
        why: why.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::tz::TimeZone;

    use super::*;

    /// Lets a test look at what a context made of its arguments and variables.
    fn with<T>(
        profile: Option<&Path>,
        variable: fn(&str) -> Option<OsString>,
        professional: Option<&str>,
        look: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        let global = Global {
            profile: profile.map(Path::to_owned),
            professional: professional.map(str::to_owned),
            role: None,
            json: false,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let screen = Screen::new(&global, &TimeZone::UTC).on(&mut out, false, &mut err, false);
        look(&Context {
            global,
            screen,
            environment: Environment::system(),
            variable,
        })
    }

    fn nothing(_: &str) -> Option<OsString> {
        None
    }

    fn home(name: &str) -> Option<OsString> {
        (name == "HOME").then(|| "/home/w".into())
    }

    fn data(name: &str) -> Option<OsString> {
        (name == "XDG_DATA_HOME")
            .then(|| "/data".into())
            .or_else(|| home(name))
    }

    #[test]
    fn the_profile_is_where_the_user_or_the_system_says() {
        let look = |context: &Context<'_>| context.directory();
        let directory = |profile, variable| with(profile, variable, None, look);
        assert_eq!(
            directory(Some(Path::new("here")), data).expect("given"),
            Path::new("here")
        );
        assert_eq!(
            directory(None, data).expect("a data directory"),
            Path::new("/data/sluis")
        );
        assert_eq!(
            directory(None, home).expect("a home"),
            Path::new("/home/w/.local/share/sluis")
        );
        assert!(matches!(directory(None, nothing), Err(Failure::Usage { .. })));
    }

    #[test]
    fn who_acts_is_said_stored_or_the_user() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        let user = |name: &str| (name == "USER").then(|| OsString::from("w.jansen"));
        let who = |variable, given| {
            with(Some(path), variable, given, |context| {
                context
                    .professional()
                    .map(|professional| (professional.id, professional.role))
            })
        };
        let by_default = ProfessionalRole::Professional;
        assert_eq!(
            who(user, None).expect("the user"),
            ("w.jansen".to_owned(), by_default)
        );
        assert!(matches!(who(nothing, None), Err(Failure::Usage { .. })));
        std::fs::write(path.join(PROFESSIONAL_FILE), r#"{"id":"desk","role":"INTAKER"}"#).expect("written");
        assert_eq!(
            who(user, None).expect("stored"),
            ("desk".to_owned(), ProfessionalRole::Intaker)
        );
        assert_eq!(
            who(user, Some("b")).expect("given"),
            ("b".to_owned(), ProfessionalRole::Intaker)
        );
        std::fs::write(path.join(PROFESSIONAL_FILE), r#"{"id":"desk","role":"BOSS"}"#).expect("written");
        assert_eq!(who(user, None).expect_err("no role").exit(), crate::Exit::Local);
    }

    #[test]
    fn without_a_profile_it_says_how_to_get_one() {
        let directory = tempfile::tempdir().expect("a directory");
        let failure = with(Some(directory.path()), nothing, Some("a"), |context| {
            context.connect().err()
        });
        assert!(
            failure
                .expect("no profile")
                .human()
                .contains("sluis enrol INVITATION.json")
        );
    }
}
