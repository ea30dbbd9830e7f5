//! A badge as Open Badges 3.0 writes it, and as what is signed (8.2.4): the same with the claims of a JWT.

use kernel::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Badge, Places};

/// What the words mean. The third context defines that of the schema.
const CONTEXTS: [&str; 3] = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
];
/// What defines the keys in the profile of the issuer.
const KEYS_CONTEXT: &str = "https://www.w3.org/ns/cid/v1";
const SCHEMA: &str = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json";

impl Badge {
    /// The `OpenBadgeCredential`.
    pub fn document(&self, places: &Places) -> Value {
        let id = self.credential.id;
        let mut document = json!({
            "@context": CONTEXTS,
            "id": places.credential(id),
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": self.name,
            "image": {"id": places.picture(id), "type": "Image"},
            "issuer": profile(&self.issuer, places),
            "awardedDate": self.awarded,
            "validFrom": self.valid_from,
            "credentialSubject": self.subject(places),
            "credentialStatus": super::status::entry(places, id),
            "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        });
        put(&mut document, "validUntil", self.valid_until.map(|until| json!(until)));
        document
    }

    /// What is signed.
    pub fn claims(&self, places: &Places) -> Value {
        let id = self.credential.id;
        let mut claims = self.document(places);
        put(&mut claims, "iss", Some(places.issuer().into()));
        put(&mut claims, "jti", Some(places.credential(id).into()));
        put(&mut claims, "sub", Some(places.holder(id).into()));
        put(&mut claims, "nbf", Some(self.valid_from.as_seconds().into()));
        put(&mut claims, "exp", self.valid_until.map(|until| Timestamp::as_seconds(until).into()));
        claims
    }

    fn subject(&self, places: &Places) -> Value {
        let salt = self.credential.id.to_string();
        json!({
            "id": places.holder(self.credential.id),
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "identityType": "name", "hashed": false, "identityHash": self.holder},
                {"type": "IdentityObject", "identityType": "emailAddress", "hashed": true,
                 "identityHash": hash(&self.email, &salt), "salt": salt},
            ],
            "achievement": {
                "id": places.achievement(&self.credential.certification),
                "type": ["Achievement"],
                "achievementType": "Certification",
                "name": self.name,
                "description": self.description,
                "criteria": {"narrative": self.criteria},
                "version": self.credential.catalogue_version.to_string(),
            },
        })
    }
}

/// Who issues the credentials, with the key that signs them now.
pub fn issuer(name: &str, places: &Places, (key, jwk): (&str, &impl Serialize)) -> Value {
    let method = format!("{}{key}", places.keys());
    let mut issuer = profile(name, places);
    let [words, badges, _] = CONTEXTS;
    put(&mut issuer, "@context", Some(json!([words, badges, KEYS_CONTEXT])));
    put(&mut issuer, "assertionMethod", Some(json!([method])));
    let method = json!({"id": method, "type": "JsonWebKey", "controller": places.issuer(), "publicKeyJwk": jwk});
    put(&mut issuer, "verificationMethod", Some(json!([method])));
    issuer
}

fn profile(name: &str, places: &Places) -> Value {
    json!({"id": places.issuer(), "type": ["Profile"], "name": name, "url": places.home()})
}

/// An `IdentityHash`: whoever knows the address can see that it is theirs.
fn hash(address: &str, salt: &str) -> String {
    let digest = Sha256::new().chain_update(address).chain_update(salt).finalize();
    format!("sha256${}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

pub(super) fn put(object: &mut Value, member: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
        members.insert(member.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_hashed_as_the_specification_shows() {
        let shown = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399";
        assert_eq!(hash("a@example.com", "Kosher"), shown);
    }
}
