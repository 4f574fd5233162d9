//! What bad lines and bad clients cost a server that takes uploads, over HTTP.
//!
//! ```sh
//! cargo build --release -p paidan
//! cargo run --release -p paidan-gateway --example upload_speed -- [DIRECTORY] [MIB] [CUTS] [HALF-OPEN]
//! ```
//!
//! One file of so many MiB over a line that is cut at so many random places, beside writing and
//! hashing the same bytes plainly (and `b3sum`, where it is found); then so many uploads that
//! stop after a few bytes: first those whose lines broke, then those that keep their lines open
//! and send nothing more, while somebody else works. `paidan serve` runs as it is, in a process of
//! its own; `PAIDAN` names another binary than the one beside this example. 2048 MiB, 50 cuts and
//! 10,000 without any.

mod half_open;
#[allow(dead_code, reason = "the other example uses more of it")]
#[path = "../command_speed/http.rs"]
mod http;
mod large;
#[allow(dead_code, reason = "the other example uses more of it")]
#[path = "../command_speed/server.rs"]
mod server;
mod tus;

use std::path::PathBuf;

use server::Server;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let mut number = |usual| arguments.next().map_or(Ok(usual), |text| text.parse());
    let (mib, cuts, half_open) = (number(2_048)?, number(50)?, number(10_000)?);
    let scratch = tempfile::Builder::new().prefix("paidan-uploads").tempdir_in(directory)?;

    let server = Server::start(scratch.path()).await?;
    large::run(&server, scratch.path(), mib << 20, cuts).await?;
    server.stop()?;

    let server = Server::start(&scratch.path().join("second")).await?;
    half_open::broken(&server, half_open).await?;
    server.stop()?;

    let server = Server::start(&scratch.path().join("third")).await?;
    half_open::silent(&server, half_open).await?;
    server.stop()
}
