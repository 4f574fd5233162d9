//! Engineers, with skills and roster.

use domain::engineer::{EngineerCommand, Profile};
use domain::{Aggregates, Command, EngineerId};

use crate::column::{At, Column, Draft, names, reference, short, whole_number, yes_no};
use crate::outlet::zone;
use crate::sheet::Sheet;
use crate::wrong::Wrong;

#[derive(Debug, Default)]
pub(crate) struct EngineerDraft {
    profile: Profile,
}

impl Draft for EngineerDraft {
    type Id = EngineerId;
    const SHEET: Sheet = Sheet::Engineers;
    const COLUMNS: &'static [Column<Self>] = &[
        Column::required("name", "姓名", "name", |draft, cell, _| {
            draft.profile.name = short(cell)?;
            Ok(())
        }),
        Column::new("phone", "电话", "telephone number", |draft, cell, _| {
            draft.profile.phone = short(cell)?;
            Ok(())
        }),
        Column::new(
            "outlet",
            "网点",
            "code of the outlet that the engineer goes out from",
            |draft, cell, world| {
                draft.profile.outlet = reference(cell, Sheet::Outlets, world)?;
                Ok(())
            },
        ),
        Column::new(
            "skills",
            "技能",
            "what the engineer can repair, separated by `;` or `、`",
            |draft, cell, _| {
                draft.profile.skills = names(cell)?;
                Ok(())
            },
        ),
        Column::new(
            "capacity",
            "同时工单数",
            "how many tickets at once, 1 to 1000; by the rules where empty",
            |draft, cell, _| {
                draft.profile.capacity = whole_number(cell, 1, 1000)?;
                Ok(())
            },
        ),
        Column::new(
            "roster",
            "排班",
            "weekly roster, written as service hours are; duty is said by hand where empty",
            |draft, cell, _| {
                draft.profile.roster = cell.parse().map_err(Wrong::Hours)?;
                Ok(())
            },
        ),
        Column::new(
            "zone",
            "时区",
            "time zone of the roster, such as `Asia/Shanghai`; the firm's where empty",
            |draft, cell, _| {
                draft.profile.zone = zone(cell)?;
                Ok(())
            },
        ),
        Column::new(
            "retired",
            "离职",
            "`yes` or `是` for who is no longer with the firm",
            |draft, cell, _| {
                draft.profile.retired = yes_no(cell)?;
                Ok(())
            },
        ),
    ];

    fn begin(id: EngineerId, now: &dyn Aggregates) -> Self {
        let known = now.engineer(id);
        Self { profile: known.map(|known| Profile::from(&known.profile)).unwrap_or_default() }
    }

    fn finish(self, id: EngineerId, code: String, _: &dyn Aggregates) -> Result<Command, At> {
        let profile = Profile { code: Some(code), ..self.profile };
        Ok(Command::Engineer(id, EngineerCommand::Put(profile)))
    }
}
