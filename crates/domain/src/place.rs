//! Where things are.

use serde::{Deserialize, Serialize};

use crate::gcj02;
use crate::schema::written_as;

/// Which grid coordinates belong to. Chinese map services shift theirs by 300 to 500 metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Datum {
    /// What satellites and browsers give.
    #[default]
    #[serde(rename = "WGS-84")]
    Wgs84,
    /// What WeChat and AMap give.
    #[serde(rename = "GCJ-02")]
    Gcj02,
}

/// A point on the earth, to about a centimetre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Coordinates {
    latitude_e7: i32,
    longitude_e7: i32,
    datum: Datum,
}

/// Numbers that are not on the earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "latitude {latitude} and longitude {longitude} are not on the earth (-90 to 90, -180 to 180)"
)]
pub struct CoordinatesError {
    latitude: f64,
    longitude: f64,
}

/// Mean radius of the earth (IUGG), in metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

impl Coordinates {
    /// The point with these degrees.
    ///
    /// # Errors
    /// When a number is not finite, or latitude or longitude is out of range.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked just before")]
    pub fn new(latitude: f64, longitude: f64, datum: Datum) -> Result<Self, CoordinatesError> {
        if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
            Ok(Self {
                latitude_e7: (latitude * 1e7).round() as i32,
                longitude_e7: (longitude * 1e7).round() as i32,
                datum,
            })
        } else {
            Err(CoordinatesError { latitude, longitude })
        }
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude_e7) / 1e7
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude_e7) / 1e7
    }

    /// The grid of the degrees.
    pub const fn datum(self) -> Datum {
        self.datum
    }

    /// Degrees north and east in WGS-84; of another grid to about a metre.
    fn degrees_wgs84(self) -> (f64, f64) {
        match self.datum {
            Datum::Wgs84 => (self.latitude(), self.longitude()),
            Datum::Gcj02 => gcj02::to_wgs84(self.latitude(), self.longitude()),
        }
    }

    /// Great-circle distance in metres (haversine), whatever the grids: both are measured in WGS-84.
    pub fn distance_m(self, other: Self) -> f64 {
        let ((from, from_east), (to, to_east)) = (self.degrees_wgs84(), other.degrees_wgs84());
        let (from, to) = (from.to_radians(), to.to_radians());
        let half_lat = (to - from) / 2.0;
        let half_lon = (to_east - from_east).to_radians() / 2.0;
        let chord = half_lat.sin().powi(2) + from.cos() * to.cos() * half_lon.sin().powi(2);
        2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
    }
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct Degrees {
    /// Degrees north.
    #[cfg_attr(feature = "openapi", schema(minimum = -90, maximum = 90, example = 31.2304))]
    latitude: f64,
    /// Degrees east.
    #[cfg_attr(feature = "openapi", schema(minimum = -180, maximum = 180, example = 121.4737))]
    longitude: f64,
    /// The grid of the degrees.
    #[serde(default)]
    datum: Datum,
}

written_as!(Coordinates => Degrees);

impl Serialize for Coordinates {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            Degrees { latitude: self.latitude(), longitude: self.longitude(), datum: self.datum }
                .serialize(serializer)
        } else {
            (self.latitude_e7, self.longitude_e7, self.datum).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let Degrees { latitude, longitude, datum } = Degrees::deserialize(deserializer)?;
            Self::new(latitude, longitude, datum).map_err(serde::de::Error::custom)
        } else {
            let (latitude_e7, longitude_e7, datum) = Deserialize::deserialize(deserializer)?;
            Ok(Self { latitude_e7, longitude_e7, datum })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shanghai_to_beijing_is_1067_kilometres() {
        let shanghai = Coordinates::new(31.2304, 121.4737, Datum::Wgs84).expect("on the earth");
        let beijing = Coordinates::new(39.9042, 116.4074, Datum::Wgs84).expect("on the earth");
        assert!((shanghai.distance_m(beijing) / 1000.0 - 1067.0).abs() < 2.0);
    }

    #[test]
    fn one_point_in_two_grids_is_one_point() {
        // The pairs of eviltransform's own tests: WGS-84, GCJ-02.
        for (wgs, gcj) in [
            ((31.177_427_6, 121.527_210_6), (31.175_303_983_6, 121.531_541_859_2)),
            ((22.543_847, 113.912_316), (22.540_796_131_7, 113.917_176_480_8)),
            ((39.911_954, 116.377_817), (39.913_345_455_4, 116.384_047_224_6)),
        ] {
            let wgs = Coordinates::new(wgs.0, wgs.1, Datum::Wgs84).expect("on the earth");
            let gcj = Coordinates::new(gcj.0, gcj.1, Datum::Gcj02).expect("on the earth");
            assert!(wgs.distance_m(gcj) < 1.0, "{} m", wgs.distance_m(gcj));
            assert!(gcj.distance_m(wgs) < 1.0 && gcj.distance_m(gcj) < 1e-6);
        }
    }

    #[test]
    fn outside_china_both_grids_are_the_same() {
        let in_paris = |datum| Coordinates::new(48.8566, 2.3522, datum).expect("on the earth");
        assert!(in_paris(Datum::Wgs84).distance_m(in_paris(Datum::Gcj02)) < 1e-6);
    }

    #[test]
    fn points_off_the_earth_are_refused() {
        for (latitude, longitude) in [(91.0, 0.0), (0.0, 180.5), (f64::NAN, 0.0)] {
            assert!(Coordinates::new(latitude, longitude, Datum::Wgs84).is_err());
        }
    }
}
