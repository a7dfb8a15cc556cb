//! The second factor at sign-in (rules A16 to A21): the codes of an authenticator app (TOTP, RFC 6238), and recovery codes.
//!
//! What the code of a time step is, is computed with a secret, so the API does that; which of them are good is decided here.

use crate::{Instant, coded_enum};
use jiff::SignedDuration;

/// How long a time step is.
pub const STEP: SignedDuration = SignedDuration::from_secs(30);
/// How many digits a code of the app has.
pub const DIGITS: usize = 6;
/// How many steps before and after the present one are good too: clocks of telephones differ.
pub const SKEW: i64 = 1;
/// How long the secret of a second factor that was begun can be confirmed.
pub const TO_CONFIRM: SignedDuration = SignedDuration::from_hours(1);
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// How many random bytes a recovery code has: 80 bits, which nobody guesses.
pub const RECOVERY_BYTES: usize = 10;
/// How long a device is remembered.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How many characters a code has at most, with the spaces and dashes with which it may be typed.
pub const MAX_TYPED: usize = 40;

/// The letters and digits of base32 (RFC 4648), in which secrets and recovery codes are shown.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

coded_enum! {
    /// How far an account is with its second factor.
    pub enum State {
        /// It has none.
        None => "none",
        /// A secret was shown; no code of it was given yet.
        Begun => "begun",
        /// It is asked for at each sign-in.
        Active => "active",
    }
}

coded_enum! {
    /// Why something is refused about a second factor.
    pub enum SecondFactorRefusal {
        /// It is active already.
        Active => "second_factor_active",
        /// None was begun, or too long ago.
        NotBegun => "second_factor_not_begun",
        /// There is none that is active.
        Absent => "second_factor_absent",
        /// Nobody resets their own.
        Own => "second_factor_own",
    }
}

/// What is known of an account's second factor, apart from its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// When its secret was shown.
    pub begun_at: Instant,
    /// Since when it is asked for, and the step of the latest code that was used; none until it is confirmed.
    pub active: Option<Active>,
}

/// What an active second factor has more than one that was only begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Active {
    /// Since when it is asked for.
    pub since: Instant,
    /// The step of the latest code that was used.
    pub last_step: i64,
}

impl SecondFactor {
    /// How far the account is.
    pub fn state(factor: Option<&Self>, now: Instant) -> State {
        match factor {
            Some(Self { active: Some(_), .. }) => State::Active,
            Some(begun) if begun.may_confirm(now).is_ok() => State::Begun,
            Some(_) | None => State::None,
        }
    }

    /// An account begins with another secret as long as none is active (rule A16).
    pub fn may_begin(factor: Option<&Self>) -> Result<(), SecondFactorRefusal> {
        if factor.is_some_and(|factor| factor.active.is_some()) { Err(SecondFactorRefusal::Active) } else { Ok(()) }
    }

    /// What was begun is confirmed within an hour (rule A16).
    pub fn may_confirm(&self, now: Instant) -> Result<(), SecondFactorRefusal> {
        if self.active.is_some() {
            Err(SecondFactorRefusal::Active)
        } else if now.duration_since(self.begun_at) >= TO_CONFIRM {
            Err(SecondFactorRefusal::NotBegun)
        } else {
            Ok(())
        }
    }

    /// The step whose code this is, if that is good now: it is near the present one, and later than the latest that was used,
    /// so that a code works once (rule A17). `code_of` computes the code of a step.
    pub fn step_of(&self, code: u32, now: Instant, code_of: impl Fn(i64) -> u32) -> Option<i64> {
        let present = now.as_second().div_euclid(STEP.as_secs());
        let last = self.active.map_or(i64::MIN, |active| active.last_step);
        let good = |step: &i64| code_of(*step) == code;
        // All of them are computed, whichever is the one.
        let matching = (present - SKEW..=present + SKEW).map(|step| good(&step).then_some(step));
        matching.fold(None, |found, step| found.or(step.filter(|step| *step > last)))
    }
}

/// A code as someone typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Of the app.
    App(u32),
    /// A recovery code, in capitals and without dashes.
    Recovery(String),
}

impl Typed {
    /// What was typed, whatever the spaces, dashes and the case of letters; none when it can be no code.
    pub fn parse(text: &str) -> Option<Self> {
        let bare: String = text.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
        let bare = bare.to_ascii_uppercase();
        if bare.len() == DIGITS && bare.bytes().all(|byte| byte.is_ascii_digit()) {
            return bare.parse().ok().map(Self::App);
        }
        let is_recovery = bare.len() == RECOVERY_BYTES * 8 / 5 && bare.bytes().all(|byte| BASE32.contains(&byte));
        is_recovery.then_some(Self::Recovery(bare))
    }
}

/// Bytes in base32 (RFC 4648), without padding.
pub fn base32(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(bits: u32) -> char {
    let place = usize::try_from(bits & 31).unwrap_or_default();
    BASE32.get(place).copied().map_or('A', char::from)
}

/// A recovery code as it is shown: in groups of four.
pub fn shown_recovery_code(bytes: [u8; RECOVERY_BYTES]) -> String {
    let bare = base32(&bytes);
    let letters: Vec<char> = bare.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Instant {
        Instant::from_second(second).unwrap()
    }

    /// Each step has a code of its own, which is enough to see which steps are good.
    fn code_of(step: i64) -> u32 {
        u32::try_from(step.rem_euclid(1_000_000)).unwrap()
    }

    fn active(last_step: i64) -> SecondFactor {
        SecondFactor { begun_at: at(0), active: Some(Active { since: at(0), last_step }) }
    }

    #[test]
    fn a16_an_enrolment_is_begun_and_confirmed_within_an_hour() {
        let begun = SecondFactor { begun_at: at(1_000), active: None };
        let in_time = at(1_000 + 3_599);
        assert_eq!(SecondFactor::state(None, in_time), State::None);
        assert_eq!(SecondFactor::state(Some(&begun), in_time), State::Begun);
        assert_eq!(SecondFactor::state(Some(&active(1)), in_time), State::Active);
        assert_eq!(begun.may_confirm(in_time), Ok(()));
        assert_eq!(begun.may_confirm(at(1_000 + 3_600)), Err(SecondFactorRefusal::NotBegun));
        assert_eq!(SecondFactor::state(Some(&begun), at(1_000 + 3_600)), State::None);
        assert_eq!(active(1).may_confirm(in_time), Err(SecondFactorRefusal::Active));
        // Who lost the secret on the way begins with another one.
        assert_eq!(SecondFactor::may_begin(None), Ok(()));
        assert_eq!(SecondFactor::may_begin(Some(&begun)), Ok(()));
        assert_eq!(SecondFactor::may_begin(Some(&active(1))), Err(SecondFactorRefusal::Active));
    }

    #[test]
    fn a17_the_step_before_and_after_are_good_too_and_no_other() {
        let (now, step) = (at(30 * 1_000 + 7), 1_000);
        let found = |of: i64| active(0).step_of(code_of(of), now, code_of);
        for near in step - 1..=step + 1 {
            assert_eq!(found(near), Some(near));
        }
        for far in [step - 2, step + 2, 0] {
            assert_eq!(found(far), None, "{far}");
        }
    }

    #[test]
    fn a17_a_code_works_once_and_so_does_every_one_before_it() {
        let now = at(30 * 1_000);
        let found = |last: i64, of: i64| active(last).step_of(code_of(of), now, code_of);
        assert_eq!(found(999, 1_000), Some(1_000));
        assert_eq!(found(1_000, 1_000), None);
        assert_eq!(found(1_000, 999), None);
        assert_eq!(found(1_000, 1_001), Some(1_001));
    }

    #[test]
    fn a18_recovery_codes_are_read_as_they_are_shown_and_as_people_type_them() {
        let shown = shown_recovery_code([0x5A; RECOVERY_BYTES]);
        assert_eq!(shown.len(), 19);
        let bare = shown.replace('-', "");
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!(" {bare} ")] {
            assert_eq!(Typed::parse(&typed), Some(Typed::Recovery(bare.clone())), "{typed}");
            assert!(typed.len() <= MAX_TYPED);
        }
        assert_eq!(Typed::parse("012 345"), Some(Typed::App(12_345)));
        for nothing in ["", "12345", "1234567", "abcdef", "1AAA-AAAA-AAAA-AAAA", "AAAA-AAAA-AAAA-AAA", "é23456"] {
            assert_eq!(Typed::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        // The vectors of RFC 4648, section 10.
        let vectors =
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")];
        for (plain, encoded) in vectors {
            assert_eq!(base32(plain.as_bytes()), encoded);
        }
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
    }

    proptest! {
        /// Whatever codes come at whatever moments, the steps that are taken only grow, and are near the moment.
        #[test]
        fn a17_no_step_is_taken_twice(tries in proptest::collection::vec((0..90_i64, -3..4_i64), 1..60)) {
            let (mut now, mut last) = (900_000, 0);
            for (wait, off) in tries {
                now += wait;
                let step = now / 30 + off;
                if let Some(taken) = active(last).step_of(code_of(step), at(now), code_of) {
                    prop_assert!(taken > last && (taken - now / 30).abs() <= SKEW);
                    last = taken;
                }
            }
        }
    }
}
