//! Numbers as Prometheus reads them.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::Client;

/// Labels and their values.
pub(crate) type Labels = BTreeMap<String, String>;

/// Names with their type, labels and help.
pub(crate) type Table = BTreeMap<String, (String, String, String)>;

/// A name with its samples.
#[derive(Debug, Clone, Default)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) help: String,
    /// The suffix (`_bucket`, …), the labels and the value of each.
    pub(crate) samples: Vec<(String, Labels, f64)>,
}

impl Family {
    /// All labels but a histogram's `le`.
    pub(crate) fn labels(&self) -> BTreeSet<&str> {
        let labels = self.samples.iter().flat_map(|(_, labels, _)| labels.keys());
        labels.map(String::as_str).filter(|label| *label != "le").collect()
    }
}

/// All that a server tells at a moment.
#[derive(Debug)]
pub(crate) struct Scrape(pub(crate) BTreeMap<String, Family>);

impl Scrape {
    /// Asks a server, and refuses what Prometheus would refuse.
    #[track_caller]
    pub(crate) fn of(client: &Client) -> Self {
        let answer = client.get("/metrics").expect(200);
        assert_eq!(answer.media_type, "text/plain; version=0.0.4; charset=utf-8");
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let mut current = String::new();
        for line in answer.text.lines() {
            if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|l| l.split_once(' '))
            {
                let family = Family { help: help.to_owned(), ..Family::default() };
                assert!(families.insert(name.to_owned(), family).is_none(), "{name} comes twice");
                current = name.to_owned();
            } else if let Some((name, kind)) =
                line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' '))
            {
                assert_eq!(name, current);
                families.get_mut(name).expect("it has help").kind = kind.to_owned();
            } else {
                let (name, labels, value) = sample(line);
                let suffix = name.strip_prefix(&current);
                let suffix = suffix.unwrap_or_else(|| panic!("{line} stands under {current}"));
                let family = families.get_mut(&current).expect("it has help");
                let histogram = family.kind == "histogram";
                assert_eq!(["_bucket", "_sum", "_count"].contains(&suffix), histogram, "{line}");
                family.samples.push((suffix.to_owned(), labels, value));
            }
        }
        Self(families)
    }

    /// The type, the labels and the help of each name.
    pub(crate) fn table(&self) -> Table {
        let row = |(name, family): (&String, &Family)| {
            let labels: Vec<_> = family.labels().into_iter().collect();
            (name.clone(), (family.kind.clone(), labels.join(", "), family.help.clone()))
        };
        self.0.iter().map(row).collect()
    }

    /// The value with exactly these labels; zero where there is none yet.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let wanted: Labels =
            labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let (family, suffix) = self.family(name).unwrap_or_else(|| panic!("no {name}"));
        let mut samples = family.samples.iter();
        samples
            .find(|(found, labels, _)| found == suffix && *labels == wanted)
            .map_or(0.0, |(_, _, value)| *value)
    }

    /// The family that a name of a sample belongs to, and the suffix.
    pub(crate) fn family<'a>(&'a self, name: &'a str) -> Option<(&'a Family, &'a str)> {
        if let Some(family) = self.0.get(name).filter(|family| family.kind != "histogram") {
            return Some((family, ""));
        }
        ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| {
            let family = self.0.get(name.strip_suffix(suffix)?)?;
            (family.kind == "histogram").then_some((family, suffix))
        })
    }
}

/// The names that a document lists in tables.
pub(crate) fn table(document: &str) -> Table {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, kind, labels, help, _] = cells[..] else { return None };
        let name = name.strip_prefix("`paidan_")?.strip_suffix('`')?;
        let told = (kind.to_owned(), labels.replace('`', ""), help.to_owned());
        Some((format!("paidan_{name}"), told))
    };
    document.lines().filter_map(row).collect()
}

fn sample(line: &str) -> (String, Labels, f64) {
    let (head, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value in {line}"));
    let value = value.parse().unwrap_or_else(|_| panic!("no number in {line}"));
    let Some((name, rest)) = head.split_once('{') else {
        return (head.to_owned(), Labels::new(), value);
    };
    let inner = rest.strip_suffix('}').unwrap_or_else(|| panic!("no end of labels in {line}"));
    let mut labels = Labels::new();
    for label in inner.split("\",") {
        let (name, value) = label.split_once("=\"").unwrap_or_else(|| panic!("no label in {line}"));
        labels.insert(name.to_owned(), value.trim_end_matches('"').to_owned());
    }
    (name.to_owned(), labels, value)
}
