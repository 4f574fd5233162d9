//! EXIF: what a camera wrote of time, place and how it was held. A TIFF structure in memory, of
//! which a handful of fields is looked for.

use domain::{Coordinates, Datum, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::Claims;

/// Fields that are looked at in one directory.
const FIELDS_MAX: usize = 512;

/// How an image is to be turned before it is shown, as EXIF counts: 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// EXIF's number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Default for Orientation {
    /// As it is stored.
    fn default() -> Self {
        Self(1)
    }
}

#[derive(Debug, Default)]
pub(super) struct Camera {
    pub(super) claims: Claims,
    pub(super) orientation: Orientation,
}

const ORIENTATION: u16 = 0x0112;
const EXIF_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const TAKEN_AT: u16 = 0x9003;
const TAKEN_AT_OFFSET: u16 = 0x9011;
const TAKEN_AT_FRACTION: u16 = 0x9291;
const LATITUDE_REFERENCE: u16 = 1;
const LATITUDE: u16 = 2;
const LONGITUDE_REFERENCE: u16 = 3;
const LONGITUDE: u16 = 4;

/// What can be understood of it.
pub(super) fn read(exif: &[u8], zone: &TimeZone) -> Camera {
    // Some programs write the mark of JPEG in front wherever they put it.
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let Some(tiff) = Tiff::new(exif) else { return Camera::default() };
    let Some(first) = tiff.u32(4) else { return Camera::default() };
    let below = |tag| {
        let at = tiff.field(first, tag)?.number(&tiff)?;
        Some(Directory { tiff: &tiff, at })
    };
    let orientation = tiff
        .field(first, ORIENTATION)
        .and_then(|field| u8::try_from(field.number(&tiff)?).ok())
        .filter(|number| (1..=8).contains(number))
        .map_or_else(Orientation::default, Orientation);
    let taken_at = below(EXIF_DIRECTORY).and_then(|exif| taken_at(&exif, zone));
    let position = below(GPS_DIRECTORY).and_then(|gps| position(&gps));
    Camera { claims: Claims { taken_at, position }, orientation }
}

fn taken_at(exif: &Directory<'_>, zone: &TimeZone) -> Option<Timestamp> {
    let text = exif.text(TAKEN_AT)?;
    let local = DateTime::strptime("%Y:%m:%d %H:%M:%S", text.trim()).ok()?;
    // Years that no camera has seen are those of a dead battery.
    if !(1990..=2200).contains(&local.year()) {
        return None;
    }
    let offset = exif.text(TAKEN_AT_OFFSET).and_then(|text| parse_offset(text.trim()));
    let zone = offset.map_or_else(|| zone.clone(), |offset| offset.to_time_zone());
    let moment = zone.to_timestamp(local).ok()?;
    let fraction = exif.text(TAKEN_AT_FRACTION).map_or(0, micros);
    Some(Timestamp::from_micros(moment.as_microsecond() + fraction))
}

/// `+08:00`.
fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..=18).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// The digits behind the point of a second.
fn micros(digits: &str) -> i64 {
    let digits = digits.trim();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return 0;
    }
    format!("{digits:0<6}")[..6].parse().unwrap_or(0)
}

fn position(gps: &Directory<'_>) -> Option<Coordinates> {
    let side = |tag, reference, negative| {
        let degrees = gps.degrees(tag)?;
        let turned = gps.text(reference)?.trim().eq_ignore_ascii_case(negative);
        Some(if turned { -degrees } else { degrees })
    };
    let latitude = side(LATITUDE, LATITUDE_REFERENCE, "S")?;
    let longitude = side(LONGITUDE, LONGITUDE_REFERENCE, "W")?;
    // A receiver that has not found itself writes zeros.
    if latitude == 0.0 && longitude == 0.0 {
        return None;
    }
    Coordinates::new(latitude, longitude, Datum::Wgs84).ok()
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

/// One field of a directory.
struct Field {
    kind: u16,
    count: u32,
    /// Where its value stands, or where it stands written where it stands.
    at: u32,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let little = match bytes.get(..4)? {
            b"II\x2a\0" => true,
            b"MM\0\x2a" => false,
            _ => return None,
        };
        Some(Self { bytes, little })
    }

    fn array<const N: usize>(&self, at: u32) -> Option<[u8; N]> {
        let at = usize::try_from(at).ok()?;
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u16(&self, at: u32) -> Option<u16> {
        let bytes = self.array(at)?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, at: u32) -> Option<u32> {
        let bytes = self.array(at)?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn field(&self, directory: u32, tag: u16) -> Option<Field> {
        let count = usize::from(self.u16(directory)?).min(FIELDS_MAX);
        (0..count).find_map(|index| {
            let at = directory.checked_add(2)?.checked_add(u32::try_from(index * 12).ok()?)?;
            (self.u16(at)? == tag).then_some(())?;
            Some(Field {
                kind: self.u16(at.checked_add(2)?)?,
                count: self.u32(at.checked_add(4)?)?,
                at: at.checked_add(8)?,
            })
        })
    }
}

impl Field {
    /// A short or long number.
    fn number(&self, tiff: &Tiff<'_>) -> Option<u32> {
        match self.kind {
            3 => tiff.u16(self.at).map(u32::from),
            4 | 13 => tiff.u32(self.at),
            _ => None,
        }
    }
}

struct Directory<'a> {
    tiff: &'a Tiff<'a>,
    at: u32,
}

impl<'a> Directory<'a> {
    /// A text of ASCII, up to its end.
    fn text(&self, tag: u16) -> Option<&'a str> {
        let field = self.tiff.field(self.at, tag).filter(|field| field.kind == 2)?;
        let at = if field.count <= 4 { field.at } else { self.tiff.u32(field.at)? };
        let (at, count) = (usize::try_from(at).ok()?, usize::try_from(field.count).ok()?);
        let bytes = self.tiff.bytes.get(at..at.checked_add(count)?)?;
        std::str::from_utf8(bytes.split(|byte| *byte == 0).next()?).ok()
    }

    /// Degrees, minutes and seconds, each a fraction.
    fn degrees(&self, tag: u16) -> Option<f64> {
        let field = self.tiff.field(self.at, tag)?;
        if (field.kind, field.count) != (5, 3) {
            return None;
        }
        let at = self.tiff.u32(field.at)?;
        let mut parts = [0.0; 3];
        for (part, step) in parts.iter_mut().zip([0, 8, 16]) {
            let at = at.checked_add(step)?;
            let (over, under) = (self.tiff.u32(at)?, self.tiff.u32(at.checked_add(4)?)?);
            // Receivers without seconds write 0/0.
            *part = if over == 0 { 0.0 } else { f64::from(over) / f64::from(under) };
        }
        let [degrees, minutes, seconds] = parts;
        Some(degrees + minutes / 60.0 + seconds / 3600.0)
    }
}
