//! Dates as another system writes them.

use domain::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

/// Reads dates in the first of several formats that fits.
#[derive(Debug, Clone)]
pub(super) struct MomentReader {
    formats: Vec<String>,
    zone: TimeZone,
}

/// Why a format cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("a date written in the format `{format}` does not read back")]
pub(super) struct FormatError {
    format: String,
    #[source]
    source: jiff::Error,
}

impl MomentReader {
    /// A reader of these formats; dates without an offset of their own are in `zone`.
    pub(super) fn new(formats: Vec<String>, zone: TimeZone) -> Result<Self, FormatError> {
        // Two digits for each part, so that no format is too narrow for it.
        let sample = jiff::civil::date(2016, 12, 29).at(13, 47, 58, 0).to_zoned(zone.clone());
        for format in &formats {
            let read = sample.as_ref().map_err(Clone::clone).and_then(|moment| {
                let text = BrokenDownTime::from(moment).to_string(format)?;
                BrokenDownTime::parse(format, text)?.to_datetime()
            });
            if let Err(source) = read {
                return Err(FormatError { format: format.clone(), source });
            }
        }
        Ok(Self { formats, zone })
    }

    /// The moment of a text. A time that a change of the clocks skipped or repeated is taken as
    /// the offset before the change has it.
    pub(super) fn read(&self, text: &str) -> Option<Timestamp> {
        self.formats.iter().find_map(|format| {
            let parts = BrokenDownTime::parse(format, text).ok()?;
            let moment = if parts.offset().is_some() {
                parts.to_timestamp().ok()?
            } else {
                self.zone.to_timestamp(parts.to_datetime().ok()?).ok()?
            };
            Some(Timestamp::from_jiff(moment))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(formats: &[&str], zone: &str) -> Result<MomentReader, FormatError> {
        let zone = TimeZone::get(zone).expect("a zone");
        MomentReader::new(formats.iter().map(|format| (*format).to_owned()).collect(), zone)
    }

    fn read(formats: &[&str], zone: &str, text: &str) -> Option<String> {
        reader(formats, zone).expect("formats").read(text).map(|moment| moment.to_string())
    }

    #[test]
    fn days_and_months_of_one_digit_are_read() {
        let formats = ["%d/%m/%Y %H:%M"];
        assert_eq!(read(&formats, "UTC", "1/3/2016 09:14"), Some("2016-03-01T09:14:00Z".into()));
        assert_eq!(read(&formats, "UTC", "29/2/2016 01:16"), Some("2016-02-29T01:16:00Z".into()));
    }

    #[test]
    fn a_date_without_a_zone_is_in_the_zone_of_the_mapping() {
        let formats = ["%Y-%m-%d %H:%M:%S"];
        let there = read(&formats, "Asia/Shanghai", "2026-03-01 08:30:00");
        assert_eq!(there, Some("2026-03-01T00:30:00Z".into()));
    }

    #[test]
    fn an_offset_in_the_text_goes_before_the_zone_of_the_mapping() {
        let there = read(&["%Y-%m-%dT%H:%M:%S%:z"], "UTC", "2026-03-01T08:30:00+08:00");
        assert_eq!(there, Some("2026-03-01T00:30:00Z".into()));
    }

    #[test]
    fn the_first_format_that_fits_is_taken_and_a_day_begins_at_midnight() {
        let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d"];
        assert_eq!(read(&formats, "UTC", "2026-03-01"), Some("2026-03-01T00:00:00Z".into()));
        assert_eq!(read(&formats, "UTC", "2026-02-30"), None);
        assert_eq!(read(&formats, "UTC", "2026-03-01 08:30 or so"), None);
    }

    #[test]
    fn a_format_without_a_date_or_with_an_unknown_sign_is_refused() {
        assert!(reader(&["%H:%M"], "UTC").is_err());
        assert!(reader(&["%Y-%m-%d %!"], "UTC").is_err());
        assert!(reader(&["yyyy-mm-dd"], "UTC").is_err());
    }
}
