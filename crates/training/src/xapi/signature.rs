//! Signed statements (xAPI 1.0.3, part two, 2.6): an attachment that is a JSON Web Signature (RFC 7515) of the statement as
//! it was before. Whoever signs may be anybody: this finds mistakes, and says nothing of trust. Pure.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, DecodingKey, crypto, decode_header};
use rustls_pki_types::CertificateDer;
use serde_json::{Map, Value};
use webpki::EndEntityCert;

use super::{read, same};

/// What an attachment is used for that is a signature.
const USAGE: &str = "http://adlnet.gov/expapi/attachments/signature";
/// What a signature is.
pub(super) const MEDIA_TYPE: &str = "application/octet-stream";

/// Whether an attachment is a signature.
pub(super) fn is_one(attachment: &Map<String, Value>) -> bool {
    attachment.get("usageType").is_some_and(|usage| usage == USAGE)
}

/// The digest of a statement as it was before it was signed.
pub(super) fn unsigned(statement: &Map<String, Value>) -> String {
    let mut before = statement.clone();
    if let Some(attachments) = before.get_mut("attachments").and_then(Value::as_array_mut) {
        attachments.retain(|one| !one.as_object().is_some_and(is_one));
        if attachments.is_empty() {
            before.remove("attachments");
        }
    }
    same::digest(&before)
}

/// The digest of the statement that is signed, or what is wrong with the signature. Where it names a certificate, it is
/// one by that certificate's key.
pub(super) fn signed(signature: &[u8]) -> Result<String, &'static str> {
    const FORM: &str = "must be a compact JWS of RS256, RS384 or RS512";
    let text = str::from_utf8(signature).map_err(|_| FORM)?;
    let (signed, signature) = text.rsplit_once('.').ok_or(FORM)?;
    let (_, payload) = signed.split_once('.').ok_or(FORM)?;
    let header = decode_header(text).map_err(|_| FORM)?;
    let is_right = matches!(header.alg, Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512);
    let is_bytes = URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| !bytes.is_empty());
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| FORM)?;
    if !is_right || !is_bytes {
        return Err(FORM);
    }
    if let Some(chain) = header.x5c_der().map_err(|_| "must have certificates as its x5c")? {
        let key =
            chain.first().and_then(|leaf| key_of(leaf)).ok_or("must have a certificate of an RSA key in its x5c")?;
        let holds = crypto::verify(signature, signed.as_bytes(), &key, header.alg);
        holds.is_ok_and(|holds| holds).then_some(()).ok_or("is not one by the certificate in its x5c")?;
    }
    match read::parsed(&payload) {
        Ok(Value::Object(mut statement)) => {
            read::list_activities(&mut statement);
            Ok(unsigned(&statement))
        }
        _ => Err("must sign a statement"),
    }
}

/// The RSA key that a certificate is for.
fn key_of(certificate: &[u8]) -> Option<DecodingKey> {
    let certificate = CertificateDer::from(certificate);
    let key = EndEntityCert::try_from(&certificate).ok()?.subject_public_key_info();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&key));
    DecodingKey::from_rsa_pem(pem.as_bytes()).ok()
}
