//! GetReceiptKeys: what anybody needs to verify a receipt, also one that was signed with a key that was replaced since.

use serde_json::{Map, Value};
use sluis_envelope::consent_receipt_jwk;
use sluis_proto::consent::v1::{GetReceiptKeysRequest, GetReceiptKeysResponse};
use sluis_serve::{MeshRole, Refusal};
use tonic::Request;

use super::require_role;
use crate::desk::Desk;
use crate::error::{CommandError, store_refusal};
use crate::store::{ReceiptKey, receipt_keys};

pub(super) async fn handle(
    desk: &Desk,
    request: &Request<GetReceiptKeysRequest>,
) -> Result<GetReceiptKeysResponse, Refusal> {
    require_role(request, &[MeshRole::Gateway])?;
    let mut read = desk
        .store
        .read("GetReceiptKeys")
        .await
        .map_err(|error| store_refusal(&error))?;
    let keys = receipt_keys(&mut read.tx()).await;
    let keys: Vec<Value> = keys.map_err(CommandError::Store)?.iter().map(jwk).collect();
    Ok(GetReceiptKeysResponse {
        jwk_set: serde_json::json!({ "keys": keys }).to_string(),
    })
}

/// A key as a JWK, with the time in which it signed as OpenID Federation gives it for keys of the past: `nbf` and, for a
/// key that was replaced, `exp`, in seconds of Unix time.
fn jwk(signed: &ReceiptKey) -> Value {
    let jwk = consent_receipt_jwk(&signed.key);
    let mut jwk: Map<String, Value> = serde_json::from_str(&jwk).expect("a JWK is an object");
    jwk.insert("nbf".to_owned(), signed.from.seconds().into());
    if let Some(until) = signed.until {
        jwk.insert("exp".to_owned(), until.seconds().into());
    }
    jwk.into()
}
