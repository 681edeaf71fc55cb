//! The day of the run.

use std::time::{SystemTime, UNIX_EPOCH};

/// The given day, else that of SOURCE_DATE_EPOCH, else the system clock's, in UTC.
pub(super) fn resolve(given: Option<&str>) -> Result<String, String> {
    if let Some(day) = given {
        let parts: Vec<Option<u32>> = day.split('-').map(|p| p.parse().ok()).collect();
        return match parts[..] {
            [Some(year), Some(month @ 1..=12), Some(1..)] if day.len() == 10 && parts[2] <= Some(days_of(year, month)) => {
                Ok(day.to_owned())
            }
            _ => Err(format!("--today: `{day}` is no day: write it as 2027-01-31")),
        };
    }
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.trim().parse::<u64>().ok());
    let seconds = epoch.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()));
    Ok(day_of(seconds / 86_400))
}

/// How many days a month has.
fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The civil date of a day count since 1970-01-01 (proleptic Gregorian, eras of 400 years beginning in March).
fn day_of(days: u64) -> String {
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_the_epoch() {
        assert_eq!(day_of(0), "1970-01-01");
        assert_eq!(day_of(11_016), "2000-02-29");
        assert_eq!(day_of(20_781), "2026-11-24");
    }

    #[test]
    fn a_day_must_be_one() {
        for none in ["2026-13-01", "2026-02-29", "2100-02-29", "2026-04-31", "2026-01-00", "26-01-01"] {
            assert!(resolve(Some(none)).is_err(), "{none}");
        }
        assert!(resolve(Some("2028-02-29")).is_ok());
        assert_eq!(resolve(Some("2026-12-01")).as_deref(), Ok("2026-12-01"));
    }
}
