//! The catalogue of problems: code, status, and what it says in English and Dutch. Codes never change.

use domain::value::Language;

macro_rules! catalogue {
    ($($variant:ident $code:literal $status:literal
        $title_en:literal $detail_en:literal
        $title_nl:literal $detail_nl:literal;)+) => {
        /// A problem, by its stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(
            #[doc = $title_en]
            $variant,
        )+ }

        impl Code {
            /// Every problem there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code, as clients know it.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The problem with a code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// Title and detail in a language.
            pub const fn texts(self, language: Language) -> (&'static str, &'static str) {
                match (self, language) { $(
                    (Self::$variant, Language::English) => ($title_en, $detail_en),
                    (Self::$variant, Language::Dutch) => ($title_nl, $detail_nl),
                )+ }
            }
        }
    };
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

catalogue! {
    InvalidRequest "invalid_request" 400
        "The request is not valid" "One or more values are wrong; 'errors' names each of them."
        "Het verzoek klopt niet" "Een of meer waarden zijn onjuist; 'errors' noemt ze allemaal.";
    MalformedJson "malformed_json" 400
        "The body is not JSON" "The body is not a JSON object in UTF-8."
        "De inhoud is geen JSON" "De inhoud is geen JSON-object in UTF-8.";
    IntervalEmpty "interval_empty" 400
        "The interval is empty" "An interval has months, kilometres, or both."
        "Het interval is leeg" "Een interval heeft maanden, kilometers of allebei.";
    ScheduleNeverWithInterval "schedule_never_with_interval" 400
        "A task that does not apply has no interval" "Leave out 'recurrence', or let the task apply."
        "Een taak die niet geldt heeft geen interval" "Laat 'recurrence' weg, of laat de taak gelden.";
    ModelWithoutMake "model_without_make" 400
        "The make is missing" "A model without its make names no car."
        "Het merk ontbreekt" "Een model zonder merk noemt geen auto.";
    YearsReversed "years_reversed" 400
        "The years are reversed" "'yearFrom' lies after 'yearTo'."
        "De jaren staan verkeerd om" "'yearFrom' ligt na 'yearTo'.";
    TemplateSize "template_size" 400
        "The template has too little or too much" "A template has 1 to 200 items in at most 30 groups, and an item has at most 12 positions."
        "De checklijst heeft te weinig of te veel" "Een checklijst heeft 1 tot 200 punten in hooguit 30 groepen, en een punt hooguit 12 plaatsen.";
    TemplateKey "template_key" 400
        "A key of the template is not right" "Keys are made of 1 to 40 small letters, digits and underscores. Those of groups, of items, and of the positions of an item each differ."
        "Een sleutel van de checklijst klopt niet" "Sleutels bestaan uit 1 tot 40 kleine letters, cijfers en lage streepjes. Die van groepen, van punten en van de plaatsen van een punt verschillen van elkaar.";
    TemplateUnknownTask "template_unknown_task" 400
        "The template names a task that does not exist" "The catalogue of tasks does not have it."
        "De checklijst noemt een taak die niet bestaat" "De catalogus van taken heeft hem niet.";
    TemplateTaskNotForFuel "template_task_not_for_fuel" 400
        "An item leads to a task that does not fit its cars" "The task makes no sense for one of the fuels that the item is for."
        "Een punt leidt naar een taak die niet bij de auto's past" "De taak heeft geen zin voor een van de brandstoffen waarvoor het punt is.";
    TemplateLimits "template_limits" 400
        "The limits of a measurement contradict one another" "The lowest value lies below the highest, the limits between them, and 'urgent' is not better than 'attention'."
        "De grenzen van een meting spreken elkaar tegen" "De laagste waarde ligt onder de hoogste, de grenzen daartussen, en 'urgent' is niet beter dan 'attention'.";
    IndicatorEmpty "indicator_empty" 400
        "The service indicator says nothing" "Say how many days are left, how many kilometres, or both."
        "De service-indicator zegt niets" "Geef op hoeveel dagen er over zijn, hoeveel kilometers, of allebei.";
    IndicatorWithoutOdometer "indicator_without_odometer" 400
        "The odometer is missing" "Kilometres that are left need what the odometer showed then."
        "De tellerstand ontbreekt" "Bij kilometers die over zijn hoort de tellerstand van toen.";
    IndicatorInFuture "indicator_in_future" 400
        "That day is in the future" "The indicator can have been read today or earlier, in the garage's time zone."
        "Die dag moet nog komen" "De indicator kan vandaag of eerder zijn afgelezen, in de tijdzone van de garage.";
    ApkEntryEmpty "apk_entry_empty" 400
        "Nothing is said of the APK" "Send the last day of the certificate, the day of the inspection, or both."
        "Er is niets over de APK opgegeven" "Geef de laatste geldige dag van de keuring op, de dag waarop gekeurd is, of allebei.";
    ApkInspectionInFuture "apk_inspection_in_future" 400
        "That day is in the future" "A car can have been inspected today or earlier, in the garage's time zone."
        "Die dag moet nog komen" "De keuring moet vandaag of eerder zijn geweest, in de tijdzone van de garage.";
    ApkDateTooFar "apk_date_too_far" 400
        "That date is too far away" "No APK certificate is valid that long: a new car's first inspection is due after four years."
        "Die datum ligt te ver weg" "Geen APK is zo lang geldig: de eerste keuring van een nieuwe auto is na vier jaar.";
    OdometerInFuture "odometer_in_future" 400
        "That day is in the future" "A reading can be of today or of an earlier day, in the garage's time zone."
        "Die dag moet nog komen" "Een tellerstand is van vandaag of eerder, in de tijdzone van de garage.";
    OdometerReplacesUnknown "odometer_replaces_unknown" 400
        "The reading to correct does not exist" "'replacesId' is not the id of a reading of this car."
        "De te corrigeren stand is er niet" "'replacesId' noemt geen tellerstand van deze auto.";
    ImageDamaged "image_damaged" 400
        "The image cannot be read" "It is damaged, or not all of it was sent; take the photo again, or send it again."
        "De foto is niet te lezen" "De foto is beschadigd of niet helemaal verstuurd; maak de foto opnieuw, of verstuur hem nog eens.";
    ServiceRecordInFuture "service_record_in_future" 400
        "That day is in the future" "What is written down was done today or earlier, in the garage's time zone."
        "Die dag moet nog komen" "Wat u vastlegt is vandaag of eerder gedaan, in de tijdzone van de garage.";
    ServiceRecordTotalsDiffer "service_record_totals_differ" 400
        "The totals are not those of the lines" "'errors' says what the lines add up to. VAT is computed for each rate over the sum of its lines, and rounded once."
        "De totalen zijn niet die van de regels" "'errors' zegt waarop de regels uitkomen. De btw wordt per tarief over de som van de regels berekend en één keer afgerond.";
    ServiceRecordAmountsIncomplete "service_record_amounts_incomplete" 400
        "Some lines have no amount" "Give each line an amount, or none of them."
        "Sommige regels hebben geen bedrag" "Geef elke regel een bedrag, of geen enkele.";
    ServiceRecordReplacesUnknown "service_record_replaces_unknown" 400
        "The record to correct does not exist" "'replacesId' is not the id of a record of your garage of this car, of the same origin."
        "De te corrigeren werkorder is er niet" "'replacesId' hoort niet bij een werkorder van deze auto bij uw garage, van dezelfde herkomst.";
    CheckNotMeasured "check_not_measured" 400
        "The item is not measured" "It is judged by a choice: send 'result' without 'measured'."
        "Dit onderdeel wordt niet gemeten" "Het wordt beoordeeld: stuur 'result' zonder 'measured'.";
    CheckMeasurementImplausible "check_measurement_implausible" 400
        "The measurement cannot be right" "It lies outside the range in which the item can be measured. Measure again."
        "De meting kan niet kloppen" "De waarde ligt buiten het bereik van dit onderdeel. Meet opnieuw.";
    CheckFindingEmpty "check_finding_empty" 400
        "There is nothing to enter" "Send 'result', 'measured', or both."
        "Er is niets om in te vullen" "Stuur 'result', 'measured' of beide.";
    CheckReasonMissing "check_reason_missing" 400
        "The result differs from the measurement" "Say why in 'reason', or leave 'result' out."
        "De uitkomst wijkt af van de meting" "Zeg in 'reason' waarom, of laat 'result' weg.";
    CheckDay "check_day" 400
        "The car cannot have been checked on that day" "The day of a check is today or earlier, and not before the car's first admission."
        "Op die dag kan de auto niet gecontroleerd zijn" "De dag van een controle is vandaag of eerder, en niet vóór de eerste toelating.";
    CheckReplacesUnknown "check_replaces_unknown" 400
        "The check to replace does not exist" "'replacesId' is not the id of a completed check of this car."
        "De te vervangen controle is er niet" "'replacesId' noemt geen afgeronde controle van deze auto.";
    Unauthenticated "unauthenticated" 401
        "There is no valid access token" "None was sent, or it is not valid. Sign in or refresh it; where none is needed, leave it out."
        "Er is geen geldig toegangstoken" "Het ontbreekt, of het is niet geldig. Log in of ververs het; waar geen token nodig is, kan het weg.";
    CredentialsInvalid "credentials_invalid" 401
        "E-mail or password is wrong" "There is no account with this e-mail and this password."
        "E-mailadres of wachtwoord is onjuist" "Er is geen account met dit e-mailadres en dit wachtwoord.";
    SecondFactorRequired "second_factor_required" 401
        "A code is needed too" "The account has a second factor: sign in again, with a code of the authenticator app or a recovery code in 'secondFactor'."
        "Er is ook een code nodig" "Het account heeft een tweede factor: log opnieuw in, met in 'secondFactor' een code van de authenticator-app of een herstelcode.";
    SecondFactorWrong "second_factor_wrong" 401
        "The code is wrong" "It is not the present code of the authenticator app, or it was used before; wait for the next one. A recovery code works once."
        "De code is onjuist" "Het is niet de huidige code van de authenticator-app, of die is al gebruikt; wacht op de volgende. Een herstelcode werkt één keer.";
    SecondFactorEnrolmentRequired "second_factor_enrolment_required" 403
        "A second factor must be set up first" "Your garage demands a second factor; set it up with 'POST /account/second-factor'."
        "Stel eerst een tweede factor in" "Uw garage vraagt om een tweede factor; stel die in met 'POST /account/second-factor'.";
    RefreshTokenInvalid "refresh_token_invalid" 401
        "The refresh token is unknown" "Sign in again."
        "Het verversingstoken is onbekend" "Log opnieuw in.";
    RefreshTokenReused "refresh_token_reused" 401
        "The refresh token was used before" "Someone may have a copy of it, so the session was ended. Sign in again."
        "Het verversingstoken is al gebruikt" "Mogelijk heeft iemand er een kopie van; de sessie is daarom beëindigd. Log opnieuw in.";
    SessionEnded "session_ended" 401
        "The session has ended" "Sign in again."
        "De sessie is beëindigd" "Log opnieuw in.";
    SignatureInvalid "signature_invalid" 401
        "The signature is not right" "Sign the id, the time and the body with the secret that the server has, and send them within five minutes."
        "De handtekening klopt niet" "Onderteken het nummer, de tijd en de inhoud met het geheim dat de server heeft, en verstuur ze binnen vijf minuten.";
    PreflightRefused "preflight_refused" 403
        "Pages of that origin may not send this request" "The origin, the method or a header is not one that this server allows to pages of other origins."
        "Pagina's van die herkomst mogen dit verzoek niet sturen" "De herkomst, de methode of een header is niet toegestaan voor pagina's van andere herkomst.";
    AdminOnly "admin_only" 403
        "Only an admin may do this" "Ask an admin of your garage."
        "Alleen een beheerder mag dit" "Vraag het aan een beheerder van uw garage.";
    AdvisorOnly "advisor_only" 403
        "Only an admin or advisor may do this" "Ask an admin or advisor of your garage."
        "Alleen een beheerder of receptionist mag dit" "Vraag het aan een beheerder of receptionist van uw garage.";
    StaffOnly "staff_only" 403
        "Only the garage may do this" "Ask the garage."
        "Alleen de garage mag dit" "Vraag het aan de garage.";
    WrongAccountKind "wrong_account_kind" 403
        "This account cannot do this" "Sign in with an account of a kind that can: of the staff of a garage, a fleet or a driver. The description of the operation names the kind."
        "Dit account kan dit niet" "Log in met een account van een soort die dit kan: van een medewerker van een garage, een wagenpark of een bestuurder. De beschrijving van de bewerking noemt de soort.";
    OnlyFleetManagerMayTransfer "only_fleet_manager_may_transfer" 403
        "Only the fleet manager may transfer this car" "The car is in a fleet; only the fleet's own account can hand it over."
        "Alleen de wagenparkbeheerder mag deze auto overdragen" "De auto zit in een wagenpark; alleen het account van dat wagenpark kan de auto overdragen.";
    OnlyOwnerMayTransfer "only_owner_may_transfer" 403
        "Only the owner may transfer this car" "The car is in no fleet; only its owner can hand it over."
        "Alleen de eigenaar mag deze auto overdragen" "De auto zit in geen wagenpark; alleen de eigenaar kan de auto overdragen.";
    OnlyFormerOwnerMayDecide "only_former_owner_may_decide" 403
        "Only the side that lost the car may decide this" "By a link the private owner loses the car, by an unlink the fleet; that side agrees or objects."
        "Alleen wie de auto kwijtraakte mag hierover beslissen" "Bij koppelen raakt de eigenaar de auto kwijt, bij ontkoppelen het wagenpark; die gaat akkoord of maakt bezwaar.";
    OnlyRecipientMayDecide "only_recipient_may_decide" 403
        "Only the recipient may accept or decline" "The offer is addressed to someone else."
        "Alleen de ontvanger mag aannemen of weigeren" "Het aanbod is aan iemand anders gericht.";
    OnlyOffererMayWithdraw "only_offerer_may_withdraw" 403
        "Only the account that made the offer may do this" "The offer was made by someone else."
        "Alleen de aanbieder mag dit" "Het aanbod is door iemand anders gedaan.";
    OnlyOwnerMayDecide "only_owner_may_decide" 403
        "Only the owner may decide this" "Of a car in a fleet that is the fleet's account, else the driver."
        "Alleen de eigenaar mag hierover beslissen" "Van een auto in een wagenpark is dat het account van het wagenpark, en anders de bestuurder.";
    OdometerNotYours "odometer_not_yours" 403
        "You did not record that reading" "You can only correct readings that you recorded yourself; ask the garage to correct others."
        "Die stand is niet van u" "U corrigeert de standen die u zelf heeft ingevoerd; vraag de garage om andere.";
    OdometerCounterByGarageOnly "odometer_counter_by_garage_only" 403
        "Only the garage can say that a counter started again" "Ask the garage to record that the counter was replaced or rolled over."
        "Alleen de garage meldt een nieuwe teller" "Vraag de garage vast te leggen dat de teller is vervangen of rondgelopen.";
    AttachmentNotYours "attachment_not_yours" 403
        "You cannot attach files to that record" "Only the garage whose record it is can, and who declared it."
        "Aan die werkorder kunt u niets toevoegen" "Dat kunnen alleen de garage van de werkorder en degene die het werk heeft opgegeven.";
    FleetOnly "fleet_only" 403
        "Only the fleet's own account may do this" "Ask the manager of the fleet."
        "Alleen het wagenpark zelf mag dit" "Vraag de wagenparkbeheerder.";
    ServiceRecordDeclaredOnly "service_record_declared_only" 403
        "Only the garage writes down its own work" "Owner, fleet and driver write down work that was done elsewhere: leave 'origin' out, or make it 'declared'."
        "Alleen de garage legt haar eigen werk vast" "Eigenaar, wagenpark en bestuurder leggen werk van elders vast: laat 'origin' weg, of maak er 'declared' van.";
    ServiceRecordNotYours "service_record_not_yours" 403
        "You did not write down that record" "You can only correct what you wrote down yourself; ask the garage to correct the rest."
        "Die werkorder is niet door u vastgelegd" "U corrigeert wat u zelf heeft vastgelegd; vraag de garage om de rest.";
    NotFound "not_found" 404
        "There is nothing here" "It does not exist, or you have no access to it."
        "Hier is niets" "Het bestaat niet, of u hebt er geen toegang toe.";
    InvitationNotFound "invitation_not_found" 404
        "The link is unknown" "Check that the whole link was copied, or ask for a new one."
        "De link is onbekend" "Controleer of de hele link is overgenomen, of vraag een nieuwe aan.";
    VehicleNotInRegister "vehicle_not_in_register" 404
        "The vehicle register does not know this plate" "Check the plate. A passport can be created all the same."
        "Het kentekenregister kent dit kenteken niet" "Controleer het kenteken. Een AutoPaspoort kan evengoed worden gemaakt.";
    VehicleRegisterCoversNlOnly "vehicle_register_covers_nl_only" 404
        "The vehicle register has Dutch plates only" "Enter the data of a vehicle from another country by hand."
        "Het kentekenregister kent alleen Nederlandse kentekens" "Vul de gegevens van een voertuig uit een ander land zelf in.";
    VehicleRegisterOff "vehicle_register_off" 404
        "There is no vehicle register here" "This server does not use a vehicle register; enter the vehicle's data by hand."
        "Hier is geen kentekenregister" "Deze server raadpleegt geen register; vul de gegevens van het voertuig zelf in.";
    CheckUnknownItem "check_unknown_item" 404
        "The check has no such place" "The check has no such item or position, or the item makes no sense for what the car runs on."
        "Dit onderdeel zit niet in de controle" "De controle heeft dit onderdeel of deze plaats niet, of het past niet bij de brandstof van de auto.";
    MethodNotAllowed "method_not_allowed" 405
        "The method is not allowed here" "The header 'Allow' names the methods that are allowed."
        "Deze methode kan hier niet" "'Allow' noemt de methoden die wel kunnen.";
    RequestTimeout "request_timeout" 408
        "The body came too slowly" "In every half minute, 128 KiB or the end of the body must arrive, and the end within an hour. Send it again. Of an import, the lines that arrived before are stored."
        "De inhoud kwam te langzaam" "Elke halve minuut moet het einde of 128 KiB ervan aankomen, en het einde binnen een uur. Stuur het opnieuw; van een import is opgeslagen wat eerder aankwam.";
    Conflict "conflict" 409
        "Someone else was first" "It was changed at the same moment. Load it again and retry."
        "Iemand anders was eerder" "Het is op hetzelfde moment gewijzigd. Laad het opnieuw en probeer het nog eens.";
    EmailInUse "email_in_use" 409
        "The e-mail is in use" "Another account has this e-mail, perhaps that of a driver, a garage or a fleet. Each account needs its own: ask for another address."
        "Het e-mailadres is in gebruik" "Een ander account heeft dit e-mailadres, misschien dat van een bestuurder, een garage of een wagenpark. Elk account heeft een eigen adres nodig: vraag om een ander adres.";
    EmailUnchanged "email_unchanged" 409
        "The e-mail is the same" "This is the account's e-mail already."
        "Het e-mailadres is hetzelfde" "Dit is al het e-mailadres van het account.";
    FleetEmailSameAsManager "fleet_email_same_as_manager" 409
        "Fleet and manager need different e-mails" "The e-mail of a fleet must differ from the e-mail of the manager's own AutoPaspoort."
        "Wagenpark en beheerder hebben een ander e-mailadres nodig" "Het e-mailadres van een wagenpark verschilt van dat van het eigen AutoPaspoort van de beheerder.";
    LastAdmin "last_admin" 409
        "A garage needs at least one admin" "This is the last admin who can sign in; make someone else admin first."
        "Een garage houdt één beheerder" "Dit is de laatste beheerder die kan inloggen; maak eerst iemand anders beheerder.";
    StaffAlreadyActive "staff_already_active" 409
        "The colleague can sign in already" "An invitation is for colleagues who have not chosen a password yet."
        "De collega kan al inloggen" "Een uitnodiging is voor collega's die nog geen wachtwoord hebben gekozen.";
    SecondFactorActive "second_factor_active" 409
        "There is a second factor already" "Remove it first to set up another one."
        "Er is al een tweede factor" "Verwijder die eerst om een andere in te stellen.";
    SecondFactorNotBegun "second_factor_not_begun" 409
        "No second factor was begun" "Begin with 'POST /account/second-factor', and confirm it within an hour."
        "Er is geen tweede factor begonnen" "Begin met 'POST /account/second-factor' en bevestig die binnen een uur.";
    SecondFactorAbsent "second_factor_absent" 409
        "There is no second factor" "The account has no second factor that is active."
        "Er is geen tweede factor" "Het account heeft geen tweede factor die actief is.";
    SecondFactorOwn "second_factor_own" 409
        "It is your own second factor" "Remove your own with a code; only a colleague's can be reset without one."
        "Het is uw eigen tweede factor" "Verwijder uw eigen tweede factor met een code; alleen die van een collega kan zonder code worden verwijderd.";
    CustomerHasPassports "customer_has_passports" 409
        "The customer has passports" "Put the customer's passports under another record first, with 'customerId', or archive them."
        "De klant heeft AutoPaspoorten" "Zet de AutoPaspoorten eerst op naam van een andere klant, met 'customerId', of archiveer ze.";
    CustomerHasFleets "customer_has_fleets" 409
        "The customer has a fleet" "Close the customer's fleet first."
        "De klant heeft een wagenpark" "Sluit eerst het wagenpark van de klant.";
    MailingHasBegun "mailing_has_begun" 409
        "The mailing has begun" "Mails may have gone out already, so what it says and for which cars it is stays as it is. 'GET /apk-mailings/{id}/recipients' says what became of each car."
        "De mailing is begonnen" "Er kunnen al e-mails verstuurd zijn, dus de tekst en de selectie blijven zoals ze zijn. 'GET /apk-mailings/{id}/recipients' zegt wat er van elke auto is geworden.";
    MailingIsScheduled "mailing_is_scheduled" 409
        "The mailing is scheduled" "Make it a draft again first ('POST /apk-mailings/{id}/unschedule')."
        "De mailing is ingepland" "Maak er eerst weer een concept van ('POST /apk-mailings/{id}/unschedule').";
    MailingWasStopped "mailing_was_stopped" 409
        "The mailing was stopped" "It was stopped before any mail went out, and stays on record as it is. Write a new one to mail these customers."
        "De mailing is gestopt" "Hij is gestopt voordat er e-mails verstuurd zijn, en blijft zo bewaard. Maak een nieuwe om deze klanten te mailen.";
    MailingNotBegun "mailing_not_begun" 409
        "The mailing is a draft" "Nothing of it was scheduled, so there is nothing to stop or to take back."
        "De mailing is een concept" "Er is niets ingepland, dus er is niets te stoppen of terug te draaien.";
    MailingHasEnded "mailing_has_ended" 409
        "The mailing has ended" "It was sent or stopped before, so there is nothing to stop any more."
        "De mailing is al klaar" "Hij is al verstuurd of gestopt, dus er is niets meer te stoppen.";
    MailingMomentOver "mailing_moment_over" 409
        "The moment is over" "Choose a moment to come, or leave it out to send the mailing now."
        "Het moment is voorbij" "Kies een moment in de toekomst, of laat het weg om de mailing nu te versturen.";
    MailingMomentTooFar "mailing_moment_too_far" 409
        "The moment is too far ahead" "A mailing can be scheduled at most a year ahead."
        "Het moment ligt te ver vooruit" "Een mailing kan hoogstens een jaar vooruit worden ingepland.";
    CustomerWithoutEmail "customer_without_email" 409
        "The customer has no e-mail" "The link to activate the passport is mailed to the customer; give the customer an e-mail first."
        "De klant heeft geen e-mailadres" "De link om het AutoPaspoort te activeren gaat per mail naar de klant; geef de klant eerst een e-mailadres.";
    PassportExists "passport_exists" 409
        "A passport exists for this plate" "There is at most one passport in use per licence plate. If it is one of the garage itself, 'errors' names it. If another garage keeps it, request a change of garage: the owner of the car decides."
        "Er is al een AutoPaspoort voor dit kenteken" "Per kenteken is er hooguit één AutoPaspoort in gebruik. Is het er een van de garage zelf, dan noemt 'errors' dat. Houdt een andere garage het bij, vraag dan een garagewissel aan: de eigenaar van de auto beslist.";
    GarageChangeNoMatch "garage_change_no_match" 404
        "No passport matches"
        "No passport that another garage keeps has this plate and VIN, or its VIN is not known. Check both, or ask the owner for an invitation."
        "Er is geen AutoPaspoort dat hierbij past"
        "Geen AutoPaspoort dat een andere garage bijhoudt heeft dit kenteken en VIN, of het VIN ervan is niet bekend. Controleer beide, of vraag de eigenaar om een uitnodiging.";
    GarageInvitationInvalid "garage_invitation_invalid" 404
        "The owner's invitation does not work"
        "It is incomplete, its time is over, or the car has another owner or another garage by now. Ask the owner for a new one."
        "De uitnodiging van de eigenaar werkt niet"
        "Hij is onvolledig of verlopen, of de auto heeft inmiddels een andere eigenaar of een andere garage. Vraag de eigenaar om een nieuwe.";
    GarageChangeOpen "garage_change_open" 409
        "A garage has asked for the passport" "The owner has not decided about that yet. Until then nobody else asks, and the car is not offered, linked, unlinked or archived."
        "Een garage heeft om het AutoPaspoort gevraagd" "De eigenaar heeft daar nog niet over beslist. Tot die tijd vraagt niemand anders erom, en wordt de auto niet aangeboden, gekoppeld, ontkoppeld of gearchiveerd.";
    GarageChangeNotOpen "garage_change_not_open" 409
        "The change of garage is no longer open" "It was agreed to, declined or withdrawn, or the passport went elsewhere."
        "De garagewissel staat niet meer open" "Er is al over beslist, het verzoek is ingetrokken, of het AutoPaspoort ging ergens anders heen.";
    GarageChangeExpired "garage_change_expired" 409
        "The request for the passport has expired" "The owner did not decide in time. The garage can ask again."
        "Het verzoek om het AutoPaspoort is verlopen" "De eigenaar heeft niet op tijd beslist. De garage kan het opnieuw vragen.";
    PassportArchived "passport_archived" 409
        "The passport is archived" "An archived passport can only be read."
        "Het AutoPaspoort is gearchiveerd" "Een gearchiveerd AutoPaspoort kan alleen worden bekeken.";
    PassportNotArchived "passport_not_archived" 409
        "The passport is in use" "Only an archived passport can be taken back."
        "Het AutoPaspoort is in gebruik" "Alleen een gearchiveerd AutoPaspoort kan worden teruggehaald.";
    PassportArchivedTooLong "passport_archived_too_long" 409
        "The passport was archived too long ago" "It can be taken back within 30 days; create a new passport."
        "Het AutoPaspoort is te lang geleden gearchiveerd" "Terughalen kan binnen 30 dagen; maak een nieuw AutoPaspoort.";
    PassportAlreadyActive "passport_already_active" 409
        "The passport is active already" "Its driver has activated it, or it is a fleet's car that nobody drives: the fleet offers that to a driver."
        "Het AutoPaspoort is al actief" "De bestuurder heeft het geactiveerd, of het is een auto van een wagenpark waarin niemand rijdt: het wagenpark biedt die aan een bestuurder aan.";
    PassportNotActive "passport_not_active" 409
        "The passport is not active" "Only a passport that the driver activated can be handed over."
        "Het AutoPaspoort is niet actief" "Alleen een AutoPaspoort dat de bestuurder heeft geactiveerd kan worden overgedragen.";
    PassportInOtherFleet "passport_in_other_fleet" 409
        "The passport is in another fleet" "Unlink it from that fleet first."
        "Het AutoPaspoort zit in een ander wagenpark" "Ontkoppel het daar eerst.";
    PassportNotInFleet "passport_not_in_fleet" 409
        "The passport is in no fleet" "There is nothing to unlink."
        "Het AutoPaspoort zit in geen wagenpark" "Er is niets te ontkoppelen.";
    PoolCarWithoutDriver "pool_car_without_driver" 409
        "Nobody drives the car"
        "Outside its fleet it would be nobody's. The fleet offers it to a new owner or driver first; or archive the passport."
        "Niemand rijdt in de auto"
        "Buiten het wagenpark zou de auto van niemand zijn. Het wagenpark draagt hem eerst over aan een nieuwe eigenaar of bestuurder; of archiveer het AutoPaspoort.";
    ScheduleOverlaps "schedule_overlaps" 409
        "Another schedule can be for the same cars" "It is for the same task and is limited by the same properties, and nothing would say which of the two decides. Change that one, or other limits."
        "Een ander schema kan voor dezelfde auto's gelden" "Het is voor dezelfde taak en kent dezelfde soort beperkingen, en niets bepaalt welk van de twee geldt. Wijzig dat schema, of kies andere beperkingen.";
    TaskNotForFuel "task_not_for_fuel" 409
        "The task does not fit the car" "It makes no sense for what the car runs on."
        "De taak past niet bij de auto" "Deze taak hoort niet bij de brandstof van deze auto.";
    ScheduleTooMany "schedule_too_many" 409
        "The garage has too many schedules" "A garage can have 1,000 schedules, besides those of single cars."
        "De garage heeft te veel schema's" "Een garage kan 1.000 schema's hebben, naast die van losse auto's.";
    TemplateKeyTaken "template_key_taken" 409
        "The garage has a template with this key" "Change that one, or choose another key."
        "De garage heeft al een checklijst met deze sleutel" "Wijzig die, of kies een andere sleutel.";
    TemplateTooMany "template_too_many" 409
        "The garage has too many templates" "A garage can have 100 templates."
        "De garage heeft te veel checklijsten" "Een garage kan 100 checklijsten hebben.";
    IndicatorBeforeFirstAdmission "indicator_before_first_admission" 409
        "The car was not on the road yet" "That day lies before its first admission."
        "De auto was nog niet toegelaten" "Die dag ligt vóór de eerste toelating.";
    IndicatorOutdated "indicator_outdated" 409
        "A later reading is known" "The service indicator was read on a later day. Take that back first, if it is wrong."
        "Er is een latere aflezing" "De service-indicator is op een latere dag afgelezen. Trek die eerst in als ze niet klopt.";
    ApkDateBeforeFirstAdmission "apk_date_before_first_admission" 409
        "The car was not on the road yet" "An APK certificate cannot end before the car's first admission."
        "De auto was nog niet toegelaten" "Een APK kan niet aflopen vóór de eerste toelating van de auto.";
    ApkExpiryNotComputable "apk_expiry_not_computable" 409
        "The expiry date cannot be computed" "Too little is known of the car, or it needs no APK. Send the last day of the certificate ('expiresOn')."
        "De vervaldatum is niet te berekenen" "Er is te weinig bekend van de auto, of die is niet keuringsplichtig. Geef de laatste geldige dag op ('expiresOn').";
    ApkLiftTractorsOnly "apk_lift_tractors_only" 409
        "The vehicle is no tractor" "Only a tractor can be used mainly on its owner's grounds in the sense of the law."
        "Het voertuig is geen trekker" "Alleen een trekker kan in de zin van de wet vooral op eigen terrein worden gebruikt.";
    OdometerBeforeFirstAdmission "odometer_before_first_admission" 409
        "The car was not on the road yet" "That day lies before the year of its first admission."
        "De auto was nog niet toegelaten" "Die dag ligt vóór het jaar van de eerste toelating.";
    OdometerAlreadyReplaced "odometer_already_replaced" 409
        "The reading was corrected already" "Correct the reading that took its place."
        "De stand is al gecorrigeerd" "Corrigeer de stand die ervoor in de plaats kwam.";
    OdometerUnconfirmed "odometer_unconfirmed" 409
        "The reading is unlikely" "'errors' says why. Correct it, or add it to the readings with 'confirm' if it is right."
        "De stand is onwaarschijnlijk" "'errors' zegt waarom. Verbeter hem, of voeg hem met 'confirm' aan de standen toe als hij klopt.";
    OdometerImplausible "odometer_implausible" 409
        "The reading cannot be right" "'errors' says why. Check it; if it is right after all, ask the garage to record it."
        "De stand kan niet kloppen" "'errors' zegt waarom. Controleer hem; klopt hij toch, vraag dan de garage hem vast te leggen.";
    OdometerDidNotRollOver "odometer_did_not_roll_over" 409
        "The counter cannot have rolled over" "A counter that passed its highest value shows less than before, and no more than was driven since."
        "De teller kan niet rond zijn gegaan" "Een teller die over zijn hoogste stand heen is gegaan toont minder dan daarvoor, en niet meer dan er sindsdien is gereden.";
    OdometerTooManyToday "odometer_too_many_today" 409
        "Too many readings in a day" "Within 24 hours, driver and fleet can record 20 readings of a car, and the garage 200. Try again later."
        "Te veel standen op een dag" "Binnen 24 uur passen er 20 standen van bestuurder en wagenpark bij, en 200 van de garage. Probeer het later.";
    CheckCompleted "check_completed" 409
        "The check is completed" "A completed check never changes. Correct a mistake by another check that replaces it."
        "De controle is afgerond" "Een afgeronde controle verandert niet meer. Herstel een fout met een nieuwe controle die deze vervangt.";
    CheckIncomplete "check_incomplete" 409
        "The check is not filled in yet" "The check's 'missing' names the places that still need a result."
        "De controle is nog niet ingevuld" "De controle noemt bij 'missing' de plaatsen die nog een uitkomst nodig hebben.";
    CheckDraftExists "check_draft_exists" 409
        "The car has an open draft of this check" "Go on with it: 'otherId' in 'errors' is its id. Or discard it first."
        "Deze controle van de auto is al begonnen" "Ga daarmee verder: 'otherId' in 'errors' is het id. Of verwijder hem eerst.";
    CheckAlreadyReplaced "check_already_replaced" 409
        "The check was replaced already" "Replace the check that took its place."
        "De controle is al vervangen" "Vervang de controle die ervoor in de plaats kwam.";
    RecommendationNotOpen "recommendation_not_open" 409
        "The recommendation is not open any more" "It was done, declined or superseded."
        "Het advies staat niet meer open" "Het is uitgevoerd, afgewezen of vervangen.";
    RecommendationAlreadyAgreed "recommendation_already_agreed" 409
        "The owner agreed already" "There is nothing to agree to; the owner can still decline."
        "De eigenaar is al akkoord" "Er valt niets meer goed te keuren; afwijzen kan nog wel.";
    RecommendationsTooMany "recommendations_too_many" 409
        "The car has too many open recommendations" "A car can have 200 open recommendations. Close some first."
        "De auto heeft te veel openstaande adviezen" "Een auto heeft hooguit 200 openstaande adviezen. Rond er eerst een paar af.";
    CheckPhotosTooMany "check_photos_too_many" 409
        "The check has too many photos" "A check can have 40 photos; delete one first."
        "Er zijn te veel foto's bij deze controle" "Een controle kan 40 foto's hebben; verwijder er eerst een.";
    AttachmentsTooMany "attachments_too_many" 409
        "The record has too many files" "A service record can have 20 files; delete one first."
        "Er zijn te veel bestanden bij deze werkorder" "Een werkorder kan 20 bestanden hebben; verwijder er eerst een.";
    ServiceRecordBeforeFirstAdmission "service_record_before_first_admission" 409
        "The car was not on the road yet" "That day lies before its first admission."
        "De auto was nog niet toegelaten" "Die dag ligt vóór de eerste toelating.";
    ServiceRecordAlreadyReplaced "service_record_already_replaced" 409
        "The record was corrected already" "Go on with the record that took its place."
        "De werkorder is al gecorrigeerd" "Ga verder met de werkorder die ervoor in de plaats kwam.";
    ServiceRecordDeclaredTooManyToday "service_record_declared_too_many_today" 409
        "Too much was declared in a day" "Within 24 hours, owner, fleet and driver can declare 50 records of a car. Try again later."
        "Er is te veel opgegeven op een dag" "Binnen 24 uur kunnen eigenaar, wagenpark en bestuurder 50 werkorders van een auto opgeven. Probeer het later.";
    ServiceRecordDeclaredTooMany "service_record_declared_too_many" 409
        "Too much was declared for this car" "A car can have 2,000 records of work that was done elsewhere."
        "Er is te veel opgegeven voor deze auto" "Een auto kan 2.000 werkorders hebben die elders zijn gedaan.";
    ServiceRecordInvoiceKnown "service_record_invoice_known" 409
        "Another record has this invoice number" "'errors' names that record. If it is the same work, it is there already; to change it, send a correction with 'replacesId'."
        "Een andere werkorder heeft dit factuurnummer" "'errors' noemt die werkorder. Is het hetzelfde werk, dan staat het er al; stuur voor een wijziging een correctie met 'replacesId'.";
    ServiceRecordDuplicate "service_record_duplicate" 409
        "The same work is recorded already" "'errors' names the record of that day with the same lines. Send a correction of it with 'replacesId' if something is wrong in it."
        "Hetzelfde werk is al vastgelegd" "'errors' noemt de werkorder van die dag met dezelfde regels. Klopt er iets niet in, stuur dan een correctie met 'replacesId'.";
    ManagerPassportNotActive "manager_passport_not_active" 409
        "The customer has no active AutoPaspoort" "A fleet is created from a customer whose AutoPaspoort with your garage is active."
        "De klant heeft geen actief AutoPaspoort" "Een wagenpark wordt gemaakt van een klant met een actief AutoPaspoort bij uw garage.";
    FleetClosed "fleet_closed" 409
        "The fleet is closed" "A closed fleet can only be read."
        "Het wagenpark is gesloten" "Een gesloten wagenpark kan alleen worden bekeken.";
    FleetHasPassports "fleet_has_passports" 409
        "Cars are linked to the fleet" "Unlink every car before closing the fleet, and archive those that nobody drives. Cars that you do not see are kept by other garages, which unlink them."
        "Er zijn auto's aan het wagenpark gekoppeld" "Ontkoppel alle auto's voordat u het wagenpark sluit, en archiveer die waarin niemand rijdt. Auto's die u niet ziet, worden door andere garages bijgehouden: die ontkoppelen ze.";
    FleetHasOpenOffers "fleet_has_open_offers" 409
        "The fleet has open offers" "Wait for them, or have the fleet manager withdraw them."
        "Het wagenpark heeft openstaande overdrachten" "Wacht ze af, of laat de wagenparkbeheerder ze intrekken.";
    FleetMayObject "fleet_may_object" 409
        "The fleet can still object" "A car was unlinked from it; wait until the fleet has agreed or its time is over."
        "Het wagenpark kan nog bezwaar maken" "Er is een auto ontkoppeld; wacht tot het wagenpark akkoord is of de bedenktijd voorbij is.";
    FleetAlreadyActive "fleet_already_active" 409
        "The fleet's account is in use" "Its e-mail is changed in the account's own settings. A fleet that you prepared is handed over so too: sign in as the fleet, and change the e-mail to the manager's."
        "Het account van het wagenpark is in gebruik" "Het e-mailadres wordt gewijzigd in de eigen accountinstellingen. Ook een voorbereid wagenpark draagt u zo over: log in als het wagenpark en wijzig het e-mailadres in dat van de beheerder.";
    TransferOpen "transfer_open" 409
        "An offer is open" "Wait for its outcome, or have it withdrawn first."
        "Er staat een overdracht open" "Wacht de uitkomst af, of laat de overdracht eerst intrekken.";
    TransferNotOpen "transfer_not_open" 409
        "The offer is closed" "It was accepted, declined or withdrawn already."
        "De overdracht is gesloten" "Deze is al aangenomen, geweigerd of ingetrokken.";
    TransferExpired "transfer_expired" 409
        "The offer has expired" "Ask for a new one."
        "De overdracht is verlopen" "Vraag om een nieuwe.";
    PushUnavailable "push_unavailable" 409
        "This server sends no such push messages" "Whoever runs the server has not set up push, or not for this kind of device; mail and the app work as usual."
        "Deze server verstuurt zulke pushberichten niet" "De beheerder heeft push niet ingesteld, of niet voor dit soort apparaat; e-mail en de app werken gewoon.";
    DeliveryReportsOff "delivery_reports_off" 409
        "This server takes no delivery reports" "Whoever runs the server has not set a secret for them; the command 'autopaspoort delivery-report' needs none."
        "Deze server neemt geen bezorgrapporten aan" "De beheerder heeft er geen geheim voor ingesteld; het commando 'autopaspoort delivery-report' heeft er geen nodig.";
    ObjectionStays "objection_stays" 409
        "An objection stays" "Only who objected to the mailings can take that back: with the link at the end of a mailing's mail that they got, which leads to a page with a button to get them again."
        "Bezwaar blijft staan" "Alleen wie bezwaar maakte tegen de mailings kan dat intrekken: met de link onderaan een mail van een mailing die diegene kreeg, naar een pagina met een knop om ze weer te ontvangen.";
    NotificationAlwaysTold "notification_always_told" 409
        "This cannot be switched off" "It is about the account itself, such as a new password or an offer, and is always told."
        "Dit kan niet worden uitgezet" "Het gaat over het account zelf, zoals een nieuw wachtwoord of een aanbod, en wordt altijd gemeld.";
    EmailSuppressed "email_suppressed" 409
        "Mail to this address came back" "The mailbox is not there, so no link can be mailed to it. Correct the address. If it is right after all, have it written to again: a customer's with 'DELETE /suppressions/{id}', any other by whoever runs the server."
        "E-mail aan dit adres kwam terug" "De mailbox bestaat niet, dus er kan geen link heen. Verbeter het adres. Klopt het toch, laat er dan weer heen mailen: bij een klant met 'DELETE /suppressions/{id}', anders via de beheerder van de server.";
    LinkChangeOpen "link_change_open" 409
        "The side that lost the car can still object" "The garage changed the car's link; wait until that side has agreed or its time is over."
        "Wie de auto kwijtraakte kan nog bezwaar maken" "De garage heeft de koppeling gewijzigd; wacht op akkoord of tot de bedenktijd voorbij is.";
    LinkChangeNotOpen "link_change_not_open" 409
        "The change of link is decided" "It was agreed or objected to, or the garage undid it."
        "Over deze koppeling is al beslist" "Er is akkoord gegeven of bezwaar gemaakt, of de garage heeft de wijziging ongedaan gemaakt.";
    LinkChangeOver "link_change_over" 409
        "The time to object is over" "Ask the garage."
        "De bedenktijd is voorbij" "Vraag het aan de garage.";
    LinkChangeHandsChanged "link_change_hands_changed" 409
        "The car is in other hands since" "It cannot be put back; ask the garage."
        "De auto is sindsdien in andere handen" "Terugzetten kan niet meer; vraag het de garage.";
    NewDriverOnlyInFleet "new_driver_only_in_fleet" 409
        "Only a car in a fleet can get a new driver" "A car that is in no fleet is handed over to a new owner."
        "Alleen een wagenparkauto krijgt een nieuwe bestuurder" "Buiten een wagenpark gaat een auto naar een nieuwe eigenaar.";
    RecipientAlreadyHolds "recipient_already_holds_role" 409
        "The recipient already has the car" "The recipient is already the owner or driver."
        "De ontvanger heeft de auto al" "De ontvanger is al eigenaar of bestuurder.";
    RecipientIsFleet "recipient_is_fleet" 409
        "The recipient is the fleet itself" "A car is handed over to a person, not to the fleet it is in."
        "De ontvanger is het wagenpark zelf" "Een auto wordt overgedragen aan een persoon, niet aan het eigen wagenpark.";
    FleetNotHandedOver "fleet_not_handed_over" 409
        "The fleet was not handed over to its manager"
        "The garage still has its password. Change the fleet's e-mail to the manager's, who then chooses a password."
        "Het wagenpark is nog niet overgedragen aan de beheerder"
        "De garage heeft het wachtwoord nog. Wijzig het e-mailadres in dat van de beheerder, die dan een wachtwoord kiest.";
    ActivationNotSettled "activation_not_settled" 409
        "The passport was activated only just now"
        "It was activated with another e-mail than the garage's link was mailed to. It can be offered, or go to another garage, after seven days."
        "Het AutoPaspoort is pas geactiveerd"
        "Dat gebeurde met een ander e-mailadres dan waarheen de garage de link stuurde. Na zeven dagen kan de auto worden aangeboden, of naar een andere garage gaan.";
    ActivationStands "activation_stands" 409
        "The activation cannot be ended"
        "A garage can end it for seven days, if another e-mail than that of the link was used and the car has the same driver."
        "De activatie kan niet worden beëindigd"
        "Dat kan zeven dagen lang, als een ander e-mailadres is gebruikt dan dat van de link en de bestuurder nog dezelfde is.";
    InvitationUsed "invitation_used" 409
        "The link was used" "Each link works once. Sign in instead."
        "De link is al gebruikt" "Elke link werkt één keer. Log in.";
    InvitationRevoked "invitation_revoked" 409
        "The link was replaced" "A newer link replaced it, or it is no longer needed."
        "De link is vervangen" "Er is een nieuwere link, of waar hij voor was is afgelopen.";
    InvitationExpired "invitation_expired" 409
        "The link has expired" "Ask for a new one."
        "De link is verlopen" "Vraag om een nieuwe.";
    InvitationBound "invitation_bound" 409
        "The link is for one address" "Only a link to activate a passport can be had at another address. Ask whoever invited you to use your other e-mail."
        "De link is voor één e-mailadres" "Alleen een link om een AutoPaspoort te activeren kan naar een ander adres. Vraag degene die u heeft uitgenodigd om uw andere e-mailadres te gebruiken.";
    SignInFirst "sign_in_first" 409
        "An account with this e-mail exists" "Sign in with it, and use the link again while signed in."
        "Er is al een account met dit e-mailadres" "Log daarmee in en gebruik de link opnieuw terwijl u bent ingelogd.";
    NotForThisAccount "invitation_for_other_account" 409
        "The link is for another e-mail" "Sign in with the account of the e-mail that the link was sent to."
        "De link is voor een ander e-mailadres" "Log in met het account van het e-mailadres waaraan de link is gestuurd.";
    PreconditionFailed "precondition_failed" 412
        "It was changed in the meantime" "'If-Match' is not the present 'ETag'. Load it again and retry."
        "Het is intussen gewijzigd" "'If-Match' is niet de huidige 'ETag'. Laad het opnieuw en probeer het nog eens.";
    PayloadTooLarge "payload_too_large" 413
        "The body is too large" "It can be at most 64 KiB, unless the description of the operation says otherwise."
        "De inhoud is te groot" "Die mag 64 KiB zijn, tenzij de beschrijving van de bewerking anders zegt.";
    ImageTooLarge "image_too_large" 413
        "The image has too many pixels" "It can be at most 16,384 pixels wide and high, and 50 million pixels in all; send a smaller one."
        "De foto heeft te veel pixels" "De foto mag hooguit 16.384 pixels breed en hoog zijn, en 50 miljoen pixels in totaal hebben; stuur een kleinere.";
    UnsupportedMediaType "unsupported_media_type" 415
        "The form of the body is not supported" "Send the content type that the operation takes, and nothing compressed; 'errors' names the header."
        "De vorm van de inhoud wordt niet ondersteund" "Stuur het inhoudstype van de bewerking, en niets gecomprimeerd; 'errors' noemt de header.";
    FileNotTaken "file_not_taken" 415
        "A file of this kind is not taken" "What counts is what the file is, not what it is called: send a photo as JPEG, PNG or WebP, and a document as PDF where documents are taken."
        "Zo'n bestand wordt niet aangenomen" "Het gaat om wat het bestand is, niet om hoe het heet: stuur een foto als JPEG, PNG of WebP, en een document als PDF waar documenten mogen.";
    HeicNotTaken "heic_not_taken" 415
        "HEIC photos are not taken" "Send the photo as JPEG. On an iPhone, choose Settings, Camera, Formats, 'Most Compatible', or let the app convert it."
        "HEIC-foto's worden niet aangenomen" "Stuur de foto als JPEG. Kies op een iPhone Instellingen, Camera, Structuren, 'Meest compatibel', of laat de app omzetten.";
    RangeNotSatisfiable "range_not_satisfiable" 416
        "The file has no such part" "'Range' begins behind its end; 'Content-Range' says how long it is."
        "Dat deel heeft het bestand niet" "'Range' begint voorbij het einde; 'Content-Range' zegt hoe lang het bestand is.";
    IdempotencyKeyReused "idempotency_key_reused" 422
        "The idempotency key was used for another request" "Use a new key for each new request."
        "De idempotency key is voor een ander verzoek gebruikt" "Gebruik voor elk nieuw verzoek een nieuwe sleutel.";
    PreconditionRequired "precondition_required" 428
        "'If-Match' is required" "Send the 'ETag' that you loaded as 'If-Match', so that nobody's change is overwritten."
        "'If-Match' is nodig" "Stuur de geladen 'ETag' mee als 'If-Match', zodat niemands wijziging wordt overschreven.";
    TooManyRequests "too_many_requests" 429
        "Too many requests" "Wait as long as 'Retry-After' says."
        "Te veel verzoeken" "Wacht zo lang als 'Retry-After' aangeeft.";
    TooManyAttempts "too_many_attempts" 429
        "Too many attempts" "Wait as long as 'Retry-After' says before trying again."
        "Te veel pogingen" "Wacht zo lang als 'Retry-After' aangeeft voordat u het opnieuw probeert.";
    TooManyMails "too_many_mails" 429
        "Too many mails" "A mail was sent only just now, or many were sent today. Wait as long as 'Retry-After' says."
        "Te veel mails" "Er is zojuist al een mail gestuurd, of vandaag al heel veel. Wacht zo lang als 'Retry-After' aangeeft.";
    Internal "internal_error" 500
        "Something went wrong" "It was logged; name the request id when you report it."
        "Er ging iets mis" "Het is vastgelegd; noem het verzoeknummer als u het meldt.";
    Overloaded "overloaded" 503
        "The server is too busy" "Try again in a moment."
        "Het is te druk" "Probeer het zo dadelijk opnieuw.";
    DatabaseUnavailable "database_unavailable" 503
        "The database cannot be reached" "Try again in a moment; nothing was stored."
        "De database is onbereikbaar" "Probeer het zo dadelijk opnieuw; er is niets opgeslagen.";
    VehicleRegisterUnavailable "vehicle_register_unavailable" 503
        "The vehicle register does not answer" "Try again in a moment, or enter the data by hand; it is completed later."
        "Het kentekenregister geeft geen antwoord" "Probeer het zo dadelijk opnieuw, of vul de gegevens zelf in; ze worden later aangevuld.";
    FilesUnavailable "files_unavailable" 503
        "The storage of files cannot be reached" "Photos and documents cannot be stored or shown now; nothing was stored. Try again later."
        "De bestandsopslag is niet bereikbaar" "Foto's en documenten zijn nu niet op te slaan of te tonen; er is niets opgeslagen. Probeer het later opnieuw.";
    StorageFull "storage_full" 503
        "Nothing can be stored" "The storage is full or read-only; nothing was stored."
        "Er kan niets worden opgeslagen" "De opslag is vol of alleen-lezen; er is niets opgeslagen.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_snake_case_and_found_again() {
        for code in Code::ALL {
            assert_eq!(Code::from_code(code.code()), Some(*code));
            assert!(code.code().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{code:?}");
            let (english, dutch) = (code.texts(Language::English), code.texts(Language::Dutch));
            assert!(english.0 != dutch.0 && english.1 != dutch.1, "{code:?} has no translation");
        }
    }
}
