//! Writes the test vectors and the seeds of the fuzz corpora: `cargo run -p sluis-envelope --example make_vectors`.

#![expect(
    clippy::unwrap_used,
    reason = "shares the tests' code; stops at the first thing that fails"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/mesh.rs"]
mod mesh;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/vectors/mod.rs"]
mod vectors;

fn main() -> std::io::Result<()> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    for (name, text) in vectors::make::files() {
        std::fs::write(directory.join(name), text)?;
    }
    let corpora = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (parser, name, bytes) in vectors::corpus::files() {
        std::fs::create_dir_all(corpora.join(&parser))?;
        std::fs::write(corpora.join(parser).join(name), bytes)?;
    }
    Ok(())
}
