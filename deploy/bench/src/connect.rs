//! mTLS as any gRPC client does it, with tonic's own TLS.

use std::net::SocketAddr;

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::error::{BenchError, failed};

/// What one end shows and trusts, in PEM.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) ca: String,
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Credentials {
    /// A connection of its own, made now: what is measured later is no handshake.
    pub(crate) async fn connect(&self, address: SocketAddr, name: &str) -> Result<Channel, BenchError> {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&self.ca))
            .identity(Identity::from_pem(&self.chain, &self.key))
            .domain_name(name);
        Endpoint::from_shared(format!("https://{address}"))
            .and_then(|endpoint| endpoint.tls_config(tls))
            .map_err(failed("a client's TLS"))?
            .tcp_nodelay(true)
            .connect()
            .await
            .map_err(failed("connecting"))
    }
}
