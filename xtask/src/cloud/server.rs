//! The two programs that are the cloud: started once, used again, ended by their names.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::ground::{Ground, HUB, REGION};
use super::tools::Tools;
use crate::failure::Failure;
use crate::process;
use crate::progress::Progress;
use crate::workshop::Workshop;

/// Longer than either takes on a machine that is busy.
const STARTS_WITHIN: Duration = Duration::from_mins(2);
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// What they are called, and what their command lines hold.
const PROGRAMS: [(&str, &str); 2] = [("image-plane", "image-plane"), ("local-cloud", "local_cloud")];

/// Starts the cloud, unless the one that runs was started from the same sources.
pub(super) fn start(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let plane = workshop.target().join("debug/image-plane");
    let sources = sources(workshop, &plane);
    let note = ground.folder.join("started-from");
    let same = fs::read_to_string(&note).is_ok_and(|noted| noted == sources);
    if same && is_ours(ground) {
        return Ok(());
    }
    stop(ground, progress)?;
    nobody_listens(ground)?;
    // What the last one stored belongs to nobody any more: the clouds keep all else in memory.
    crate::cache::clear(&ground.folder.join("state"))?;
    fs::create_dir_all(&ground.folder).map_err(Failure::of_file(&ground.folder))?;

    let mut image_plane = program(ground, workshop, "image-plane", &plane);
    image_plane
        .args(["--calm", "--port", &ground.plane_port().to_string()])
        .args(["--authorizer", &ground.url()]);
    spawn(ground, "image-plane", &mut image_plane)?;
    let mut cloud = program(ground, workshop, "local-cloud", &tools.bin.join("python"));
    cloud
        .args(["-m", "local_cloud", "--port", &ground.port.to_string()])
        .args(["--image-plane", &ground.plane_url(), "--state"])
        .arg(ground.folder.join("state"))
        .current_dir(workshop.root.join("infra/local"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    if let Some(faketime) = &tools.faketime {
        cloud.arg("--faketime").arg(faketime);
    }
    spawn(ground, "local-cloud", &mut cloud)?;
    let what = format!("the local cloud at {}", ground.url());
    progress
        .wait_for(&what, STARTS_WITHIN, || is_ours(ground))
        .map_err(|failure| match failure {
            Failure::NotSeen { what, after, log: _ } => Failure::NotSeen {
                what,
                after,
                log: ground.log("local-cloud"),
            },
            other => other,
        })?;
    fs::write(&note, sources).map_err(Failure::of_file(&note))
}

/// Whether its ports are free, or have programs of its own behind them.
pub(super) fn ports_are_ours(ground: &Ground) -> Result<(), Failure> {
    let ours = PROGRAMS
        .iter()
        .any(|(name, words)| running(ground, name, words).is_some());
    if ours { Ok(()) } else { nobody_listens(ground) }
}

fn nobody_listens(ground: &Ground) -> Result<(), Failure> {
    for port in [ground.port, ground.plane_port()] {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Err(Failure::PortTaken { port });
        }
    }
    Ok(())
}

/// The number of a program of this ground's that runs.
fn running(ground: &Ground, name: &str, words: &str) -> Option<String> {
    let pid = fs::read_to_string(pid_file(ground, name)).ok()?;
    // The number may be another program's by now.
    command_of(&pid)
        .is_some_and(|command| command.contains(words))
        .then_some(pid)
}

/// Ends the cloud's programs, also those of a start that was cut off.
pub(super) fn stop(ground: &Ground, progress: &mut Progress<'_>) -> Result<(), Failure> {
    for (name, words) in PROGRAMS {
        if let Some(pid) = running(ground, name, words) {
            let _ = Command::new("kill").arg(pid.trim()).status();
            let what = format!("the end of {name}");
            progress.wait_for(&what, ENDS_WITHIN, || command_of(&pid).is_none())?;
        }
        let _ = fs::remove_file(pid_file(ground, name));
    }
    Ok(())
}

/// Whether this ground's own cloud answers on its port, and the image plane beside it.
pub(super) fn is_ours(ground: &Ground) -> bool {
    let state = ground.folder.join("state");
    get(ground.port, "/_local/health").is_some_and(|answer| answer.contains(&format!("\"{}\"", state.display())))
        && get(ground.plane_port(), "/_image-plane/ledger").is_some()
}

/// A program that writes down its number before it is itself: killed at any moment, we find what we started.
fn program(ground: &Ground, workshop: &Workshop, name: &str, program: &Path) -> Command {
    let mut command = workshop.command("sh");
    command
        .args(["-c", "echo $$ > \"$0\" && exec \"$@\""])
        .arg(pid_file(ground, name))
        .arg(program);
    command
}

fn pid_file(ground: &Ground, name: &str) -> PathBuf {
    ground.folder.join(format!("{name}.pid"))
}

fn spawn(ground: &Ground, name: &str, command: &mut Command) -> Result<(), Failure> {
    let log = ground.log(name);
    let output = fs::File::create(&log).map_err(Failure::of_file(&log))?;
    let errors = output.try_clone().map_err(Failure::of_file(&log))?;
    // A group of its own: a key pressed at our terminal must not end it.
    let started = command
        .stdout(output)
        .stderr(errors)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn();
    started.map(drop).map_err(|error| Failure::NotStarted {
        program: name.to_owned(),
        error,
    })
}

/// What a process was started as; none where there is none, or only its remains.
fn command_of(pid: &str) -> Option<String> {
    let answer = process::answer(Command::new("ps").args(["-o", "stat=,args=", "-p", pid.trim()]))?;
    (!answer.is_empty() && !answer.starts_with('Z')).then_some(answer)
}

/// What a running cloud was made of.
fn sources(workshop: &Workshop, plane: &Path) -> String {
    let folder = workshop.root.join("infra/local/local_cloud");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    files.sort();
    files.push(plane.to_owned());
    let stamp = |path: &PathBuf| {
        let metadata = fs::metadata(path).ok();
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        format!(
            "{} {:?} {modified:?}\n",
            path.display(),
            metadata.map(|metadata| metadata.len())
        )
    };
    files.iter().map(stamp).collect()
}

/// Makes sure that the hub's registry has a repository, as a person would by the console.
pub(super) fn create_repository(ground: &Ground, name: &str) -> Result<(), Failure> {
    let body = format!(r#"{{"account":"{HUB}","region":"{REGION}","name":"{name}"}}"#);
    let answer = ask("POST", ground.plane_port(), "/_image-plane/repository", &body);
    match answer {
        Some(answer) if answer.starts_with("HTTP/1.1 200") => Ok(()),
        answer => Err(Failure::NoRepository {
            name: name.to_owned(),
            answer: answer.unwrap_or_default(),
        }),
    }
}

fn get(port: u16, path: &str) -> Option<String> {
    ask("GET", port, path, "")
}

/// The answer to a plain request, if there is one.
fn ask(method: &str, port: u16, path: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}
