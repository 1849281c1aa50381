//! What stands in a reference to something under a grant: the grant, and the thing as it was shown.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use prost::Message;
use sluis_types::GrantId;

use super::frame::Place;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::{Visit, is_from_elsewhere};

/// A reference to something under a grant, as it is shown now.
pub(super) fn refer(site: &Site, visit: &Visit, kind: Kind, grant: GrantId, shown: &impl Message) -> String {
    let parts = [grant.to_string().into_bytes(), shown.encode_to_vec()];
    site.references().seal(kind, visit.key(), &parts)
}

/// The grant in a reference, and what stood on it as it was shown.
///
/// # Errors
/// [`Problem::NotFound`] for what [`refer`] did not make in this session for this kind of thing.
pub(super) fn referred<M: Message + Default>(
    site: &Site,
    visit: &Visit,
    kind: Kind,
    reference: &str,
) -> Result<(GrantId, M), Problem> {
    let parts = site.references().open(kind, visit.key(), reference);
    let parts = parts.ok_or(Problem::NotFound)?;
    let [grant, shown] = parts.as_slice() else {
        return Err(Problem::NotFound);
    };
    let grant = std::str::from_utf8(grant).map_err(|_| Problem::NotFound)?;
    let shown = M::decode(shown.as_slice()).map_err(|_| Problem::NotFound)?;
    Ok((grant.parse().map_err(|_| Problem::NotFound)?, shown))
}

/// That somebody did not come by a link on another site. Looking costs tickets, which stand in the resident's log: only
/// who comes from here may cause that. Who follows a link from elsewhere begins at the overview.
pub(super) struct FromHere;

impl<S: Sync> FromRequestParts<S> for FromHere {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        if is_from_elsewhere(&parts.headers) {
            return Err(Redirect::to(Place::Start.path()).into_response());
        }
        Ok(Self)
    }
}
