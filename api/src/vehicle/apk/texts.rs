//! What is said of a rule of the APK, of what must be known to tell it, and of an odd date, in Dutch and English.

use domain::{
    apk::{ApkEntryWarning, ApkMissing, ApkRule},
    value::Language,
};

/// What a rule says.
pub(super) fn explanation(rule: ApkRule, language: Language) -> &'static str {
    let (english, dutch) = match rule {
        ApkRule::Suspended => (
            "The registration is suspended: there is no duty until it is lifted.",
            "Het voertuig is geschorst: er geldt geen keuringsplicht tot de schorsing eindigt.",
        ),
        ApkRule::DealerStock => (
            "The vehicle is in the stock of a recognised dealer: there is no duty meanwhile.",
            "Het voertuig staat in de bedrijfsvoorraad: zolang geldt er geen keuringsplicht.",
        ),
        ApkRule::Exported => (
            "The vehicle was exported: without a Dutch registration there is no duty.",
            "Het voertuig is geëxporteerd: zonder Nederlandse registratie geldt er geen keuringsplicht.",
        ),
        ApkRule::Foreign => (
            "The plate is of another country: without a Dutch registration there is no duty.",
            "Het kenteken is van een ander land: zonder Nederlandse registratie geldt er geen keuringsplicht.",
        ),
        ApkRule::OwnGrounds => (
            "A tractor that is used for farming, growing, forestry or fishing, mainly on its own grounds, has no duty.",
            "Een trekker die vooral op eigen terrein wordt gebruikt voor landbouw, tuinbouw, bosbouw, veeteelt of visserij is niet keuringsplichtig.",
        ),
        ApkRule::TrackedTractor => {
            ("Tractors on tracks have no duty.", "Trekkers op rupsbanden zijn niet keuringsplichtig.")
        }
        ApkRule::SlowTractor => (
            "Tractors that are designed for 40 km/h at most have no duty.",
            "Trekkers met een maximumconstructiesnelheid tot en met 40 km/h zijn niet keuringsplichtig.",
        ),
        ApkRule::FastTractor => (
            "Tractors on wheels that are designed for more than 40 km/h: the first after 4 years, then every 2 years.",
            "Trekkers op wielen met een maximumconstructiesnelheid boven 40 km/h: de eerste keer na 4 jaar, daarna elke 2 jaar.",
        ),
        ApkRule::LimitedSpeed => (
            "Vehicles of limited speed have no duty.",
            "Motorrijtuigen met beperkte snelheid zijn niet keuringsplichtig.",
        ),
        ApkRule::MobileMachine => ("Mobile machines have no duty.", "Mobiele machines zijn niet keuringsplichtig."),
        ApkRule::AgriculturalTrailer => (
            "Agricultural and forestry trailers, and equipment that is towed, have no duty.",
            "Land- en bosbouwaanhangwagens en getrokken uitrustingsstukken zijn niet keuringsplichtig.",
        ),
        ApkRule::Motorcycle => ("Motorcycles have no duty.", "Motorfietsen zijn niet keuringsplichtig."),
        ApkRule::Moped => ("Mopeds have no duty.", "Bromfietsen zijn niet keuringsplichtig."),
        ApkRule::LightThreeWheeler => (
            "Three-wheelers of up to 400 kg have no duty.",
            "Driewielige motorrijtuigen tot en met 400 kg zijn niet keuringsplichtig.",
        ),
        ApkRule::LightTrailer => (
            "Trailers and caravans of up to 3,500 kg have no duty.",
            "Aanhangwagens en caravans tot en met 3.500 kg zijn niet keuringsplichtig.",
        ),
        ApkRule::FiftyYears => {
            ("Vehicles of 50 years and older are exempt.", "Voertuigen van 50 jaar en ouder zijn vrijgesteld.")
        }
        ApkRule::Taxi => (
            "Taxis and public transport: the first after 1 year, then yearly.",
            "Taxi's en openbaar vervoer: de eerste keer na 1 jaar, daarna elk jaar.",
        ),
        ApkRule::Ambulance => (
            "Ambulances: the first after 1 year, then yearly.",
            "Ambulances: de eerste keer na 1 jaar, daarna elk jaar.",
        ),
        ApkRule::Bus | ApkRule::LightBus => {
            ("Buses: the first after 1 year, then yearly.", "Bussen: de eerste keer na 1 jaar, daarna elk jaar.")
        }
        ApkRule::HeavyVehicle => (
            "Vehicles over 3,500 kg: the first after 1 year, then yearly.",
            "Voertuigen zwaarder dan 3.500 kg: de eerste keer na 1 jaar, daarna elk jaar.",
        ),
        ApkRule::HeavyTrailer => (
            "Trailers over 3,500 kg: the first after 1 year, then yearly.",
            "Aanhangwagens zwaarder dan 3.500 kg: de eerste keer na 1 jaar, daarna elk jaar.",
        ),
        ApkRule::ThirtyYears => {
            ("Vehicles of 30 years and older: every 2 years.", "Voertuigen van 30 jaar en ouder: elke 2 jaar.")
        }
        ApkRule::Before2005 => (
            "Admitted before 2005: the first after 3 years, then yearly.",
            "Toegelaten vóór 2005: de eerste keer na 3 jaar, daarna elk jaar.",
        ),
        ApkRule::PetrolElectric => (
            "Petrol, electricity or alcohol: the first after 4 years, then every 2 years while under 7 years old.",
            "Benzine, elektriciteit of alcohol: de eerste keer na 4 jaar, daarna elke 2 jaar zolang het voertuig jonger is dan 7 jaar.",
        ),
        ApkRule::PetrolElectricFromSevenYears => (
            "Petrol, electricity or alcohol, from 7 years old: yearly.",
            "Benzine, elektriciteit of alcohol, vanaf 7 jaar oud: elk jaar.",
        ),
        ApkRule::DieselGasOther => (
            "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
            "Diesel, gas en andere brandstoffen, en hybrides daarmee: de eerste keer na 3 jaar, daarna elk jaar.",
        ),
    };
    in_language(english, dutch, language)
}

/// Where the law says so. In English as the domain cites it; in Dutch as the law cites itself.
pub(super) fn article(rule: ApkRule, language: Language) -> &'static str {
    let dutch = match rule {
        ApkRule::Suspended => "art. 73, eerste lid, onder b, Wegenverkeerswet 1994",
        ApkRule::DealerStock => "art. 12 Besluit voertuigen",
        ApkRule::Exported | ApkRule::Foreign => "art. 72, eerste lid, Wegenverkeerswet 1994",
        ApkRule::OwnGrounds
        | ApkRule::TrackedTractor
        | ApkRule::SlowTractor
        | ApkRule::FastTractor
        | ApkRule::LimitedSpeed
        | ApkRule::MobileMachine
        | ApkRule::AgriculturalTrailer => "Besluit voertuigen, zoals gewijzigd bij Stb. 2020, 505",
        ApkRule::Motorcycle => "art. 4, eerste lid, onder d, Besluit voertuigen",
        ApkRule::Moped => "art. 4, eerste lid, onder e, Besluit voertuigen",
        ApkRule::LightThreeWheeler => "art. 4, eerste lid, onder f, Besluit voertuigen",
        ApkRule::LightTrailer => "art. 4, eerste lid, onder g, Besluit voertuigen",
        ApkRule::FiftyYears => "art. 4, tweede lid, Besluit voertuigen",
        ApkRule::Taxi => "art. 6 en art. 16, eerste lid, Besluit voertuigen",
        ApkRule::Ambulance => "art. 7 en art. 16, eerste lid, Besluit voertuigen",
        ApkRule::Bus | ApkRule::HeavyVehicle | ApkRule::HeavyTrailer => {
            "art. 5 en art. 16, eerste lid, Besluit voertuigen"
        }
        ApkRule::ThirtyYears => "art. 16, derde lid, Besluit voertuigen",
        ApkRule::Before2005 => "art. 8 en art. 16, eerste lid, Besluit voertuigen",
        ApkRule::PetrolElectric => "art. 8, onder b, en art. 16, tweede lid, Besluit voertuigen",
        ApkRule::LightBus | ApkRule::PetrolElectricFromSevenYears => "art. 16, eerste lid, Besluit voertuigen",
        ApkRule::DieselGasOther => "art. 8, onder a, en art. 16, eerste lid, Besluit voertuigen",
    };
    in_language(rule.article(), dutch, language)
}

/// What is not known.
pub(super) fn missing(missing: ApkMissing, language: Language) -> &'static str {
    let (english, dutch) = match missing {
        ApkMissing::Kind => ("The kind of vehicle is not known.", "De voertuigsoort is niet bekend."),
        ApkMissing::MaxMass => {
            ("The permitted maximum mass is not known.", "De toegestane maximummassa is niet bekend.")
        }
        ApkMissing::EmptyMass => ("The empty mass is not known.", "De ledige massa is niet bekend."),
        ApkMissing::FirstAdmission => {
            ("The date of first admission is not known.", "De datum van eerste toelating is niet bekend.")
        }
        ApkMissing::Fuel => ("The fuel is not known.", "De brandstof is niet bekend."),
        ApkMissing::MaxSpeed => ("The design speed is not known.", "De maximumconstructiesnelheid is niet bekend."),
        ApkMissing::RuleUncertain => (
            "The rules for electric vans of 3,501 to 4,250 kg have been changing: ask the register authority when it is due.",
            "De regels voor elektrische bestelauto's van 3.501 tot en met 4.250 kg zijn in beweging: vraag de RDW wanneer de keuring moet.",
        ),
        ApkMissing::Certificate => (
            "The register gives no expiry date, and the vehicle may have a certificate that is not known here.",
            "Het register geeft geen vervaldatum, en het voertuig kan een keuring hebben die hier niet bekend is.",
        ),
        ApkMissing::Rule => {
            ("No rule is known here for this kind of vehicle.", "Voor deze voertuigsoort is hier geen regel bekend.")
        }
    };
    in_language(english, dutch, language)
}

/// What is unusual about a date that was entered without the day of the inspection.
pub(super) fn warning_without_day(warning: ApkEntryWarning, language: Language) -> &'static str {
    let (english, dutch) = match warning {
        ApkEntryWarning::NotByLaw => (
            "is not a date that the law gives for a recent inspection of this car",
            "is geen datum die de wet geeft voor een recente keuring van deze auto",
        ),
    };
    in_language(english, dutch, language)
}

fn in_language(english: &'static str, dutch: &'static str, language: Language) -> &'static str {
    match language {
        Language::English => english,
        Language::Dutch => dutch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_stands_in_both_languages() {
        let both = |text: &dyn Fn(Language) -> &'static str| (text(Language::English), text(Language::Dutch));
        for rule in ApkRule::ALL {
            let (english, dutch) = both(&|language| explanation(*rule, language));
            assert!(english != dutch && english.ends_with('.') && dutch.ends_with('.'), "{rule:?}");
            let (english, dutch) = both(&|language| article(*rule, language));
            // The same law and the same articles, whatever the words between.
            let numbers = |text: &str| {
                let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
                let mut digits: Vec<String> = digits.filter(|part| part.len() != 1).map(str::to_owned).collect();
                digits.sort_unstable();
                digits
            };
            assert_eq!(numbers(english), numbers(dutch), "{rule:?}");
            assert_eq!(english.contains("Wegenverkeerswet"), dutch.contains("Wegenverkeerswet"), "{rule:?}");
        }
        for one in ApkMissing::ALL {
            let (english, dutch) = both(&|language| missing(*one, language));
            assert!(english != dutch && !english.is_empty(), "{one:?}");
        }
    }
}
