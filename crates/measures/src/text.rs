//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write};

use crate::histogram::Reading;

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up, from zero at each start.
    Counter,
    /// A [`Reading`].
    Histogram,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

/// Numbers, as they are told.
#[derive(Debug, Default)]
pub struct Text(String);

/// The numbers of one name.
#[derive(Debug)]
pub struct Family<'a> {
    out: &'a mut String,
    name: &'a str,
}

impl Text {
    /// The media type.
    pub const MEDIA_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// Begins a name; its samples follow.
    pub fn family<'a>(&'a mut self, name: &'a str, kind: Kind, help: &str) -> Family<'a> {
        let out = &mut self.0;
        put(out, format_args!("# HELP {name} {}\n", help.replace('\\', r"\\").replace('\n', " ")));
        put(out, format_args!("# TYPE {name} {}\n", kind.as_str()));
        Family { out, name }
    }

    /// A gauge without labels.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, Kind::Gauge, help).sample(&[], value);
    }

    /// A counter without labels.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, Kind::Counter, help).sample(&[], value);
    }

    /// A histogram without labels.
    pub fn histogram(&mut self, name: &str, help: &str, reading: &Reading) {
        self.family(name, Kind::Histogram, help).reading(&[], reading);
    }

    /// All that was told.
    pub fn finish(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// A number, told apart by labels.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.line("", labels, None, value);
    }

    /// The buckets, the sum and the count of a histogram.
    pub fn reading(&mut self, labels: &[(&str, &str)], reading: &Reading) {
        for (bound, count) in &reading.buckets {
            self.line("_bucket", labels, Some(&bound.to_string()), count);
        }
        self.line("_bucket", labels, Some("+Inf"), reading.count);
        self.line("_sum", labels, None, reading.sum);
        self.line("_count", labels, None, reading.count);
    }

    fn line(
        &mut self,
        suffix: &str,
        labels: &[(&str, &str)],
        upper: Option<&str>,
        value: impl Display,
    ) {
        put(self.out, format_args!("{}{suffix}", self.name));
        let labels = labels.iter().copied().chain(upper.map(|upper| ("le", upper)));
        let mut lead = '{';
        for (name, value) in labels {
            let value = value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
            put(self.out, format_args!("{lead}{name}=\"{value}\""));
            lead = ',';
        }
        if lead == ',' {
            self.out.push('}');
        }
        put(self.out, format_args!(" {value}\n"));
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes all that can be displayed");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Histogram;

    #[test]
    fn numbers_are_told_as_prometheus_reads_them() {
        let mut text = Text::default();
        text.gauge("a_bytes", "How many.", 7);
        let mut family = text.family("b_total", Kind::Counter, "Two\nlines and a \\.");
        family.sample(&[("x", "a\"b\\c"), ("y", "王")], 1.5);
        family.sample(&[], 2);
        let histogram = Histogram::of_spans(&[500_000]);
        histogram.count(2_000_000);
        text.family("c_seconds", Kind::Histogram, "Long.")
            .reading(&[("r", "/x")], &histogram.read());
        let expected = r#"# HELP a_bytes How many.
# TYPE a_bytes gauge
a_bytes 7
# HELP b_total Two lines and a \\.
# TYPE b_total counter
b_total{x="a\"b\\c",y="王"} 1.5
b_total 2
# HELP c_seconds Long.
# TYPE c_seconds histogram
c_seconds_bucket{r="/x",le="0.5"} 0
c_seconds_bucket{r="/x",le="+Inf"} 1
c_seconds_sum{r="/x"} 2
c_seconds_count{r="/x"} 1
"#;
        assert_eq!(text.finish(), expected);
    }
}
