//! A cluster behind TLS: its certificate counts only where the authority that signed it is
//! trusted. The certificates are of these tests alone.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use expect_test::expect;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::support::esdr::Esdr;

const LOGIN: &str = r#"{"error":{"root_cause":[{"type":"security_exception","reason":"unable to authenticate user [esdr] for REST request [/]"}],"type":"security_exception","reason":"unable to authenticate user [esdr] for REST request [/]"},"status":401}"#;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name)
}

/// Answers every request behind TLS with 401, as a cluster with security does.
fn secured(certificate: &str) -> String {
    let chain = CertificateDer::pem_file_iter(data(certificate)).unwrap();
    let chain: Vec<_> = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(data("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that refuses the certificate goes away: that is what is tested.
            drop(answer(stream, Arc::clone(&config)));
        }
    });
    format!("https://{address}")
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? > 0 {
        request.push(byte[0]);
    }
    write!(
        stream,
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{LOGIN}",
        LOGIN.len()
    )?;
    stream.flush()
}

fn configured(url: &str, ca: &str) -> Esdr {
    let esdr = Esdr::bare();
    fs::copy(data(ca), esdr.path("ca.pem")).unwrap();
    let cluster = |name: &str| {
        format!("[clusters.{name}]\nurls = [\"{url}\"]\ntls = {{ ca = \"ca.pem\" }}\n\n")
    };
    let set =
        "[sets.orders]\nhome = \"clusterA\"\nstandby = \"clusterB\"\nindices = [\"orders\"]\n";
    esdr.write("esdr.toml", &format!("{}{}{set}", cluster("clusterA"), cluster("clusterB")));
    esdr
}

#[test]
fn a_certificate_of_another_authority_is_a_matter_of_configuration_and_no_dead_cluster() {
    let esdr = configured(&secured("server.pem"), "other-ca.pem");
    let output = esdr.args(["failover", "--to", "clusterB", "--yes"]).run().status(2);
    expect![[r#"
        esdr: TLS with clusterA failed: https://<address>: invalid peer certificate: UnknownIssuer.
        For the data  Nothing was changed.
        Next  mend [clusters.clusterA] in esdr.toml
    "#]]
    .assert_eq(&output.complaint());
    assert!(!esdr.path("state").exists());
}

const OUT_OF_DATE: &str = "\
esdr: TLS with clusterA failed: https://<address>: its certificate ran out on <date>.
For the data  Nothing was changed.
Next  renew the certificate of clusterA; it is not taken for dead
";

#[test]
fn a_certificate_that_has_run_out_is_no_dead_leader_whatever_is_accepted() {
    let esdr = configured(&secured("expired.pem"), "expired-ca.pem");
    for consent in ["--canary", "--accept-data-loss", "--leader-is-fenced"] {
        let output = esdr.args(["failover", "--to", "clusterB", "--yes", consent]).run();
        let said = output.status(2).complaint();
        assert_eq!(said, OUT_OF_DATE, "{consent}");
    }
    assert!(!esdr.path("state").exists());
}

#[test]
fn a_certificate_of_the_named_authority_is_trusted_and_the_cluster_is_heard() {
    let esdr = configured(&secured("server.pem"), "ca.pem");
    let output = esdr.args(["failover", "--to", "clusterB", "--yes"]).run().status(2);
    expect![[r#"
        esdr: clusterA refuses this user: GET /: 401 security_exception: unable to authenticate user [esdr]
              for REST request [/].
        For the data  Nothing was changed.
        Next  mend [clusters.clusterA] in esdr.toml
    "#]].assert_eq(&output.complaint());
}
