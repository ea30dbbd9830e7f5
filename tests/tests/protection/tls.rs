//! TLS from files, which may be renewed.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Output,
    sync::Arc,
    thread,
    time::Duration,
};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use reqwest::{
    Version,
    blocking::{Client, ClientBuilder, Response},
};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tests::{Database, Kind, Server, server::command, wire};

use super::{connect, send, until_hung_up};

/// A certificate and a key in files, and servers that show it.
struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    /// A new certificate for this machine.
    fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().expect("a folder") };
        files.renew();
        files
    }

    /// Puts another certificate and its key in place of those that are there; what a client is to trust.
    fn renew(&self) -> String {
        let CertifiedKey { cert, signing_key } = certificate();
        fs::write(self.key(), signing_key.serialize_pem()).expect("a key");
        fs::write(self.certificate(), cert.pem()).expect("a certificate");
        cert.pem()
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    fn pem(&self) -> String {
        fs::read_to_string(self.certificate()).expect("a certificate")
    }

    fn server(&self, kind: Kind) -> Server {
        let (certificate, key) = (self.certificate(), self.key());
        let environment = [
            ("ENTENTE_TLS_CERT", certificate.to_str().expect("a path")),
            ("ENTENTE_TLS_KEY", key.to_str().expect("a path")),
            ("ENTENTE_IDLE_SECONDS", "3"),
        ];
        Server::with(Arc::new(Database::empty(kind)), &environment)
    }

    /// What the command says when it cannot start with these files.
    fn refused(&self, certificate: &str, key: &str) -> String {
        let database = self.folder.path().join("entente.db");
        let mut command = command();
        // An address that is nobody's: had the files been taken, it would end there.
        command.args(["serve", "--listen", "192.0.2.1:1", "--database-url", database.to_str().expect("a path")]);
        let given = [("ENTENTE_TLS_CERT", certificate), ("ENTENTE_TLS_KEY", key)];
        command.envs(given.into_iter().filter(|(_, value)| !value.is_empty()));
        let Output { status, stderr, .. } = command.output().expect("the command");
        let said = String::from_utf8_lossy(&stderr).into_owned();
        assert!(!status.success(), "{said}");
        said
    }
}

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a certificate")
}

/// Who trusts this certificate and no other.
fn trusting(pem: &str) -> ClientBuilder {
    let _ = ring::default_provider().install_default();
    let trusted = reqwest::Certificate::from_pem(pem.as_bytes()).expect("a certificate");
    Client::builder().no_proxy().tls_certs_only([trusted]).timeout(Duration::from_secs(30))
}

fn get(client: ClientBuilder, url: &str) -> Result<Response, reqwest::Error> {
    client.build().expect("a client").get(url).send()
}

fn header(answer: &Response, name: &str) -> Option<String> {
    answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned())
}

fn the_server_speaks_tls_and_nothing_else(kind: Kind) {
    let files = Files::new();
    let server = files.server(kind);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let healthz = format!("{}/healthz", server.url);
    let answer = get(trusting(&files.pem()), &healthz).expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    assert_eq!(header(&answer, "strict-transport-security").as_deref(), Some("max-age=31536000"));
    let answer = get(trusting(&files.pem()).http1_only(), &healthz).expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_11));
    let answer = get(trusting(&files.pem()), &format!("{}/v1/me", server.url)).expect("an answer");
    assert_eq!(answer.status().as_u16(), 401);
    assert!(header(&answer, "strict-transport-security").is_some(), "a refusal tells it too");
    // Who does not trust the certificate gets no answer, and who speaks no TLS gets none either.
    assert!(get(trusting(&certificate().cert.pem()), &healthz).is_err());
    let plain = server.url.replace("https://", "http://");
    let said = wire::exchange(&plain, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(!said.contains("HTTP/1.1") && !said.contains("status"), "an answer without TLS: {said}");
    get(trusting(&files.pem()), &healthz).expect("an answer after that");
}

#[test]
fn the_server_speaks_tls_and_nothing_else_on_sqlite() {
    the_server_speaks_tls_and_nothing_else(Kind::Sqlite);
}

#[test]
fn the_server_speaks_tls_and_nothing_else_on_postgres() {
    the_server_speaks_tls_and_nothing_else(Kind::Postgres);
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart() {
    let files = Files::new();
    let server = files.server(Kind::Sqlite);
    let (healthz, old) = (format!("{}/healthz", server.url), files.pem());
    get(trusting(&old), &healthz).expect("an answer");
    // Half of it is there, and does not fit: the old one stays.
    fs::write(files.certificate(), certificate().cert.pem()).expect("a certificate");
    let until = |what: &str, holds: &dyn Fn() -> bool| {
        let held = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(50));
            holds()
        });
        assert!(held, "{what}: {}", server.log());
    };
    until("what does not fit is told", &|| server.log().contains("the renewed certificate is not good"));
    get(trusting(&old), &healthz).expect("an answer with the old one");
    let new = files.renew();
    until("the new one is shown", &|| get(trusting(&new), &healthz).is_ok());
    assert!(get(trusting(&old), &healthz).is_err());
    // Neither file's content is in the log.
    let key = fs::read_to_string(files.key()).expect("a key");
    let secret = key.lines().nth(1).expect("a line of the key");
    assert!(!server.log().contains(secret) && !server.log().contains("PRIVATE KEY"));
}

#[test]
fn what_is_wrong_with_the_files_is_said_by_name_of_the_variable() {
    let files = Files::new();
    let (certificate_path, key_path) = (files.certificate(), files.key());
    let (good, key) = (certificate_path.to_str().unwrap(), key_path.to_str().unwrap());
    let write = |name: &str, text: &str| {
        let path = files.folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let empty = write("empty.pem", "");
    let other = write("other.pem", &certificate().signing_key.serialize_pem());
    let whole = fs::read_to_string(&key_path).unwrap();
    let broken = write("broken.pem", &whole[..whole.len() / 2]);
    let missing = "/nowhere/at-all.pem";
    for (certificate, private, expected) in [
        (good, "", "ENTENTE_TLS_CERT is set and ENTENTE_TLS_KEY is not"),
        ("", key, "ENTENTE_TLS_KEY is set and ENTENTE_TLS_CERT is not"),
        (missing, key, "ENTENTE_TLS_CERT: cannot read /nowhere/at-all.pem"),
        (good, missing, "ENTENTE_TLS_KEY: cannot read /nowhere/at-all.pem"),
        (&empty, key, "ENTENTE_TLS_CERT: "),
        (key, key, "ENTENTE_TLS_CERT: "),
        (good, &empty, "ENTENTE_TLS_KEY: "),
        (good, good, "ENTENTE_TLS_KEY: "),
        (good, &broken, "ENTENTE_TLS_KEY: "),
        (good, &other, "is not that of the certificate"),
    ] {
        let said = files.refused(certificate, private);
        assert!(said.contains(expected), "{certificate} with {private}: {said}");
        assert!(!said.contains("PRIVATE KEY") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn old_versions_of_tls_are_not_spoken() {
    let files = Files::new();
    let server = files.server(Kind::Sqlite);
    for (version, spoken) in
        [(&rustls::version::TLS12, ProtocolVersion::TLSv1_2), (&rustls::version::TLS13, ProtocolVersion::TLSv1_3)]
    {
        assert_eq!(handshake(&server.url, version), Some(spoken));
    }
    // What a client of TLS 1.0 and of TLS 1.1 says first, as no library writes it any more.
    for version in [1_u8, 2] {
        let hello = hello(version);
        let said = wire::exchange(&server.url.replace("https://", "http://"), &hello);
        // At most an alert, which is no part of a handshake.
        assert!(said.is_empty() || said.as_bytes()[0] == 0x15, "TLS 1.{}: {said:?}", version - 1);
    }
}

#[test]
fn a_connection_on_which_nothing_is_asked_ends_with_tls_too() {
    let files = Files::new();
    let server = files.server(Kind::Sqlite);
    // Nothing but half a greeting.
    let mut silent = connect(&server.url.replace("https://", "http://"));
    assert!(send(&mut silent, &hello(3)[..20]));
    // Half a head after a whole request.
    let mut stream = secured(&server.url, &rustls::version::TLS13).expect("a connection");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: ").expect("half a request");
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest);
    // Without a farewell of TLS, as whoever hangs up does.
    let hung_up = ended.as_ref().err().map(std::io::Error::kind);
    assert!(matches!(hung_up, None | Some(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)), "{ended:?}");
    until_hung_up(&mut silent);
}

/// Which version both agree on.
fn handshake(url: &str, version: &'static rustls::SupportedProtocolVersion) -> Option<ProtocolVersion> {
    let mut stream = secured(url, version)?;
    stream.conn.complete_io(&mut stream.sock).ok()?;
    stream.conn.protocol_version()
}

/// A connection with this version of TLS, of somebody who trusts anybody.
fn secured(
    url: &str,
    version: &'static rustls::SupportedProtocolVersion,
) -> Option<StreamOwned<ClientConnection, TcpStream>> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[version]).ok()?;
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))).with_no_client_auth();
    let name = ServerName::try_from("localhost").ok()?;
    let connection = ClientConnection::new(Arc::new(config), name).ok()?;
    Some(StreamOwned::new(connection, connect(&url.replace("https://", "http://"))))
}

/// A greeting of a client that speaks this version at most (RFC 2246, 7.4.1.2).
fn hello(minor: u8) -> Vec<u8> {
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0x00, 0x2f, 0xc0, 0x13, 1, 0]);
    let mut message = vec![1, 0, 0, body.len() as u8];
    message.extend(body);
    let mut record = vec![0x16, 3, 1, 0, message.len() as u8];
    record.extend(message);
    record
}

/// Trusts anybody: these tests are about versions.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
