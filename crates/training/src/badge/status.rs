//! Whether a credential was revoked, as verifiers read it: a Bitstring Status List (W3C), one for each credential. A list of
//! many would tell of others, and whoever checks one asks this server anyway.

use kernel::Timestamp;
use serde_json::{Value, json};

use super::Places;
use crate::CredentialId;

/// 131,072 bits, the fewest that a list may have, zipped, in base64url: none is set.
const STANDS: &str = "uH4sIAAAAAAAC_-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
/// The first is set.
const REVOKED: &str = "uH4sIAAAAAAAC_-3BIQEAAAACIKc73RkWoAEAAAAAAAAAAAAAAAAAAADeBuRZQ2cAQAAA";

/// What a credential says of where its status is.
pub(super) fn entry(places: &Places, id: CredentialId) -> Value {
    json!({
        "id": format!("{}#0", places.status(id)),
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "0",
        "statusListCredential": places.status(id),
    })
}

/// The status list of a credential, good until a time.
pub fn revocation(places: &Places, id: CredentialId, is_revoked: bool, until: Timestamp) -> Value {
    let encoded = if is_revoked { REVOKED } else { STANDS };
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": places.status(id),
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": places.issuer(),
        "validUntil": until,
        "credentialSubject": {
            "id": format!("{}#list", places.status(id)),
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
        "iss": places.issuer(),
        "jti": places.status(id),
        "sub": format!("{}#list", places.status(id)),
        "exp": until.as_seconds(),
    })
}
