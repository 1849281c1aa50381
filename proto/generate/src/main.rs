//! Writes the generated code in `proto/src/gen` anew: `cargo run -p sluis-proto-generate`.
//!
//! Compiles the proto files in Rust (protox), so nobody needs protoc. With `--check` it writes nothing and ends
//! with 1 where a file on disk differs from what would be written.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use prost_reflect::prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Value};

const FILES: [&str; 18] = [
    "sluis/options/v1/options.proto",
    "sluis/options/v1/reason.proto",
    "sluis/registry/v1/registry.proto",
    "sluis/consent/v1/consent.proto",
    "sluis/consent/v1/assisted.proto",
    "sluis/consent/v1/receipt.proto",
    "sluis/consent/v1/representation.proto",
    "sluis/consent/v1/circle.proto",
    "sluis/consent/v1/legal_basis.proto",
    "sluis/consent/v1/notice.proto",
    "sluis/referral/v1/referral.proto",
    "sluis/matching/v1/directory.proto",
    "sluis/matching/v1/place.proto",
    "sluis/matching/v1/attached_place.proto",
    "sluis/matching/v1/introduction.proto",
    "sluis/matching/v1/housing.proto",
    "sluis/signalling/v1/signalling.proto",
    "sluis/signalling/v1/meeting.proto",
];

/// Messages that hold a handle, a code, a session or a login: their `Debug` is written by hand in
/// `proto/src/lib.rs` and shows nothing.
const WITHOUT_DEBUG: [&str; 28] = [
    ".sluis.consent.v1.RedeemLinkCodeRequest",
    ".sluis.consent.v1.ProposeConsentRequest",
    ".sluis.consent.v1.GetConsentStatusRequest",
    ".sluis.consent.v1.AuthorizeRequest",
    ".sluis.consent.v1.CreateLinkCodeResponse",
    ".sluis.consent.v1.StartSessionRequest",
    ".sluis.consent.v1.StartSessionResponse",
    ".sluis.consent.v1.GetSessionRequest",
    ".sluis.consent.v1.GetSessionResponse",
    ".sluis.consent.v1.EndSessionRequest",
    ".sluis.consent.v1.RecordMandateRequest",
    ".sluis.consent.v1.RecordMandateResponse",
    ".sluis.consent.v1.CreateProxyRequest",
    ".sluis.consent.v1.CreateProxyResponse",
    ".sluis.consent.v1.RedeemMandateCodeRequest",
    ".sluis.consent.v1.StartAssistedResponse",
    ".sluis.consent.v1.RecordConsentRequest",
    ".sluis.consent.v1.ConfirmConsentRequest",
    ".sluis.consent.v1.WithdrawAllRequest",
    ".sluis.consent.v1.RedeemLetterCodeRequest",
    ".sluis.consent.v1.ProposeCircleRequest",
    ".sluis.consent.v1.RecordLegalBasisRequest",
    ".sluis.consent.v1.OwnLegalBasis",
    ".sluis.consent.v1.GetNoticeAddressResponse",
    ".sluis.consent.v1.SetNoticeAddressRequest",
    ".sluis.consent.v1.ConfirmNoticeAddressRequest",
    ".sluis.registry.v1.EnrolRequest",
    ".sluis.registry.v1.CreateInvitationResponse",
];

fn main() -> Result<(), Box<dyn Error>> {
    let check = env::args().any(|argument| argument == "--check");
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let committed = proto.join("src/gen");
    let fresh = proto.join("../target/proto-gen");
    fs::create_dir_all(&fresh)?;
    fs::create_dir_all(&committed)?;
    generate(&proto, &fresh)?;

    let mut stale: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&fresh)? {
        let entry = entry?;
        let target = committed.join(entry.file_name());
        let bytes = fs::read(entry.path())?;
        if fs::read(&target).ok().as_deref() != Some(&bytes) {
            if !check {
                fs::write(&target, &bytes)?;
            }
            stale.push(target);
        }
    }
    if check && !stale.is_empty() {
        #[expect(clippy::print_stderr, reason = "a command for developers")]
        for path in &stale {
            eprintln!("differs from the proto files: {}", path.display());
        }
        process::exit(1);
    }
    Ok(())
}

fn generate(proto: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut compiler = protox::Compiler::new([proto])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(FILES)?;
    fs::write(
        out.join("descriptors.bin"),
        without_comments(&compiler.encode_file_descriptor_set())?,
    )?;
    tonic_prost_build::configure()
        .bytes(".sluis")
        .skip_debug(WITHOUT_DEBUG)
        .out_dir(out)
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// Reflection, the gateway and the services read names and options; comments would only make binaries larger.
/// Goes through dynamic messages, because typed ones would drop our extensions of `MethodOptions`.
fn without_comments(encoded: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let set = DescriptorPool::global()
        .get_message_by_name("google.protobuf.FileDescriptorSet")
        .ok_or("descriptor.proto is built in")?;
    let mut set = DynamicMessage::decode(set, encoded)?;
    if let Some(Value::List(files)) = set.get_field_by_name_mut("file") {
        for file in files {
            if let Value::Message(file) = file {
                file.clear_field_by_name("source_code_info");
            }
        }
    }
    Ok(set.encode_to_vec())
}
