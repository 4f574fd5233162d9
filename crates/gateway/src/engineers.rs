//! What is asked of engineers, and what they are like.

use std::sync::Arc;

use axum::extract::State;
use domain::engineer::{
    DutySource, Engineer, EngineerCommand, Freeze, FreezeReason, LastPosition, Leave,
    OfflineReason, Place, Profile, UnfreezeReason,
};
use domain::{
    Command, Coordinates, CorruptHistory, EngineerId, Event, GlobalPosition, Stamp, StreamVersion,
    Timestamp,
};
use eventlog::{EventLog, ReadError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::{Answer, versioned};
use crate::body::{JsonBody, JsonText};
use crate::headers::CommandHeaders;
use crate::params::{Asked, Segments, addressed};
use crate::problem::{Kind, Problem};
use crate::tickets::{Waiting, unknown};
use crate::views::ReceiptView;

/// Events that are read at once.
const PAGE: usize = 256;

macro_rules! verbs {
    ($($name:ident = $text:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Verb { $($name,)* }

        pub(crate) const VERBS: &[(&str, Verb)] = &[$(($text, Verb::$name),)*];
    };
}

verbs! {
    OnDuty = "on-duty",
    OffDuty = "off-duty",
    Online = "online",
    Offline = "offline",
    Position = "position",
    Freeze = "freeze",
    Unfreeze = "unfreeze",
    Leave = "leave",
    OnCall = "on-call",
}

/// A body without fields.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FreezeBody {
    until: Option<Timestamp>,
    #[serde(default)]
    words: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeaveBody {
    from: Timestamp,
    until: Timestamp,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnCallBody {
    until: Option<Timestamp>,
}

/// `POST /engineers/{id}/{verb}`.
pub(crate) async fn act(
    State(gateway): State<Arc<Gateway>>,
    Segments((named, verb)): Segments<(String, String)>,
    headers: CommandHeaders,
    body: JsonBody,
) -> Answer {
    let verb = verb_of(&verb, VERBS.iter())?;
    let id = addressed::<EngineerId>(&named)?.id;
    let command = match read(verb, body.text())? {
        Said::Command(command) => command,
        Said::Online => return gateway.heard_of(id, headers).await,
        Said::Offline => return gateway.signed_out(id, headers).await,
        Said::At(place) => return gateway.moved(id, place, headers).await,
    };
    let receipt = gateway.submit(headers.submission(Command::Engineer(id, command))).await?;
    Ok(versioned(receipt.version, ReceiptView::from(receipt)))
}

/// What is said of an engineer: a command, or a sign of life, which is seldom recorded.
enum Said {
    Command(EngineerCommand),
    Online,
    Offline,
    At(Coordinates),
}

fn read(verb: Verb, body: JsonText<'_>) -> Result<Said, Problem> {
    let nothing = || body.read().map(|Nothing {}| ());
    Ok(Said::Command(match verb {
        Verb::OnDuty => nothing().map(|()| EngineerCommand::StartDuty(DutySource::ByHand))?,
        Verb::OffDuty => nothing().map(|()| EngineerCommand::EndDuty(DutySource::ByHand))?,
        Verb::Online => return nothing().map(|()| Said::Online),
        Verb::Offline => return nothing().map(|()| Said::Offline),
        Verb::Position => return body.read().map(Said::At),
        Verb::Freeze => {
            let FreezeBody { until, words } = body.read()?;
            EngineerCommand::Freeze { until, reason: FreezeReason::ByHand, words }
        }
        Verb::Unfreeze => nothing().map(|()| EngineerCommand::Unfreeze(UnfreezeReason::Lifted))?,
        Verb::Leave => {
            let LeaveBody { from, until } = body.read()?;
            EngineerCommand::SetLeave { from, until }
        }
        Verb::OnCall => {
            let OnCallBody { until } = body.read()?;
            EngineerCommand::SetOnCall { until }
        }
    }))
}

/// A command to an engineer, by its verb and body. Signs of life are none: they hold a lease, which
/// who sends many commands for others has not.
pub(crate) fn read_recorded(verb: &str, body: JsonText<'_>) -> Result<EngineerCommand, Problem> {
    let is_sign = |verb| matches!(verb, Verb::Online | Verb::Offline | Verb::Position);
    let recorded = VERBS.iter().filter(|(_, verb)| !is_sign(*verb));
    match read(verb_of(verb, recorded)?, body)? {
        Said::Command(command) => Ok(command),
        Said::Online | Said::Offline | Said::At(_) => {
            Err(Problem::new(Kind::UnknownVerb, "signs of life are sent one by one"))
        }
    }
}

fn verb_of(
    text: &str,
    verbs: impl Iterator<Item = &'static (&'static str, Verb)> + Clone,
) -> Result<Verb, Problem> {
    verbs.clone().find(|(known, _)| *known == text).map(|(_, verb)| *verb).ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        let verbs: Vec<_> = verbs.map(|(known, _)| known).collect();
        let detail =
            format!("an engineer knows no `{shown}` here; `verbs` has those that are known");
        Problem::new(Kind::UnknownVerb, detail).with("verbs", verbs)
    })
}

/// The command of an engineer who signs out.
pub(crate) const SIGN_OUT: EngineerCommand = EngineerCommand::GoOffline(OfflineReason::SignedOut);

#[derive(Serialize, ToSchema)]
pub(crate) struct EngineerAnswer {
    id: EngineerId,
    version: StreamVersion,
    position: GlobalPosition,
    entry: Profile,
    on_duty: bool,
    leave: Option<Leave>,
    on_call_until: Option<Timestamp>,
    online: bool,
    last_position: Option<LastPosition>,
    places: Vec<Place>,
    frozen: Option<Freeze>,
}

/// `GET /engineers/{id}`.
pub(crate) async fn one(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(query): Asked<Waiting>,
) -> Answer {
    let position = gateway.log_at(query.min_position).await?;
    let id = addressed::<EngineerId>(&named)?.id;
    let Some((version, engineer)) = gateway.engineer(id).await? else {
        return Err(unknown(id.into()));
    };
    let now = gateway.ports().clock.now();
    let frozen = engineer.freeze_at(now);
    let Engineer { profile: entry, on_duty, leave, on_call_until, online, places, .. } = engineer;
    let answer = EngineerAnswer {
        id,
        version,
        position,
        entry: Profile::from(&entry),
        on_duty,
        leave,
        on_call_until,
        online,
        last_position: engineer.position,
        places,
        frozen,
    };
    Ok(versioned(version, answer))
}

impl Gateway {
    /// An engineer as the durable log has them.
    pub(crate) async fn engineer(
        &self,
        id: EngineerId,
    ) -> Result<Option<(StreamVersion, Engineer)>, Problem> {
        self.read_log(move |log| fold(log, id)).await?.map_err(|corrupt| {
            Problem::failure(
                Kind::HistoryDamaged,
                "the stored history makes no sense; run `paidan log verify`",
                &corrupt,
            )
        })
    }
}

type Folded = Option<(StreamVersion, Engineer)>;

fn fold(log: &dyn EventLog, id: EngineerId) -> Result<Result<Folded, CorruptHistory>, ReadError> {
    let mut folded: Option<Engineer> = None;
    let mut version = StreamVersion::ZERO;
    loop {
        let events = log.read_stream(id.into(), version, PAGE)?;
        for recorded in &events {
            version = recorded.version;
            let Event::Engineer(event) = &recorded.event else { continue };
            let stamp = Stamp {
                position: recorded.position,
                version: recorded.version,
                occurred_at: recorded.occurred_at,
                recorded_at: recorded.recorded_at,
            };
            let next = match &mut folded {
                Some(engineer) => engineer.evolve(event, &stamp),
                None => Engineer::begin(id, event, &stamp).map(|begun| folded = Some(begun)),
            };
            if let Err(corrupt) = next {
                return Ok(Err(corrupt));
            }
        }
        if events.len() < PAGE {
            return Ok(Ok(folded.map(|engineer| (version, engineer))));
        }
    }
}
