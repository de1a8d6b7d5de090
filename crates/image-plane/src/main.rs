//! The model of AWS over HTTP, for the AWS CLI, other SDKs and a local cloud.

use std::process::ExitCode;
use std::sync::Arc;

use image_plane::{
    Authorizer, ImagePlane, Region, Server, Settings, TableSettings, Tables, Time, TokioClock, World, serve,
};

const HELP: &str = "\
A model of AWS's image plane on 127.0.0.1: EC2 images, Image Builder, ECR, STS, KMS, DynamoDB,
the Parameter Store, PutEvents, Organizations.

Usage: image-plane [--port N] [--seed S] [--fleet FILE] [--calm] [--authorizer URL]

  --port N      listen here; 0 picks a free port (default 4600)
  --seed S      what chance is drawn from (default 1)
  --fleet FILE  start with these images: {\"account\",\"region\",\"images\":[as describe-images prints them]}
  --calm        no stale reads, no throttling, full pages
  --authorizer URL
                ask there who else a caller is and what it may do: a local cloud that has IAM

Any 12-digit access key is that account. Example:
  image-plane --port 4600 &
  AWS_ACCESS_KEY_ID=111122223333 AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=eu-west-1 \\
    aws --endpoint-url http://127.0.0.1:4600 ec2 describe-images --owners amazon

Past every API: POST /_image-plane/clock {\"advance_seconds\": 600}, GET /_image-plane/deliveries, GET /_image-plane/ledger";

/// What the command line asked for.
#[derive(Debug, PartialEq)]
struct Wanted {
    port: u16,
    seed: u64,
    fleet: Option<String>,
    calm: bool,
    authorizer: Option<Authorizer>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .iter()
        .any(|argument| matches!(argument.as_str(), "--help" | "-h"))
    {
        say(HELP);
        return ExitCode::SUCCESS;
    }
    match read(&arguments).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            complain(&sentence);
            ExitCode::from(2)
        }
    }
}

fn read(arguments: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted {
        port: 4600,
        seed: 1,
        fleet: None,
        calm: false,
        authorizer: None,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            rest.next()
                .ok_or_else(|| format!("{argument} needs a value; see --help"))
        };
        match argument.as_str() {
            "--port" => wanted.port = number(argument, value()?)?,
            "--seed" => wanted.seed = number(argument, value()?)?,
            "--fleet" => wanted.fleet = Some(value()?.clone()),
            "--calm" => wanted.calm = true,
            "--authorizer" => wanted.authorizer = Some(Authorizer::at(value()?)?),
            other => return Err(format!("unknown argument {other:?}; see --help")),
        }
    }
    Ok(wanted)
}

fn number<T: std::str::FromStr>(argument: &str, text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{argument} {text:?} is not a number it can be"))
}

fn run(wanted: Wanted) -> Result<(), String> {
    let Wanted {
        port,
        seed,
        fleet,
        calm,
        authorizer,
    } = wanted;
    let settings = if calm { Settings::calm() } else { Settings::default() };
    let now = jiff::Timestamp::now();
    let now = Time::from_millis(now.as_millisecond());
    let mut world = World::new(seed, now, settings);
    Region::all()
        .filter(|region| !region.needs_opt_in())
        .for_each(|region| world.publish_vendor_images(region));
    if let Some(path) = fleet {
        let json = std::fs::read_to_string(&path).map_err(|error| format!("cannot read the fleet {path}: {error}"))?;
        let count = world
            .place_fleet(&json)
            .map_err(|error| format!("the fleet {path} is not right: {error}"))?;
        say(&format!("{count} images from {path}"));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        let clock = Arc::new(TokioClock::starting_at(now));
        let tables = if calm {
            TableSettings::calm()
        } else {
            TableSettings::default()
        };
        let plane = ImagePlane::new(world, Tables::new(seed, tables), clock.clone());
        tokio::spawn(plane.clone().pump());
        let server = Server::bind(port, plane, clock)
            .await
            .map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}; choose another with --port"))?
            .judged_by(authorizer);
        let address = server
            .address()
            .map_err(|error| format!("cannot tell where it listens: {error}"))?;
        say(&format!("image-plane listens on http://{address} (seed {seed})"));
        tokio::select! {
            ended = serve(server) => match ended {
                Ok(never) => match never {},
                Err(error) => Err(format!("stopped listening: {error}")),
            },
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    })
}

#[expect(clippy::print_stdout, reason = "this is a command's output")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "this is a command's complaint")]
fn complain(sentence: &str) {
    eprintln!("image-plane: {sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<Wanted, String> {
        read(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        assert_eq!(
            asked("--seed 7"),
            Ok(Wanted {
                authorizer: None,
                port: 4600,
                seed: 7,
                fleet: None,
                calm: false
            })
        );
    }

    #[test]
    fn a_wrong_argument_is_said_in_one_sentence() {
        assert_eq!(asked("--prot 1"), Err("unknown argument \"--prot\"; see --help".into()));
        assert_eq!(
            asked("--port 70000"),
            Err("--port \"70000\" is not a number it can be".into())
        );
        assert_eq!(asked("--port"), Err("--port needs a value; see --help".into()));
    }
}
