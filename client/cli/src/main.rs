//! `sluis`: the partner's command.

use std::process::ExitCode;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    sluis_client::install_crypto_provider();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let surroundings = sluis_cli::Surroundings::of_this_process(&mut out, &mut err);
    sluis_cli::run(std::env::args_os(), surroundings).await.into()
}
