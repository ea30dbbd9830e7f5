//! A captcha instead of a proof of work: the widget's token is checked with its provider.
//!
//! The form `siteverify` is spoken by hCaptcha (<https://docs.hcaptcha.com>), Cloudflare Turnstile
//! (<https://developers.cloudflare.com/turnstile>) and reCAPTCHA alike: a POST of `secret`, `response` and `remoteip`,
//! answered by `{"success": true}`.

use std::time::Duration;

use database::Result;
use kernel::{Code, Error};
use serde::Deserialize;

use crate::challenge::refused;

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// A captcha's provider.
#[derive(Clone)]
pub struct Captcha {
    url: String,
    secret: String,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct Verdict {
    success: bool,
}

impl Captcha {
    /// Prepares to ask the provider at this URL, which knows us by the secret.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(url: String, secret: String) -> std::result::Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { url, secret, http })
    }

    /// Whether the provider says that a person has solved it.
    ///
    /// # Errors
    /// `proof_required` when it says no; `captcha_unavailable` when it says nothing.
    pub async fn verify(&self, token: &str, address: Option<&str>) -> Result<()> {
        let verdict = self.ask(token, address).await.map_err(|error| {
            tracing::warn!(error, "cannot verify a captcha");
            Error::new(Code::CaptchaUnavailable, "The captcha's provider does not answer.")
        })?;
        if verdict.success {
            Ok(())
        } else {
            Err(refused("/captcha", "wrong", "is not one that the provider accepts").into())
        }
    }

    async fn ask(&self, token: &str, address: Option<&str>) -> std::result::Result<Verdict, String> {
        let mut form = vec![("secret", self.secret.as_str()), ("response", token)];
        form.extend(address.map(|address| ("remoteip", address)));
        let answer = self.http.post(&self.url).form(&form).send().await.map_err(without_url)?;
        let mut answer = answer.error_for_status().map_err(without_url)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(without_url)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_ANSWER {
                return Err("its answer is too large".into());
            }
        }
        serde_json::from_slice(&body).map_err(|error| error.to_string())
    }
}

/// The URL may hold what only the operator knows.
fn without_url(error: reqwest::Error) -> String {
    error.without_url().to_string()
}
