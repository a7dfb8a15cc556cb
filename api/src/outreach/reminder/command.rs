//! The commands `autopaspoort reminder-offsets show`, `set` and `clear`: when people are reminded, as the operator sets it
//! for the platform and for chains (rule RM1).

use crate::{clock::new_id, command::record, problem::Problem};
use clap::{Args, Subcommand};
use domain::{
    Instant,
    event::{Fact, Stream},
    ids::GarageId,
    job::{CarsToRefresh, Task},
    reminder::{EARLIEST_OFFSET, MAX_OFFSETS, Offsets, OffsetsOf, OffsetsRefused},
    value::{ReminderItem, search_key},
};
use persistence::{self as store, Store, Tx, jobs::Job};

/// What is done about offsets.
#[derive(Subcommand)]
pub enum OffsetsCommand {
    /// Show the offsets that count for all garages, or for those of a chain, and where they come from
    Show {
        /// The chain, by its name; without it, the platform
        #[arg(long)]
        chain: Option<String>,
    },
    /// Set the offsets of an item
    ///
    /// They count for the garages that set none themselves; those of a chain count before those of the platform. A running
    /// server looks at the cars anew within minutes.
    #[command(allow_negative_numbers = true)]
    Set {
        /// Which offsets they are.
        #[command(flatten)]
        of: ItemOptions,
        /// In days from the due day: -28 is four weeks before, 1 is the day after; at most ten
        #[arg(required = true)]
        days: Vec<i64>,
    },
    /// Delete the offsets of an item, so that those of the next level count again
    Clear {
        /// Which offsets they are.
        #[command(flatten)]
        of: ItemOptions,
    },
}

/// Which offsets are changed.
#[derive(Args)]
pub struct ItemOptions {
    /// The chain, by its name; without it, the platform
    #[arg(long)]
    pub chain: Option<String>,
    /// What people are reminded of: apk, maintenance, offer or invitation
    pub item: String,
}

impl ItemOptions {
    fn item(&self) -> Result<ReminderItem, String> {
        ReminderItem::from_code(&self.item).ok_or_else(|| {
            let known = ReminderItem::ALL.iter().map(|item| item.code()).collect::<Vec<_>>().join(", ");
            format!("{} is no item; there are {known}", self.item)
        })
    }
}

/// Whose offsets are meant.
fn level(chain: Option<&String>) -> Result<OffsetsOf, String> {
    match chain {
        None => Ok(OffsetsOf::Platform),
        Some(chain) if search_key(chain).is_empty() => Err("--chain: must have a letter or a digit".to_owned()),
        Some(chain) => Ok(OffsetsOf::chain(chain)),
    }
}

/// Why offsets are refused, in words.
fn reason(item: ReminderItem, refused: OffsetsRefused) -> String {
    match refused {
        OffsetsRefused::None | OffsetsRefused::TooMany => format!("give 1 to {MAX_OFFSETS} offsets"),
        OffsetsRefused::OutOfRange(day) => {
            let (code, latest) = (item.code(), item.latest_offset());
            format!("{day} is out of range: offsets of {code} are from {EARLIEST_OFFSET} to {latest}")
        }
        OffsetsRefused::Twice(day) => format!("{day} is there twice"),
    }
}

/// Runs a command. `open` opens the database; `say` writes a line for the user.
pub fn run(
    command: &OffsetsCommand,
    open: impl FnOnce() -> Result<Store, String>,
    now: Instant,
    mut say: impl FnMut(&str),
) -> Result<(), String> {
    let (of, chain, item, offsets) = match command {
        OffsetsCommand::Show { chain } => return show(&level(chain.as_ref())?, &open()?, say),
        OffsetsCommand::Set { of, days } => {
            let item = of.item()?;
            let offsets = Offsets::new(item, days).map_err(|refused| reason(item, refused))?;
            (level(of.chain.as_ref())?, &of.chain, item, Some(offsets))
        }
        OffsetsCommand::Clear { of } => (level(of.chain.as_ref())?, &of.chain, of.item()?, None),
    };
    let write = |tx: &mut Tx<'_>| change(tx, &of, chain.as_ref(), item, offsets.as_ref(), now);
    let told = |problem: Problem| problem.reason().unwrap_or_else(|| problem.code.code().to_owned());
    let store = open()?;
    if let (Some(name), Some(_)) = (chain, &offsets) {
        require_garages(name, &of, &store)?;
    }
    let garages = store.write(write).map_err(told)?;
    let many = if garages == 1 { "1 garage".to_owned() } else { format!("{garages} garages") };
    say(&format!("The cars of {many} will be looked at anew."));
    Ok(())
}

/// Offsets for a chain of which there is no garage are for nobody: its name is rather mistyped.
fn require_garages(name: &str, of: &OffsetsOf, store: &Store) -> Result<(), String> {
    let garages = store.read(|tx| store::reminder::list_garages_of(tx, of)).map_err(|error| error.to_string())?;
    if !garages.is_empty() {
        return Ok(());
    }
    let chains = store.read(store::garage::chains).map_err(|error| error.to_string())?;
    let known = if chains.is_empty() {
        "no garage belongs to one".to_owned()
    } else {
        format!("there are {}", chains.join(", "))
    };
    Err(format!("--chain: no garage belongs to the chain {name}; {known}"))
}

fn show(of: &OffsetsOf, store: &Store, mut say: impl FnMut(&str)) -> Result<(), String> {
    let set = store.read(store::reminder::all_offsets).map_err(|error| error.to_string())?;
    for item in ReminderItem::ALL {
        let days = |offsets: &Offsets| offsets.days().map(|day| day.to_string()).collect::<Vec<_>>().join(" ");
        let shown = match (set.own(of.clone(), *item), set.own(OffsetsOf::Platform, *item)) {
            (Some(own), _) => days(own),
            (None, Some(platform)) => format!("{} (of the platform)", days(platform)),
            (None, None) => format!("{} (usual)", days(&Offsets::default_of(*item))),
        };
        say(&format!("{:<12} {shown}", item.code()));
    }
    Ok(())
}

/// Keeps what a level sets, and has the cars of the garages that it concerns looked at anew. The answer is how many garages.
fn change(
    tx: &mut Tx<'_>,
    of: &OffsetsOf,
    chain: Option<&String>,
    item: ReminderItem,
    offsets: Option<&Offsets>,
    now: Instant,
) -> Result<usize, Problem> {
    store::event::create_stream(tx, Stream::Platform)?;
    store::event::lock(tx, Stream::Platform)?;
    match offsets {
        Some(offsets) => store::reminder::set_offsets(tx, of, item, offsets)?,
        None => store::reminder::clear_offsets(tx, of, item)?,
    }
    record(tx, Stream::Platform, None, [Fact::ReminderOffsetsChanged { item, chain: chain.cloned() }], now)?;
    let garages = store::reminder::list_garages_of(tx, of)?;
    // The garages are not locked: a look that waits already may begin before this is stored, so each gets one of its own.
    let look = |garage: &GarageId| {
        let cars = CarsToRefresh { garage_id: *garage, after: None };
        Job::without_cause(new_id(), Task::LookAgain(cars))
    };
    store::jobs::insert_all(tx, &garages.iter().map(look).collect::<Vec<_>>(), now, now)?;
    Ok(garages.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stores a garage of a chain.
    fn store_garage(tx: &mut Tx<'_>, chain: &str) -> Result<(), Problem> {
        let now = Instant::from_second(1_792_890_000).unwrap();
        let id = GarageId(new_id());
        store::event::create_stream(tx, Stream::Garage(id))?;
        let garage = domain::garage::Garage {
            id,
            name: "Garage Jansen".into(),
            chain: Some(chain.to_owned()),
            email: domain::value::EmailAddress::parse("info@jansen.example").unwrap(),
            phone: None,
            address: domain::value::Address {
                street: None,
                postcode: None,
                place: None,
                country: domain::value::Country::NL,
            },
            language: domain::value::Language::Dutch,
            currency: domain::value::Currency::parse("EUR").unwrap(),
            second_thoughts_days: domain::garage::DEFAULT_SECOND_THOUGHTS_DAYS,
            time_zone: "Europe/Amsterdam".into(),
            second_factor_required: false,
            version: 1,
        };
        Ok(store::garage::insert(tx, &garage, now)?)
    }

    #[test]
    fn rm1_the_operator_sets_offsets_of_the_platform_and_of_chains() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("offsets.db").display());
        let store = Store::open(&url.parse().unwrap(), 2).unwrap();
        store.migrate().unwrap();
        let of = |item: &str, chain: Option<&str>| ItemOptions { chain: chain.map(Into::into), item: item.into() };
        let set = |item, chain, days: &[i64]| OffsetsCommand::Set { of: of(item, chain), days: days.to_vec() };
        let run = |command: OffsetsCommand| {
            let mut lines = vec![];
            let now = "2026-11-28T09:14:03Z".parse().unwrap();
            super::run(&command, || Ok(store.clone()), now, |line| lines.push(line.to_owned())).map(|()| lines)
        };
        let show = |chain: Option<&str>| run(OffsetsCommand::Show { chain: chain.map(Into::into) }).unwrap();
        let usual = |item| Offsets::default_of(item).days().map(|day| day.to_string()).collect::<Vec<_>>().join(" ");
        let of_apk = format!("apk          {} (usual)", usual(ReminderItem::Apk));
        assert_eq!(show(None).len(), 4);
        assert_eq!((&show(None)[0], &show(Some("Vakgarage"))[0]), (&of_apk, &of_apk));
        let refused = run(set("offer", Some("Vakgarge"), &[0])).unwrap_err();
        assert!(refused.contains("Vakgarge; no garage belongs to one"), "{refused}");
        store.write(|tx| store_garage(tx, "Vakgarage")).unwrap();
        let refused = run(set("offer", Some("Vakgarge"), &[0])).unwrap_err();
        assert!(refused.contains("Vakgarge; there are Vakgarage"), "{refused}");
        assert_eq!(run(set("apk", None, &[1, -28])).unwrap(), ["The cars of 1 garage will be looked at anew."]);
        assert!(run(set("offer", Some("Vakgarage"), &[0])).is_ok());
        assert_eq!(show(None)[0], "apk          -28 1");
        assert_eq!(show(Some("VAKGARAGE"))[0], "apk          -28 1 (of the platform)");
        assert_eq!(show(Some("VAKGARAGE"))[2], "offer        0");
        assert!(run(OffsetsCommand::Clear { of: of("apk", None) }).is_ok());
        assert_eq!(show(None)[0], of_apk);
        // What was set before the last garage left the chain can be cleared.
        assert!(run(OffsetsCommand::Clear { of: of("apk", Some("Vakgarge")) }).is_ok());
        for (command, part) in [
            (set("tyres", None, &[1]), "apk, maintenance"),
            (set("offer", None, &[1]), "from -180 to 0"),
            (set("apk", None, &[-200]), "-200"),
            (set("apk", None, &[7, 7]), "twice"),
            (set("apk", None, &[]), "1 to 10"),
            (set("apk", Some(" - "), &[7]), "--chain"),
        ] {
            let refused = run(command).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        }
    }
}
