//! Areas, with those who are responsible for them.

use domain::directory::{AreaEntry, StaffCard};
use domain::{Aggregates, AreaId, Command, StaffId};

use crate::column::{At, Column, Draft, short, staff, whole_number};
use crate::sheet::Sheet;
use crate::wrong::Wrong;

/// Somebody with a post. What no column says of them stays as it was.
#[derive(Debug, Default)]
struct Post {
    holder: Option<StaffId>,
    name: Option<Option<String>>,
    phone: Option<Option<String>>,
}

#[derive(Debug, Default)]
pub(crate) struct AreaDraft {
    entry: AreaEntry,
    supervisor: Post,
    deputy: Post,
    director: Post,
    /// Whether a column tells of the posts.
    posts_said: bool,
}

macro_rules! post {
    ($post:ident, holder) => {
        |draft, cell, _| {
            draft.posts_said = true;
            draft.$post.holder = staff(cell)?;
            Ok(())
        }
    };
    ($post:ident, $field:ident) => {
        |draft, cell, _| {
            draft.posts_said = true;
            draft.$post.$field = Some(short(cell)?);
            Ok(())
        }
    };
}

impl Draft for AreaDraft {
    type Id = AreaId;
    const SHEET: Sheet = Sheet::Areas;
    const COLUMNS: &'static [Column<Self>] = &[
        Column::required("name", "名称", "what it is called", |draft, cell, _| {
            draft.entry.name = short(cell)?.unwrap_or_default();
            Ok(())
        }),
        Column::new(
            "supervisor",
            "主管",
            "staff code of the supervisor 片区主管",
            post!(supervisor, holder),
        ),
        Column::new(
            "supervisor_name",
            "主管姓名",
            "the supervisor's name",
            post!(supervisor, name),
        ),
        Column::new(
            "supervisor_phone",
            "主管电话",
            "the supervisor's telephone number",
            post!(supervisor, phone),
        ),
        Column::new("deputy", "副主管", "staff code of the deputy", post!(deputy, holder)),
        Column::new("deputy_name", "副主管姓名", "the deputy's name", post!(deputy, name)),
        Column::new(
            "deputy_phone",
            "副主管电话",
            "the deputy's telephone number",
            post!(deputy, phone),
        ),
        Column::new(
            "director",
            "总监",
            "staff code of the director 服务总监",
            post!(director, holder),
        ),
        Column::new("director_name", "总监姓名", "the director's name", post!(director, name)),
        Column::new(
            "director_phone",
            "总监电话",
            "the director's telephone number",
            post!(director, phone),
        ),
        Column::new(
            "engineers_min",
            "最少工程师",
            "how many engineers it needs, 0 to 1000; no freeze takes it below; by the rules where empty",
            |draft, cell, _| {
                draft.entry.engineers_min = whole_number(cell, 0, 1000)?;
                Ok(())
            },
        ),
    ];

    fn begin(id: AreaId, now: &dyn Aggregates) -> Self {
        let entry = now.area(id).map(|area| AreaEntry::from(&area.entry)).unwrap_or_default();
        let holds = |holder| Post { holder, ..Post::default() };
        Self {
            supervisor: holds(entry.supervisor),
            deputy: holds(entry.deputy),
            director: holds(entry.director),
            posts_said: false,
            entry,
        }
    }

    fn finish(self, id: AreaId, code: String, _: &dyn Aggregates) -> Result<Command, At> {
        let Self { mut entry, supervisor, deputy, director, posts_said } = self;
        entry.code = Some(code);
        entry.supervisor = supervisor.holder;
        entry.deputy = deputy.holder;
        entry.director = director.holder;
        if posts_said {
            let mut staff = Vec::new();
            card(&mut staff, &entry.staff, supervisor, ["supervisor_name", "supervisor_phone"])?;
            card(&mut staff, &entry.staff, deputy, ["deputy_name", "deputy_phone"])?;
            card(&mut staff, &entry.staff, director, ["director_name", "director_phone"])?;
            entry.staff = staff;
        }
        Ok(Command::Area(id, entry))
    }
}

/// Adds the card of a post's holder. Who holds two posts has one card.
fn card(
    staff: &mut Vec<StaffCard>,
    before: &[StaffCard],
    post: Post,
    columns: [&'static str; 2],
) -> Result<(), At> {
    let [name_column, phone_column] = columns;
    let Some(id) = post.holder else {
        // A name without a code would belong to nobody.
        for (said, column) in [(&post.name, name_column), (&post.phone, phone_column)] {
            if matches!(said, Some(Some(_))) {
                return Err(At { column, wrong: Wrong::NoStaffCode });
            }
        }
        return Ok(());
    };
    let known = before.iter().find(|card| card.id == id);
    let name = post.name.unwrap_or_else(|| known.and_then(|card| card.name.clone()));
    let phone = post.phone.unwrap_or_else(|| known.and_then(|card| card.phone.clone()));
    match staff.iter_mut().find(|card| card.id == id) {
        Some(card) => {
            merge(&mut card.name, name, name_column)?;
            merge(&mut card.phone, phone, phone_column)?;
        }
        None if name.is_some() || phone.is_some() => staff.push(StaffCard { id, name, phone }),
        None => {}
    }
    Ok(())
}

fn merge(known: &mut Option<String>, said: Option<String>, column: &'static str) -> Result<(), At> {
    match (&known, said) {
        (Some(known), Some(said)) if *known != said => {
            Err(At { column, wrong: Wrong::TwoCards { first: known.clone(), second: said } })
        }
        (None, said) => {
            *known = said;
            Ok(())
        }
        (Some(_), _) => Ok(()),
    }
}
