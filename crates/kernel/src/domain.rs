//! Internet domains of companies.

/// Longest input, in characters, that is looked at.
const MAX_INPUT_CHARS: usize = 1024;

/// The registrable domain ("acme.co.uk") of a host, URL or e-mail address, in lower-case ASCII (punycode for an IDN).
///
/// By the public-suffix list compiled into the `psl` crate (<https://publicsuffix.org>), private suffixes included: two users of
/// `github.io` are two owners. A top-level domain that the list does not know counts as a suffix, as the list's own algorithm says.
/// `None` for an IP address, a single label, a bare public suffix, and anything that is not a valid host name of at most 253 characters (RFC 1035, UTS 46).
pub fn registrable_domain(input: &str) -> Option<String> {
    let host = host_name(input)?;
    let domain = psl::domain(host.as_bytes())?;
    str::from_utf8(domain.as_bytes()).ok().map(str::to_owned)
}

/// The host name ("shop.acme.co.uk") of a host, URL or e-mail address, in lower-case ASCII (punycode for an IDN).
///
/// `None` for an IP address, a single label, and anything that is not a valid host name of at most 253 characters
/// (RFC 1035, UTS 46).
pub fn host_name(input: &str) -> Option<String> {
    if input.chars().nth(MAX_INPUT_CHARS).is_some() {
        return None;
    }
    let host = match url::Host::parse(host_part(input)).ok()? {
        url::Host::Domain(host) => host,
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => return None,
    };
    let host = host.strip_suffix('.').unwrap_or(&host);
    let valid = host.len() <= 253 && host.contains('.') && host.split('.').all(is_valid_label);
    valid.then(|| host.to_owned())
}

/// Cuts scheme, path, user and port away. The path goes before the user is looked for, as in a browser: otherwise
/// `acme.com/@rival.com` would name the rival.
fn host_part(input: &str) -> &str {
    let input = input.trim();
    let rest = input
        .split_once("//")
        .filter(|(scheme, _)| scheme.is_empty() || scheme.ends_with(':'))
        .map_or(input, |(_, rest)| rest);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().trim_end_matches('>');
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_valid_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn domains_are_found_in_hosts_urls_and_addresses() {
        for (input, domain) in [
            ("acme.com", "acme.com"),
            ("https://www.EU.Acme.co.uk/path?q=@x#y", "acme.co.uk"),
            ("eu.acme.co.uk.", "acme.co.uk"),
            (" Jane Doe <jane.doe@Mail.Acme.com> ", "acme.com"),
            ("mailto:jane@acme.com?subject=deal", "acme.com"),
            ("https://user:secret@acme.com:8443", "acme.com"),
            ("acme.com/@rival.com", "acme.com"),
            ("//acme.com", "acme.com"),
            ("münchen-gmbh.de", "xn--mnchen-gmbh-thb.de"),
            ("xn--mnchen-gmbh-thb.de", "xn--mnchen-gmbh-thb.de"),
            ("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
            ("a.github.io", "a.github.io"),
            ("www.a.github.io", "a.github.io"),
            ("www.ck", "www.ck"),
            ("eu.acme.example", "acme.example"),
        ] {
            assert_eq!(registrable_domain(input).as_deref(), Some(domain), "{input}");
        }
    }

    #[test]
    fn what_nobody_can_register_is_no_domain() {
        let (label, host) = (format!("{}.com", "a".repeat(64)), format!("{}com", "a.".repeat(126)));
        let endless = format!("acme.com/{}", "a".repeat(2000));
        for input in [
            "",
            ".",
            "..",
            "localhost",
            "com",
            "co.uk",
            "github.io",
            "foo.ck",
            "192.168.1.1",
            "http://[::1]:80/",
            "::1",
            "2130706433",
            "-acme.com",
            "acme-.com",
            "ac_me.com",
            "ac me.com",
            "acme..com",
            ".acme.com",
            "acme.com..",
            "xn--a.com",
            "@",
            "https://",
            label.as_str(),
            host.as_str(),
            endless.as_str(),
        ] {
            assert_eq!(registrable_domain(input), None, "{input}");
        }
    }

    proptest! {
    #[test]
    fn any_text_is_a_domain_or_none(text in ".{0,60}", host in "[a-zé0-9.-]{1,20}\\.(com|co\\.uk|github\\.io|zzz)") {
        for domain in [registrable_domain(&text), registrable_domain(&host)].into_iter().flatten() {
            prop_assert!(domain.is_ascii() && domain.len() <= 253 && domain.contains('.'));
            prop_assert_eq!(registrable_domain(&domain), Some(domain.clone()));
            prop_assert_eq!(registrable_domain(&format!("https://www.{domain}:443/x")), Some(domain));
        }
    }

    }
}
