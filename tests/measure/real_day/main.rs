//! The reports of a real day in a data directory, as a firm of made-up people would have answered them: for
//! `paidan rules try` (docs/trying-rules.md). The day passes on a clock of its own, in seconds.
//!
//!     real_day FILE DIRECTORY [SEED]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::directory::{AreaEntry, CustomerEntry, OutletEntry};
use domain::engineer::Profile;
use domain::rules::Rules;
use domain::ticket::{Create, Priority};
use domain::{AreaId, Command, CustomerId, OutletId, Timestamp};
use eventlog::{EventLog, ManualClock};
use paidan::config::{Config, Flags};

use crate::arrivals::Arrival;
use crate::day::{Day, People};

#[path = "../replay/arrivals.rs"]
mod arrivals;
#[path = "../../../crates/trial/tests/day/mod.rs"]
mod day;

/// The year's busiest day, while people work, as in docs/replay.md.
const DAY: &str = "7/3/2016";
const HOURS: std::ops::Range<u64> = 8..18;
const BEGIN: &str = "2016-03-07T08:00:00+08:00";
/// So long after the last report it ends, whatever is still open.
const AFTERWARDS: Duration = Duration::from_secs(5 * 3_600);
/// The firm and the people of docs/replay.md.
const ENGINEERS: usize = 80;
const PEOPLE: People =
    People { ignored: 12, declined: 10, accepts: 8, resolves: 35, supervises: 10, rejects: 0 };

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, directory, ..] = &*arguments else {
        panic!("name the file and a directory that does not exist yet; see docs/trying-rules.md")
    };
    let seed = arguments.get(2).map_or(42, |seed| seed.parse().expect("a seed"));
    let arrivals = arrivals::read(Path::new(file), DAY, HOURS);
    let begin: Timestamp = BEGIN.parse().expect("a moment");
    let clock = ManualClock::new(begin.minus(Duration::from_secs(600)));
    let flags = Flags { data: Some(directory.into()), ..Flags::default() };
    let config = Config::resolve(flags, []).expect("a configuration");
    let opened = paidan::data_directory::open_or_create(&config, Arc::new(clock.clone()));
    let log: Arc<dyn EventLog> = Arc::new(opened.expect("a new directory").0);

    let mut day = Day::new(Arc::clone(&log), clock, PEOPLE, seed);
    day.publish(Rules::default());
    let firm = Firm::enter(&mut day, &arrivals);
    for arrival in &arrivals {
        day.report(begin.plus(arrival.after), firm.report(arrival));
    }
    let last = arrivals.last().map_or(Duration::ZERO, |arrival| arrival.after);
    day.pass_until(begin.plus(last + AFTERWARDS));
    println!("{} reports, {} events in {directory}", arrivals.len(), log.head().position);
}

struct Firm {
    outlets: HashMap<String, OutletId>,
    customers: HashMap<String, CustomerId>,
}

impl Firm {
    /// One area, an outlet at each location, those with most cases first, engineers spread over them.
    fn enter(day: &mut Day, arrivals: &[Arrival]) -> Self {
        let area = AreaId::from_u128(1);
        day.put(Command::Area(area, AreaEntry { name: "全部".into(), ..AreaEntry::default() }));
        let mut locations = BTreeMap::<&str, usize>::new();
        for location in arrivals.iter().filter_map(|arrival| arrival.location.as_deref()) {
            *locations.entry(location).or_default() += 1;
        }
        let mut locations: Vec<_> = locations.into_iter().collect();
        locations.sort_by_key(|(_, cases)| std::cmp::Reverse(*cases));
        let mut outlets = Vec::new();
        for (number, (name, _)) in (1..).zip(locations) {
            let id = OutletId::from_u128(number);
            let code = Some(format!("L{number}"));
            let entry =
                OutletEntry { name: name.into(), code, area: Some(area), ..OutletEntry::default() };
            day.put(Command::Outlet(id, entry));
            outlets.push((name.to_owned(), id));
        }
        let mut customers = HashMap::new();
        for arrival in arrivals {
            let id = CustomerId::from_u128(customers.len() as u128 + 1);
            if !customers.contains_key(&arrival.caller) {
                let entry = CustomerEntry {
                    name: Some(arrival.caller.clone()),
                    ..CustomerEntry::default()
                };
                day.put(Command::Customer(id, entry));
                customers.insert(arrival.caller.clone(), id);
            }
        }
        for number in 0..ENGINEERS {
            let outlet = Some(outlets[number % outlets.len()].1);
            let code = Some(format!("E{number}"));
            day.engineer(Profile { code, outlet, capacity: Some(3), ..Profile::default() });
        }
        Self { outlets: outlets.into_iter().collect(), customers }
    }

    /// The report of a case. The telephone number is made of the caller's.
    fn report(&self, arrival: &Arrival) -> Create {
        let number: String = arrival.caller.chars().filter(char::is_ascii_digit).collect();
        Create {
            sentence: Some(arrival.sentence.clone()),
            customer: self.customers.get(&arrival.caller).copied(),
            outlet: arrival.location.as_ref().and_then(|name| self.outlets.get(name).copied()),
            place: arrival.location.clone(),
            contact_name: Some(arrival.caller.clone()),
            contact_phone: Some(format!("138{number:0>8}")),
            priority: match arrival.priority {
                0 | 1 => Priority::Critical,
                2 => Priority::High,
                3 => Priority::Normal,
                _ => Priority::Low,
            },
            ..Create::default()
        }
    }
}
