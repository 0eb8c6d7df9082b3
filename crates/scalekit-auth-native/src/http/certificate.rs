//! Certificate verification by the platform's verifier, and a record of the issuers of the certificates seen:
//! of a TLS-inspecting proxy, a private CA or a captive portal. The record does not affect the verification.

use std::{
    collections::BTreeMap,
    error::Error,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use scalekit_auth::{CertificateFault, SeenCertificate};

/// The number of recorded hosts; the next TLS handshake clears the record.
const MAX_HOSTS: usize = 16;

/// The last certificate of each host.
#[derive(Debug, Clone, Default)]
pub struct SeenCertificates(Arc<Mutex<BTreeMap<String, SeenCertificate>>>);

impl SeenCertificates {
    /// The certificate that this host has presented last, accepted or rejected.
    pub fn of(&self, host: &str) -> Option<SeenCertificate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }

    fn record(&self, host: String, certificate: SeenCertificate) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_HOSTS {
            seen.clear();
        }
        seen.insert(host, certificate);
    }
}

/// reqwest's default TLS configuration, with the platform's verifier and a record of the certificates.
///
/// # Errors
/// When the system's root certificates cannot be read.
pub fn tls(seen: SeenCertificates) -> Result<ClientConfig, rustls::Error> {
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let platform = rustls_platform_verifier::Verifier::new(Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(RecordingVerifier {
            platform: Arc::new(platform),
            seen,
        }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Records the issuers, and returns the result of the platform's verifier.
#[derive(Debug)]
struct RecordingVerifier {
    platform: Arc<dyn ServerCertVerifier>,
    seen: SeenCertificates,
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(issuer) = issuer_of(end_entity) {
            let chain = intermediates.iter().filter_map(issuer_of).collect();
            let host = server_name.to_str().into_owned();
            self.seen.record(host, SeenCertificate { issuer, chain });
        }
        self.platform.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.platform.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.platform.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.platform.supported_verify_schemes()
    }
}

fn issuer_of(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(certificate.issuer().to_string()).filter(|issuer| !issuer.is_empty())
}

/// Why a certificate was rejected, if that is the error.
pub fn fault(why: &(dyn Error + 'static)) -> Option<CertificateFault> {
    let rustls::Error::InvalidCertificate(why) = tls_error(why)? else { return None };
    #[expect(clippy::wildcard_enum_match_arm, reason = "a list of rustls's, and it may grow")]
    Some(match why {
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateFault::NotYetValid
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateFault::Expired
        }
        CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::OtherName
        }
        CertificateError::Revoked => CertificateFault::Revoked,
        why => CertificateFault::Other(why.to_string()),
    })
}

/// The `rustls` error in this chain of errors.
fn tls_error<'a>(why: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(why);
    while let Some(why) = next {
        if let Some(found) = why.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // `source()` of an I/O error skips the wrapped error itself.
        next = match why.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => why.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_of_up_to_16_hosts_are_remembered() {
        let (seen, host) = (SeenCertificates::default(), |number| format!("host-{number}"));
        let certificate = SeenCertificate { issuer: "CN=A".to_owned(), chain: Vec::new() };
        (0..MAX_HOSTS).for_each(|number| seen.record(host(number), certificate.clone()));
        assert!((0..MAX_HOSTS).all(|number| seen.of(&host(number)).is_some()));
        seen.record(host(MAX_HOSTS), certificate);
        assert!(seen.of(&host(MAX_HOSTS)).is_some() && seen.of(&host(0)).is_none());
    }
}
