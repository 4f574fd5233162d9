//! The grid of Chinese map services, GCJ-02, and back to WGS-84.
//!
//! The shift is the published approximation that map software uses (eviltransform, 2013): WGS-84
//! plus a smooth offset, within China alone. There is no formula for the way back; the offset is
//! smooth enough that two corrections leave less than a metre.

/// Krasovsky 1940, which the grid is reckoned on: half the equator's diameter in metres, and the
/// square of the eccentricity.
const SEMI_MAJOR_M: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
const CORRECTIONS: usize = 3;

/// Latitude and longitude in WGS-84 of a point in GCJ-02.
pub(crate) fn to_wgs84(latitude: f64, longitude: f64) -> (f64, f64) {
    if !is_shifted(latitude, longitude) {
        return (latitude, longitude);
    }
    let mut found = (latitude, longitude);
    for _ in 0..CORRECTIONS {
        let (north, east) = shift(found.0, found.1);
        found = (latitude - north, longitude - east);
    }
    found
}

/// A rectangle around the mainland, as the services have it.
fn is_shifted(latitude: f64, longitude: f64) -> bool {
    (0.829_3..=55.827_1).contains(&latitude) && (72.004..=137.834_7).contains(&longitude)
}

/// How far GCJ-02 lies north and east of a point in WGS-84, in degrees.
fn shift(latitude: f64, longitude: f64) -> (f64, f64) {
    let (x, y) = (longitude - 105.0, latitude - 35.0);
    let root = x.abs().sqrt();
    let waves = |of: f64, amplitudes: [f64; 2]| {
        let pi = std::f64::consts::PI;
        (amplitudes[0] * (of * pi).sin() + amplitudes[1] * (of / 3.0 * pi).sin()) * 2.0 / 3.0
    };
    let ripple = waves(6.0 * x, [20.0, 0.0]) + waves(2.0 * x, [20.0, 0.0]);
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + ripple
        + waves(y, [20.0, 40.0])
        + waves(y / 4.0, [0.0, 160.0])
        + waves(y / 10.0, [0.0, 320.0]);
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + ripple
        + waves(x, [20.0, 40.0])
        + waves(x / 4.0, [0.0, 150.0])
        + waves(x / 10.0, [0.0, 300.0]);
    let radians = latitude.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * radians.sin().powi(2);
    let meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (magic * magic.sqrt());
    let parallel = SEMI_MAJOR_M / magic.sqrt() * radians.cos();
    ((north_m / meridian).to_degrees(), (east_m / parallel).to_degrees())
}
