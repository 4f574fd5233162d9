//! Dumps, as whoever answers gives them.

use std::io;

use ::export::{Base, ExportError, Source};

use super::CliError;
use super::asking::{ask, unexpected};
use super::claim::{Fault, ended, header_faults, stand};
use crate::control::{Client, DumpHeader, Reply, Request};

/// A part of a dump.
pub(super) enum Dumped<'a> {
    /// What stands above its rows.
    Header(DumpHeader),
    /// The next row, without the end of its line.
    Row(&'a str),
}

/// Asks for a dump, and hands its parts on until one is not taken.
pub(super) fn dump<E: Into<CliError>>(
    client: &mut Client<'_>,
    request: Request,
    bars: bool,
    mut take: impl FnMut(Dumped<'_>) -> Result<(), E>,
) -> Result<DumpHeader, CliError> {
    let (mut header, mut failed) = (None, None);
    let mut hand_on = |dumped: Dumped<'_>| {
        take(dumped).map_err(|error| {
            failed = Some(error.into());
            io::Error::other("the rows could not be taken")
        })
    };
    let asked = ask(client, request, "folding", bars, &mut |reply| match reply {
        Reply::Dump(dump) => hand_on(Dumped::Header(header.insert(dump).clone())),
        Reply::Row(row) => hand_on(Dumped::Row(&row)),
        other => Err(unexpected(&other)),
    });
    if let Some(failed) = failed {
        return Err(failed);
    }
    asked?;
    header.ok_or_else(ended)
}

/// Folds a model from zero up to the position of a claim.
pub(super) fn fold<E: Into<CliError>>(
    client: &mut Client<'_>,
    claim: &Source,
    bars: bool,
    take: impl FnMut(Dumped<'_>) -> Result<(), E>,
) -> Result<DumpHeader, CliError> {
    let (name, position) = (claim.projection.clone(), claim.position);
    let recount = Some(claim.recount);
    dump(client, Request::ProjectionFold { name, position, recount }, bars, take)
}

/// The earlier dump that a claim names, folded again, and what does not hold of it.
pub(super) fn base_of(
    client: &mut Client<'_>,
    claim: &Source,
    bars: bool,
) -> Result<(Vec<Fault>, Option<Base>), CliError> {
    let mut faults = stand(client, claim, bars)?;
    if !faults.iter().all(Fault::leaves_rows) {
        return Ok((faults, None));
    }
    let name = claim.projection.clone();
    let (header, base) = base_at(client, name, claim.position, Some(claim.recount), bars)?;
    faults.extend(header_faults(claim, &header));
    Ok((faults, Some(base)))
}

/// A model as it was at a position, to go on from.
pub(super) fn base_at(
    client: &mut Client<'_>,
    name: String,
    position: domain::GlobalPosition,
    recount: Option<domain::RuleSetVersion>,
    bars: bool,
) -> Result<(DumpHeader, Base), CliError> {
    let mut base = None;
    let request = Request::ProjectionFold { name, position, recount };
    let header = dump(client, request, bars, |dumped| {
        match dumped {
            Dumped::Header(header) => base = Some(Base::begin(source(header))?),
            Dumped::Row(row) => base.as_mut().map_or(Ok(()), |base| base.line(row))?,
        }
        Ok::<_, ExportError>(())
    })?;
    Ok((header, base.ok_or_else(ended)?))
}

/// A dump as an export names it.
pub(super) fn source(header: DumpHeader) -> Source {
    let DumpHeader { log, projection, version, position, chain, rules_version, recount, .. } =
        header;
    Source {
        projection,
        version,
        log: log.id,
        epoch: log.epoch,
        position,
        chain,
        rules_version,
        recount,
        dump_lines: header.lines,
        dump_blake3: header.blake3,
    }
}
