//! The `steward` command.

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use steward_cli::{Spoken, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Spoken { out, err, code } = run(std::env::args(), None).await;
    let written = std::io::stdout().lock().write_all(out.as_bytes());
    let _ = std::io::stderr().lock().write_all(err.as_bytes());
    match written {
        // Whoever reads no further, as `head` does, has what it wanted.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Ok(()) | Err(_) => ExitCode::from(code),
    }
}
