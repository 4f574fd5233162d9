//! Mappings and files that were changed at random are read or refused, never a panic or a hang.

use std::io::Cursor;

use eventlog::fuzz::{Target, try_target};
use paidan::import::{DrySink, Mapping, Options, Source, import_history};

const MAPPING: &str = include_str!("../../../docs/examples/incident_event_log.toml");

/// The columns of the example's mapping, and what some of its rows look like.
const FILE: &str = "number,incident_state,active,reassignment_count,reopen_count,sys_mod_count,\
    made_sla,caller_id,opened_by,opened_at,sys_created_by,sys_created_at,sys_updated_by,\
    sys_updated_at,contact_type,location,category,subcategory,u_symptom,cmdb_ci,impact,urgency,\
    priority,assignment_group,assigned_to,knowledge,u_priority_confirmation,notify,problem_id,rfc,\
    vendor,caused_by,closed_code,resolved_by,resolved_at,closed_at\n\
    INC0000045,New,true,0,0,0,true,Caller 2403,Opened by  8,29/2/2016 01:16,Created by 6,\
    29/2/2016 01:23,Updated by 21,29/2/2016 01:23,Phone,Location 143,Category 55,Subcategory 170,\
    Symptom 72,?,2 - Medium,2 - Medium,3 - Moderate,Group 56,?,true,false,Do Not Notify,?,?,?,?,\
    code 5,Resolved by 149,29/2/2016 11:29,5/3/2016 12:00\n\
    INC0000045,Closed,false,0,0,4,true,Caller 2403,Opened by  8,29/2/2016 01:16,Created by 6,\
    29/2/2016 01:23,Updated by 908,5/3/2016 12:00,Phone,Location 143,Category 55,Subcategory 170,\
    Symptom 72,?,2 - Medium,2 - Medium,3 - Moderate,Group 56,?,true,false,Do Not Notify,?,?,?,?,\
    code 5,Resolved by 149,29/2/2016 11:29,5/3/2016 12:00\n";

fn import(mapping: &str, file: Vec<u8>) {
    let Ok(mapping) = Mapping::parse(mapping) else { return };
    let Ok(source) = Source::new(Cursor::new(file)) else { return };
    drop(import_history(&mapping, source, &mut DrySink, Options::default()));
}

#[test]
fn no_bytes_make_the_reader_of_mappings_panic() {
    try_target(&Target {
        name: "import mapping",
        run: |bytes| import(&String::from_utf8_lossy(bytes), FILE.into()),
        mend: |_| {},
        seeds: || {
            Mapping::parse(MAPPING).expect("the example is right");
            vec![MAPPING.into()]
        },
        cost: 100_000,
    });
}

#[test]
fn no_bytes_make_the_reader_of_another_systems_file_panic() {
    try_target(&Target {
        name: "import file",
        run: |bytes| import(MAPPING, bytes.to_vec()),
        mend: |_| {},
        seeds: || vec![FILE.into()],
        cost: 100_000,
    });
}
