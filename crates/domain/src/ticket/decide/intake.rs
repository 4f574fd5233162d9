//! Reports, what becomes known later, and cases of other systems.

use super::ledger::{self, Ledger};
use super::urgent;
use crate::attachment::{Brought, Words};
use crate::calendar::ServiceHours;
use crate::decision::{Aggregates, Change, Context};
use crate::id::{AreaId, CustomerId, DeviceId, OutletId, TicketId};
use crate::limits;
use crate::rejection::Rejection;
use crate::rules::Facts;
use crate::stream::StreamId;
use crate::ticket::Ticket;
use crate::ticket::event::{Created, DetailsAdded, Imported};
use crate::ticket::{
    Create, Details, Entry, Import, ImportedStep, Notice, Phase, QueueEntry, QueueReason,
    QueueRole, Recipient, Report, Skill, TicketEvent,
};

/// Where a ticket belongs, as far as outlet, device and customer tell.
struct Belonging {
    customer: Option<CustomerId>,
    outlet: Option<OutletId>,
    area: Option<AreaId>,
    skills: Vec<Skill>,
}

/// Only what is named now must be in the directory: a case of another system may have come with
/// names that it has never heard of.
fn belonging(
    aggregates: &dyn Aggregates,
    known: (Option<CustomerId>, Option<OutletId>),
    customer: Option<CustomerId>,
    outlet: Option<OutletId>,
    device: Option<DeviceId>,
) -> Result<Belonging, Rejection> {
    let unknown = |field, stream: StreamId| Rejection::UnknownReference { field, stream };
    if let Some(id) = customer.filter(|id| aggregates.customer(*id).is_none()) {
        return Err(unknown("customer", id.into()));
    }
    if let Some(id) = outlet.filter(|id| aggregates.outlet(*id).is_none()) {
        return Err(unknown("outlet", id.into()));
    }
    let device = match device {
        Some(id) => Some(aggregates.device(id).ok_or_else(|| unknown("device", id.into()))?),
        None => None,
    };
    let device = device.as_ref().map(|device| &device.entry);
    let (known_customer, known_outlet) = known;
    let customer =
        customer.or(known_customer).or_else(|| device.and_then(|device| device.customer));
    let usual_outlet = || aggregates.customer(customer?)?.entry.outlet;
    let outlet = outlet
        .or_else(|| device.and_then(|device| device.outlet))
        .or(known_outlet)
        .or_else(usual_outlet);
    Ok(Belonging {
        customer,
        outlet,
        area: outlet.and_then(|id| aggregates.outlet(id)?.entry.area),
        skills: device.map(|device| device.skills.clone()).unwrap_or_default(),
    })
}

fn report(
    sentence: &Option<String>,
    contact_name: &Option<String>,
    contact_phone: &Option<String>,
    place: &Option<String>,
    position: Option<crate::Coordinates>,
    brought: &Brought<'_>,
) -> Result<Report, Rejection> {
    if let Some(sentence) = sentence {
        limits::text("sentence", sentence)?;
    }
    for (field, value) in
        [("contact_name", contact_name), ("contact_phone", contact_phone), ("place", place)]
    {
        value.as_deref().map_or(Ok(()), |value| limits::name(field, value))?;
    }
    Ok(Report {
        sentence: limits::said(sentence),
        contact_name: limits::said(contact_name),
        contact_phone: limits::said(contact_phone),
        place: limits::said(place),
        position,
        attachment_names: brought.names(),
    })
}

pub(super) fn create(
    aggregates: &dyn Aggregates,
    id: TicketId,
    create: &Create,
    context: &Context,
) -> Result<Vec<Change>, Rejection> {
    let belonging =
        belonging(aggregates, (None, None), create.customer, create.outlet, create.device)?;
    limits::names("skills", &create.skills)?;
    let brought = Brought::check(aggregates, &create.attachments, &[])?;
    let report = report(
        &create.sentence,
        &create.contact_name,
        &create.contact_phone,
        &create.place,
        create.position,
        &brought,
    )?;
    let has_sentence = report.sentence.is_some();
    let has_place = report.place.is_some() || report.position.is_some();
    let Belonging { customer, outlet, area, skills } = belonging;
    let enough = has_sentence || has_place || outlet.is_some() || create.device.is_some();
    let rules = aggregates.rules();
    let images = brought.references().iter().filter(|one| one.is_image()).count();
    let device = create.device.and_then(|device| aggregates.device(device));
    let facts = Facts {
        said: None,
        said_all: false,
        images: u32::try_from(images).unwrap_or(u32::MAX),
        urgent: create.urgent,
        priority: create.priority,
        channel: create.channel,
        area,
        outlet,
        device_model: device.as_ref().and_then(|device| device.entry.model.as_deref()),
        now: context.now,
    };
    let due = |span| ledger::service_due(aggregates, outlet, span, create.urgent, context.now);
    let entry = if enough {
        Entry::Dispatch { due: due(rules.rules.unassigned_within(&facts)) }
    } else {
        let due = due(rules.rules.queue_within(&facts));
        let (role, reason) = (QueueRole::CallBack, QueueReason::EmptyReport);
        Entry::CallBack(QueueEntry { role, person: None, reason, due })
    };
    let created = Created {
        channel: create.channel,
        customer,
        outlet,
        area,
        device: create.device,
        skills: if create.skills.is_empty() { skills } else { create.skills.clone() },
        priority: create.priority,
        urgent: create.urgent,
        has_sentence,
        has_place,
        entry,
        attachments: brought.references(),
        report: report.into(),
    };
    let subject = customer.map_or_else(|| id.into(), Into::into);
    let event = TicketEvent::from(created).into();
    let mut changes = vec![Change { stream: id.into(), subject, event }];
    changes.extend(brought.links(aggregates, id, subject));
    Ok(changes)
}

pub(super) fn details(ledger: &mut Ledger<'_>, details: &Details) -> Result<(), Rejection> {
    let ticket = ledger.ticket;
    let brought = ledger.brought(&details.attachments)?;
    let report = report(
        &details.sentence,
        &details.contact_name,
        &details.contact_phone,
        &details.place,
        details.position,
        &brought,
    )?;
    if let Some(skills) = &details.skills {
        limits::names("skills", skills)?;
    }
    let Belonging { customer, outlet, area, skills } = belonging(
        ledger.aggregates(),
        // What is known of the ticket holds unless somebody says otherwise now.
        (ticket.customer, ticket.outlet),
        details.customer,
        details.outlet,
        details.device,
    )?;
    let moved = outlet != ticket.outlet;
    let has_sentence = report.sentence.is_some();
    let has_place = report.place.is_some() || report.position.is_some();
    // That it is not urgent is news as well while the rule could still say otherwise.
    let urgent = details.urgent.filter(|urgent| *urgent != ticket.urgent || !ticket.urgent_said);
    let becomes_urgent = details.urgent == Some(true) && !ticket.urgent;
    let enough = ticket.is_dispatchable()
        || has_sentence
        || has_place
        || outlet.is_some()
        || details.device.is_some();
    let waits_for_words = matches!(
        &ticket.phase,
        Phase::CallBack { queue } | Phase::Queued { queue }
            if queue.reason == QueueReason::EmptyReport
    );
    // By what is known from now on.
    let known = Ticket {
        outlet,
        area: if outlet == ticket.outlet { ticket.area } else { area },
        device: details.device.or(ticket.device),
        priority: details.priority.unwrap_or(ticket.priority),
        urgent: details.urgent.unwrap_or(ticket.urgent),
        ..ticket.clone()
    };
    let entry = (waits_for_words && enough).then(|| Entry::Dispatch {
        due: Ledger::new(ledger.aggregates(), &known, ledger.context).unassigned_due(),
    });
    let learned_skills = (details.device.is_some() && ticket.skills.is_empty())
        .then_some(skills)
        .filter(|skills| !skills.is_empty());
    let added = DetailsAdded {
        customer: customer.filter(|id| Some(*id) != ticket.customer),
        outlet: outlet.filter(|id| Some(*id) != ticket.outlet),
        area: area.filter(|id| moved || Some(*id) != ticket.area),
        device: details.device.filter(|id| Some(*id) != ticket.device),
        skills: details.skills.clone().or(learned_skills),
        priority: match becomes_urgent {
            true => urgent::raised(ledger, details.priority),
            false => details.priority,
        }
        .filter(|priority| *priority != ticket.priority),
        urgent,
        has_sentence,
        has_place,
        entry,
        attachments: brought.references(),
        report: report.into(),
    };
    let nothing_new = added.report.known() == Some(&Report::default())
        && added.customer.is_none()
        && added.outlet.is_none()
        && added.area.is_none()
        && added.device.is_none()
        && added.skills.is_none()
        && added.priority.is_none()
        && added.urgent.is_none()
        && added.entry.is_none()
        && brought.is_empty();
    if nothing_new {
        return Ok(());
    }
    let subject = customer.map_or_else(|| ticket.id.into(), Into::into);
    ledger.record_with_for(subject, &brought, added);
    if becomes_urgent {
        urgent::tell(ledger);
    } else if details.priority.is_some_and(|new| new > ticket.priority)
        && let Phase::Working(work) = &ticket.phase
    {
        ledger.tell(Recipient::Engineer(work.assignment.engineer), Notice::NowUrgent);
    }
    Ok(())
}

fn step(import: &Import) -> Result<&ImportedStep, Rejection> {
    import.step.as_ref().ok_or_else(|| Rejection::invalid("step", "say which step it is"))
}

/// The first step of a case. Its customer and outlet need not be in the directory: another
/// system's history is taken over as it is.
pub(super) fn open(
    aggregates: &dyn Aggregates,
    id: TicketId,
    import: &Import,
    context: &Context,
) -> Result<Vec<Change>, Rejection> {
    let step = step(import)?;
    let ImportedStep::Opened { customer, .. } = step else {
        return Err(Rejection::invalid("step", "a case must be opened first"));
    };
    let subject = customer.map_or_else(|| id.into(), Into::into);
    let event = TicketEvent::from(imported(aggregates, import, step, context)?).into();
    Ok(vec![Change { stream: id.into(), subject, event }])
}

pub(super) fn import(ledger: &mut Ledger<'_>, import: &Import) -> Result<(), Rejection> {
    let ticket = ledger.ticket;
    let step = step(import)?;
    let refused = !ticket.imported || (matches!(step, ImportedStep::Opened { .. }));
    if refused {
        return Err(Rejection::AlreadyExists { stream: ticket.id.into() });
    }
    let event = imported(ledger.aggregates(), import, step, ledger.context)?;
    ledger.record(event);
    Ok(())
}

fn imported(
    aggregates: &dyn Aggregates,
    import: &Import,
    step: &ImportedStep,
    context: &Context,
) -> Result<Imported, Rejection> {
    limits::text("words", &import.words)?;
    let rules = aggregates.rules();
    let due = within_hours(&rules.rules.hours, context, rules.rules.queue.imported_within);
    let words = match step {
        ImportedStep::AttachmentsNamed { count } => names(&import.words, *count)?,
        _ => Words::from(import.words.clone()),
    };
    Ok(Imported { step: step.clone(), due, words: words.into() })
}

/// The names of files, one in each line of the words.
fn names(lines: &str, count: u32) -> Result<Words, Rejection> {
    let attachment_names: Vec<String> = lines.lines().map(str::to_owned).collect();
    limits::names("words", &attachment_names)?;
    if count == 0 || u32::try_from(attachment_names.len()) != Ok(count) {
        let problem = "say how many names the words have, one in each line";
        return Err(Rejection::invalid("step.count", problem));
    }
    Ok(Words { text: String::new(), attachment_names })
}

fn within_hours(hours: &ServiceHours, context: &Context, span: crate::Span) -> crate::Timestamp {
    hours.due_after(context.now, span.duration())
}
