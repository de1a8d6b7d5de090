//! A Python script that walks the life over HTTP, against a world that listens for it.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output};

use image_plane::{Server, serve};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::world;

/// Runs a script of this folder and returns the document it prints.
pub(crate) fn run(script: &str) -> Value {
    let python = env::var_os("IMAGE_STEWARD_PYTHON");
    assert!(
        python.is_some(),
        "IMAGE_STEWARD_PYTHON names no Python with boto3 and the AWS CLI: `cargo xtask test python` installs one, and `cargo xtask test` sets it"
    );
    let python = python.unwrap();
    let path = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .join("judge")
        .join(script);
    world::runtime().block_on(async {
        let (plane, clock) = world::open();
        let server = Server::bind(0, plane, clock).await.unwrap();
        let endpoint = format!("http://{}", server.address().unwrap());
        let mut command = Command::new(python);
        // Nothing of whoever runs the tests: no proxy, no profile, no Region; and no caches beside the scripts.
        command.env_clear().arg("-B").arg(path).args(["--endpoint", &endpoint]);
        let (done, output) = oneshot::channel();
        std::thread::spawn(move || done.send(command.output()));
        tokio::select! {
            ended = serve(server) => panic!("the world stopped listening: {ended:?}"),
            output = output => document(script, &output.unwrap().unwrap()),
        }
    })
}

fn document(script: &str, output: &Output) -> Value {
    let Output { status, stdout, stderr } = output;
    assert!(
        status.success(),
        "{script} ended with {status}:\n{}",
        String::from_utf8_lossy(stderr)
    );
    serde_json::from_slice(stdout).unwrap()
}
