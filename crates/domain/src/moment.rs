//! A point in time, in milliseconds since 1970 UTC.

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The calendar year a shop reads on its wall. Invoice numbers count from one in each.
    pub fn year_in(self, zone: &TimeZone) -> i16 {
        zone.to_datetime(self.timestamp()).year()
    }

    /// Later by so much, or earlier.
    pub fn plus_ms(self, by: i64) -> Moment {
        Moment(self.0.saturating_add(by))
    }

    pub fn parse(text: &str) -> Option<Moment> {
        text.parse::<Timestamp>().ok().map(|at| Moment(at.as_millisecond()))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }
}

/// RFC 3339 in UTC; the three decimals are left out when they are `.000`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.timestamp();
        if self.0 % 1000 == 0 { write!(f, "{at:.0}") } else { write!(f, "{at:.3}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_milliseconds_only_when_there_are_some() {
        assert_eq!(Moment(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Moment(1_751_025_600_120).to_string(), "2025-06-27T12:00:00.120Z");
        assert_eq!(Moment::parse("2025-06-27T12:00:00.12Z"), Some(Moment(1_751_025_600_120)));
        assert_eq!(Moment::parse("2025-06-27"), None);
    }

    #[test]
    fn the_year_is_that_of_the_time_zone() {
        let new_year_in_utc = Moment::parse("2026-01-01T00:30:00Z").unwrap();
        let new_york = TimeZone::get("America/New_York").unwrap();
        assert_eq!(new_year_in_utc.year_in(&TimeZone::UTC), 2026);
        assert_eq!(new_year_in_utc.year_in(&new_york), 2025);
    }
}
