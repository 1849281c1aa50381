//! HAProxy before the bare echo, mTLS on both sides, where it is on PATH.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::connect::Credentials;
use crate::error::{BenchError, failed};
use crate::yardstick::echo::{BareEcho, ECHO_NAME};

/// How often it is looked whether the proxy listens, 20 ms apart.
const TRIES: u32 = 250;

/// A running HAProxy; it ends with this value.
#[derive(Debug)]
pub(crate) struct Haproxy {
    pub(crate) address: SocketAddr,
    process: Child,
}

impl Haproxy {
    /// Starts one with as many threads as there are cores.
    pub(crate) async fn start(directory: &Path, echo: &BareEcho) -> Result<Self, BenchError> {
        let wrong = || failed("HAProxy");
        fs::create_dir_all(directory).map_err(wrong())?;
        let front = write_pem(directory, "front.pem", &echo.server)?;
        let back = write_pem(directory, "back.pem", &echo.client)?;
        let ca = directory.join("ca.pem");
        fs::write(&ca, &echo.server.ca).map_err(wrong())?;
        // Taken and given back: HAProxy binds it itself.
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(wrong())?;
        let address = listener.local_addr().map_err(wrong())?;
        drop(listener);
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (ca, echo) = (ca.display(), echo.address);
        let text = format!(
            "global\n  nbthread {threads}\n  ssl-default-bind-options ssl-min-ver TLSv1.3\n  \
             ssl-default-server-options ssl-min-ver TLSv1.3\n\
             defaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
             frontend partners\n  bind {address} ssl crt {front} ca-file {ca} verify required alpn h2\n  \
             default_backend service\n\
             backend service\n  server echo {echo} ssl crt {back} ca-file {ca} verify required verifyhost {ECHO_NAME} \
             sni str({ECHO_NAME}) alpn h2\n"
        );
        let file = directory.join("haproxy.cfg");
        fs::write(&file, text).map_err(wrong())?;
        let process = Command::new("haproxy")
            .args(["-db", "-q", "-f"])
            .arg(&file)
            .stdout(Stdio::null())
            .spawn()
            .map_err(wrong())?;
        let proxy = Self { address, process };
        for _ in 0..TRIES {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(proxy);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(BenchError::Option("HAProxy did not begin to listen".to_owned()))
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// Chain and key in one file, as HAProxy wants them.
fn write_pem(directory: &Path, name: &str, credentials: &Credentials) -> Result<String, BenchError> {
    let path = directory.join(name);
    fs::File::create(&path)
        .and_then(|mut file| {
            file.write_all(credentials.chain.as_bytes())?;
            file.write_all(credentials.key.as_bytes())
        })
        .map_err(failed("HAProxy's certificate"))?;
    Ok(path.display().to_string())
}
