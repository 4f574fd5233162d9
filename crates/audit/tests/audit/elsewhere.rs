//! Files that another system named, and that never came.

use audit::{AsOf, Class, NeverArrived, Options, Scope};
use domain::ticket::{Import, ImportedStep, Note, Priority};
use domain::{Command, CustomerId, Party, TicketId};

use crate::firm::Firm;

const CASE: TicketId = TicketId::from_u128(0xca5e);
const OTHER: TicketId = TicketId::from_u128(0x07e4);
const CUSTOMER: CustomerId = CustomerId::from_u128(0xc0);

fn step(firm: &mut Firm, id: TicketId, step: ImportedStep, words: &str) {
    let import = Import { step: Some(step), words: words.into() };
    firm.run_by(Party::Import, Command::Ticket(id, import.into()));
}

/// A closed case of another system that names these files.
fn case(firm: &mut Firm, id: TicketId, customer: Option<CustomerId>, names: &[&str]) {
    let opened =
        ImportedStep::Opened { customer, outlet: None, device: None, priority: Priority::Normal };
    step(firm, id, opened, "");
    let count = u32::try_from(names.len()).expect("few");
    step(firm, id, ImportedStep::AttachmentsNamed { count }, &names.join("\n"));
    step(firm, id, ImportedStep::Closed, "");
}

fn attach(firm: &mut Firm, id: TicketId, photo: u32, name: &str) {
    let mut photo = firm.photo(photo);
    photo.name = name.into();
    firm.step(id, Note { words: "找到了".into(), attachments: vec![photo] });
}

fn names(files: &[NeverArrived]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_deref().unwrap_or_default()).collect()
}

#[test]
fn what_another_system_named_has_never_arrived_until_a_file_of_that_name_is_attached_to_its_ticket()
{
    let mut firm = Firm::in_memory();
    case(&mut firm, CASE, None, &["铭牌.jpg", "C:\\photos\\IMG_1.JPG", "IMG_1.jpg"]);
    case(&mut firm, OTHER, None, &["铭牌.jpg"]);
    let before = firm.head();
    let (report, told) = firm.audit(&Options::default());
    assert_eq!((report.totals.never_arrived, report.totals.named), (4, 4));
    let all = ["铭牌.jpg", "C:\\photos\\IMG_1.JPG", "IMG_1.jpg", "铭牌.jpg"];
    assert_eq!(names(&told.never_arrived), all);
    assert_eq!(report.never_arrived, told.never_arrived);
    assert!(report.is_whole(), "nothing was lost here");
    assert_eq!(report.recorded().expect("of everything").never_arrived, 4);

    attach(&mut firm, CASE, 1, "铭牌.jpg");
    attach(&mut firm, CASE, 2, "img_1.jpg");
    attach(&mut firm, OTHER, 3, "别的.jpg");
    let (report, told) = firm.audit(&Options::default());
    assert_eq!(report.totals.of(Class::Intact), 3);
    assert_eq!(report.totals.named, report.totals.intact + report.totals.never_arrived);
    assert_eq!(names(&told.never_arrived), ["IMG_1.jpg", "铭牌.jpg"]);

    let (report, _) = firm.audit(&Options { as_of: AsOf::Position(before), ..Options::default() });
    assert_eq!(report.totals.never_arrived, 4);
}

#[test]
fn one_ticket_and_one_customer_are_asked_for_what_their_cases_lack() {
    let mut firm = Firm::in_memory();
    case(&mut firm, CASE, Some(CUSTOMER), &["a.jpg", "b.jpg"]);
    case(&mut firm, OTHER, None, &["c.jpg"]);
    let of = |firm: &mut Firm, scope: Scope| {
        firm.audit(&Options { scope, ..Options::default() }).0.totals.never_arrived
    };
    assert_eq!(of(&mut firm, Scope { ticket: Some(OTHER), ..Scope::default() }), 1);
    assert_eq!(of(&mut firm, Scope { customer: Some(CUSTOMER), ..Scope::default() }), 2);
}
