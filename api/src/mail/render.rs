//! The texts of the mails. Each mail has one plain template per language; its HTML is made from the plain text.
//!
//! If a text needs a value that the context lacks, that is an error, so no mail goes out with a gap in it. A template
//! uses `if` or `or` for values that it can do without.

use super::{single_line, without_links};
use domain::{
    apk_mailing::Filled,
    consequence::Template,
    value::{EmailAddress, Language, PhoneNumber, TransferKind},
};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context};
use std::fmt;

const HTML_LAYOUT: &str = "layout.html";

/// The values for a mail. The template says which of them the mail needs.
#[derive(Clone, Default)]
pub struct Context {
    /// The garage in whose name the mail is sent; none for mails of the platform.
    pub garage_name: Option<String>,
    /// The name of the recipient.
    pub recipient_name: Option<String>,
    /// The licence plate, as shown to people.
    pub plate: Option<String>,
    /// Make and model.
    pub vehicle: Option<String>,
    /// The name of the fleet that the mail is about.
    pub fleet_name: Option<String>,
    /// The name or e-mail of the other person that the mail is about.
    pub counterpart: Option<String>,
    /// The work that the mail is about.
    pub work: Option<String>,
    /// How much other work is due with it.
    pub more_work: Option<usize>,
    /// What the recipient of a transfer becomes.
    pub transfer_kind: Option<TransferKind>,
    /// Whether the address to which a link went is that of a garage's or a fleet's account, which cannot have a car.
    pub is_no_driver: bool,
    /// The one-time link, or the page of the app where the recipient decides.
    pub link: Option<String>,
    /// The code that is typed where the link does not work.
    pub code: Option<String>,
    /// The date until which the link works, as the recipient reads it.
    pub expires_on: Option<String>,
    /// What a digest lists, or a reminder of many cars, one thing in a line.
    pub lines: Vec<String>,
    /// Whether a reminder is of many cars, which are the lines.
    pub is_list: bool,
    /// How many more things there are than lines.
    pub more: Option<usize>,
    /// The URL where people sign in.
    pub app_url: String,
    /// The page on which one leaves off messages of this kind; none for those that cannot be left off.
    pub unsubscribe: Option<String>,
    /// The telephone number of the garage, for people who want to act on the mail.
    pub garage_phone: Option<PhoneNumber>,
    /// The e-mail of the garage, to which they can answer.
    pub garage_email: Option<EmailAddress>,
    /// The page about the car in the app.
    pub car_url: Option<String>,
    /// Whether it is told in the app, where a link needs no words.
    pub in_app: bool,
}

impl Context {
    /// A context with no values yet.
    pub fn new(app_url: &str) -> Self {
        Self { app_url: app_url.to_owned(), ..Self::default() }
    }
}

/// The parts of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: one line, without control characters.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").finish_non_exhaustive()
    }
}

/// What is told in the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened, in one line.
    pub title: String,
    /// What happened and what to do, in paragraphs that are separated by blank lines.
    pub text: String,
}

/// The most characters of a notice's title, and of its text.
const LONGEST_TITLE: usize = 500;
const LONGEST_TEXT: usize = 4000;

/// At most so many characters; the last one shows that something was cut off.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A template and its context do not fit, which is a bug in the program. The error names the place, and quotes no
/// value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mail template {template}: {reason}")]
pub struct RenderError {
    /// The template's file.
    pub template: String,
    /// What is wrong, and in which line.
    pub reason: String,
}

impl RenderError {
    fn new(template: &str, error: &Error) -> Self {
        let reason = match (error.line(), error.detail()) {
            (Some(line), Some(detail)) => format!("line {line}: {}: {detail}", error.kind()),
            (Some(line), None) => format!("line {line}: {}", error.kind()),
            (None, _) => error.kind().to_string(),
        };
        Self { template: template.to_owned(), reason }
    }
}

/// The templates, parsed.
pub struct Renderer {
    environment: Environment<'static>,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer").finish_non_exhaustive()
    }
}

impl Renderer {
    /// Parses the templates, once at the start.
    pub fn new() -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(write_value);
        let mut add = |name: String, source: &'static str| {
            environment.add_template_owned(name.clone(), source).map_err(|error| RenderError::new(&name, &error))
        };
        add(HTML_LAYOUT.to_owned(), include_str!("../../templates/layout.html"))?;
        add(mailing_name(Language::Dutch), include_str!("../../templates/nl/mailing.txt"))?;
        add(mailing_name(Language::English), include_str!("../../templates/en/mailing.txt"))?;
        for language in Language::ALL {
            let (layout, texts) = match language {
                Language::Dutch => (include_str!("../../templates/nl/layout.txt"), dutch as fn(Template) -> _),
                Language::English => (include_str!("../../templates/en/layout.txt"), english as fn(Template) -> _),
            };
            add(layout_name(*language), layout)?;
            for template in Template::ALL {
                add(text_name(*template, *language), texts(*template))?;
            }
        }
        Ok(Self { environment })
    }

    /// Renders the parts of a mail.
    pub fn render(&self, template: Template, language: Language, context: &Context) -> Result<Rendered, RenderError> {
        let values = Values::new(context);
        let (subject, body) = self.subject_and_body(template, language, &values)?;
        let filled = self.fill(&layout_name(language), context! { body, ..values.for_text.clone() })?;
        self.finish(language, subject, &paragraphs(&filled), &values)
    }

    /// Renders what a garage wrote to its customers (rule ML2): its text, and below it who sends it and how one leaves off.
    pub fn mailing(&self, language: Language, text: &Filled, context: &Context) -> Result<Rendered, RenderError> {
        let mut values = Values::new(context);
        values.anchors.extend(text.links.iter().map(|link| Anchor::to(link)));
        let below = self.fill(&mailing_name(language), values.for_text.clone())?;
        let mut all = paragraphs(&text.paragraphs);
        all.extend(paragraphs(&below));
        self.finish(language, single_line(&text.subject), &all, &values)
    }

    fn finish(
        &self,
        language: Language,
        subject: String,
        paragraphs: &[Vec<String>],
        values: &Values,
    ) -> Result<Rendered, RenderError> {
        let shown: Vec<Value> = paragraphs.iter().map(|lines| values.paragraph(lines)).collect();
        let html = self.fill(
            HTML_LAYOUT,
            context! {
                language => language.code(),
                subject => subject.as_str(),
                garage_name => values.garage_name.clone(),
                button => button(language),
                paragraphs => shown,
            },
        )?;
        let mut text = paragraphs.iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n");
        text.push('\n');
        Ok(Rendered { subject, text, html })
    }

    /// Renders what is told in the app: the subject of the mail as a title and its body as paragraphs, without salutation.
    /// A paragraph that is nothing but the link is left out, since the app leads there by itself.
    pub fn notice(&self, template: Template, language: Language, context: &Context) -> Result<Notice, RenderError> {
        let values = Values::new(context);
        let (title, body) = self.subject_and_body(template, language, &values)?;
        let told: Vec<String> =
            paragraphs(&body).iter().filter(|lines| !values.is_link(lines)).map(|lines| lines.join("\n")).collect();
        Ok(Notice { title: cut(&title, LONGEST_TITLE), text: cut(&told.join("\n\n"), LONGEST_TEXT) })
    }

    fn subject_and_body(
        &self,
        template: Template,
        language: Language,
        values: &Values,
    ) -> Result<(String, String), RenderError> {
        let name = text_name(template, language);
        let source = self.fill(&name, values.for_text.clone())?;
        let missing = || RenderError { template: name.clone(), reason: "it must begin with a subject".to_owned() };
        let (first, body) = source.split_once('\n').ok_or_else(missing)?;
        let subject = first.strip_prefix("Subject: ").map(single_line).ok_or_else(missing)?;
        Ok((subject, body.to_owned()))
    }

    fn fill(&self, name: &str, values: Value) -> Result<String, RenderError> {
        self.environment
            .get_template(name)
            .and_then(|template| template.render(values))
            .map_err(|error| RenderError::new(name, &error))
    }
}

/// The context as the templates see it: each value is one line, and a value with nothing to show is absent. No program makes
/// a link of what people chose, such as names.
struct Values {
    for_text: Value,
    garage_name: Option<String>,
    link: Option<String>,
    /// What becomes an anchor.
    anchors: Vec<Anchor>,
}

/// A text that becomes an anchor, and where it leads.
struct Anchor {
    text: String,
    href: String,
    /// Whether it stays on one line.
    is_whole: bool,
}

impl Anchor {
    /// An address that is shown as it is.
    fn to(address: &str) -> Self {
        Self { text: address.to_owned(), href: address.to_owned(), is_whole: false }
    }
}

impl Values {
    fn new(context: &Context) -> Self {
        let shown = |value: &Option<String>| value.as_deref().map(single_line).filter(|line| !line.is_empty());
        let plate = shown(&context.plate);
        let name = |value: &Option<String>| shown(value).map(|line| without_links(&line));
        let car = plate.as_ref().map(|plate| match name(&context.vehicle) {
            Some(vehicle) => format!("{plate} ({vehicle})"),
            None => plate.clone(),
        });
        let (garage_name, link) = (name(&context.garage_name), shown(&context.link));
        let (app_url, unsubscribe) = (single_line(&context.app_url), shown(&context.unsubscribe));
        let car_url = shown(&context.car_url).unwrap_or_else(|| app_url.clone());
        let (phone, garage_email) =
            (context.garage_phone.as_ref(), context.garage_email.as_ref().map(EmailAddress::as_str));
        let garage_phone = phone.map(PhoneNumber::shown);
        let contact: Vec<&str> = garage_phone.as_deref().into_iter().chain(garage_email).collect();
        let garage_contact = Some(contact.join(" · ")).filter(|contact| !contact.is_empty());
        // An absent kind would silently choose the `else` of a template; an undefined one is an error.
        let transfer_kind = context.transfer_kind.map_or(Value::UNDEFINED, |kind| Value::from(kind.code()));
        let for_text = context! {
            garage_name => garage_name.clone(),
            recipient_name => name(&context.recipient_name),
            plate,
            car,
            fleet_name => name(&context.fleet_name),
            counterpart => name(&context.counterpart),
            work => name(&context.work),
            transfer_kind,
            is_no_driver => context.is_no_driver,
            link => link.clone(),
            code => shown(&context.code),
            expires_on => shown(&context.expires_on),
            lines => context.lines.iter().map(|line| without_links(&single_line(line))).collect::<Vec<_>>(),
            is_list => context.is_list,
            more => context.more,
            app_url => app_url.clone(),
            in_app => context.in_app,
            unsubscribe => unsubscribe.clone(),
            car_url => car_url.clone(),
            more_work => context.more_work.filter(|more| *more > 0),
            garage_contact,
            garage_phone => garage_phone.clone(),
            garage_email,
        };
        let addresses = link.iter().cloned().chain([app_url, car_url]).chain(unsubscribe);
        let mut anchors: Vec<Anchor> =
            addresses.filter(|address| !address.is_empty()).map(|address| Anchor::to(&address)).collect();
        let called = phone.map(|phone| format!("tel:{}", phone.as_str()));
        anchors.extend(garage_phone.zip(called).map(|(text, href)| Anchor { text, href, is_whole: true }));
        Self { for_text, garage_name, link, anchors }
    }

    /// Whether a paragraph is nothing but the link.
    fn is_link(&self, lines: &[String]) -> bool {
        self.link.as_ref().is_some_and(|link| lines == std::slice::from_ref(link))
    }

    /// A paragraph: the link by itself, which becomes a button, or lines that are cut into spans, so that the links that the
    /// server or the garage wrote and the app's address become anchors. No other address becomes one: a name that looks like an
    /// address stays text.
    fn paragraph(&self, lines: &[String]) -> Value {
        if self.is_link(lines) {
            return context! { href => self.link.clone() };
        }
        context! { href => false, lines => lines.iter().map(|line| self.spans(line)).collect::<Value>() }
    }

    fn spans(&self, line: &str) -> Value {
        let mut spans = vec![];
        let mut rest = line;
        // The link usually begins with the app's address. Where both match, the longer one counts.
        while let Some((at, anchor)) = self
            .anchors
            .iter()
            .filter_map(|anchor| rest.find(anchor.text.as_str()).map(|at| (at, anchor)))
            .min_by_key(|(at, anchor)| (*at, usize::MAX - anchor.text.len()))
        {
            let (before, from) = rest.split_at(at);
            let Anchor { text, href, is_whole } = anchor;
            spans.extend(plain(before));
            spans.push(context! { text, href, is_whole });
            rest = from.get(text.len()..).unwrap_or_default();
        }
        spans.extend(plain(rest));
        spans.into_iter().collect()
    }
}

/// The spans of a text without links. Plates and days are spans of their own, so that no line ends within one.
fn plain(text: &str) -> Vec<Value> {
    let span = |text: &str, is_whole: bool| context! { text, href => false, is_whole };
    let (mut spans, mut others) = (vec![], String::new());
    for word in text.split_inclusive(' ') {
        let inner = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        match word.split_once(inner).filter(|_| is_plate_or_day(inner)) {
            Some((before, behind)) => {
                others.push_str(before);
                spans.push(span(&others, false));
                spans.push(span(inner, true));
                others.clear();
                others.push_str(behind);
            }
            None => others.push_str(word),
        }
    }
    spans.push(span(&others, false));
    spans
}

/// Whether a word looks like a plate or a day: short, with a hyphen and a digit.
fn is_plate_or_day(word: &str) -> bool {
    let is_of_it = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (5..=10).contains(&word.len())
        && word.contains('-')
        && word.contains(|c: char| c.is_ascii_digit())
        && word.chars().all(is_of_it)
}

/// What stands on the button that is the link.
const fn button(language: Language) -> &'static str {
    match language {
        Language::Dutch => "Verder naar AutoPaspoort",
        Language::English => "Continue to AutoPaspoort",
    }
}

/// The paragraphs of a text, which are separated by blank lines. Each line is trimmed, and repeated white space becomes
/// one space.
fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<String> = text.lines().map(|line| one_full_stop(&single_line(line))).collect();
    lines.split(String::is_empty).filter(|lines| !lines.is_empty()).map(<[String]>::to_vec).collect()
}

/// Two full stops become one, since a name such as "Smit B.V." may end a sentence. An ellipsis stays.
fn one_full_stop(line: &str) -> String {
    let trim = |word| match str::strip_suffix(word, "..") {
        Some(name) if !name.ends_with('.') => word.strip_suffix('.').unwrap_or(word),
        _ => word,
    };
    line.split(' ').map(trim).collect::<Vec<_>>().join(" ")
}

/// Writes a value into a template. A missing value is an error, and HTML is escaped. The engine's own escaping would
/// write a slash as an entity, which makes links hard to read for people who look at the source.
fn write_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() || value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "a value that this text needs is missing"));
    }
    let written = value.to_string();
    let escaped = if matches!(state.auto_escape(), AutoEscape::None) { written } else { escape(&written) };
    out.write_str(&escaped).map_err(Error::from)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn text_name(template: Template, language: Language) -> String {
    format!("{}/{}.txt", language.code(), template.code())
}

fn mailing_name(language: Language) -> String {
    format!("{}/mailing.txt", language.code())
}

fn layout_name(language: Language) -> String {
    format!("{}/layout.txt", language.code())
}

/// The texts of one language, which are compiled in. A missing text is a compile error.
macro_rules! texts {
    ($name:ident, $folder:literal) => {
        texts! { $name, $folder,
            CheckReady "check_ready",
            RecallOpened "recall_opened",
            ReminderApk "reminder_apk",
            ReminderApkExpired "reminder_apk_expired",
            ReminderMaintenance "reminder_maintenance",
            ReminderMaintenanceOverdue "reminder_maintenance_overdue",
            FleetDigest "fleet_digest",
            ReminderInvitation "reminder_invitation",
            ReminderOffer "reminder_offer",
            InvitationPassport "invitation_passport",
            InvitationFleet "invitation_fleet",
            InvitationStaff "invitation_staff",
            InvitationTransfer "invitation_transfer",
            PasswordReset "password_reset",
            EmailConfirm "email_confirm",
            EmailChanged "email_changed",
            PasswordChanged "password_changed",
            SecondFactorActivated "second_factor_activated",
            SecondFactorRemoved "second_factor_removed",
            SecondFactorReset "second_factor_reset",
            RecoveryCodeUsed "recovery_code_used",
            RecoveryCodesReplaced "recovery_codes_replaced",
            SessionCompromised "session_compromised",
            EmailRequested "email_requested",
            EmailLost "email_lost",
            CustomerEmailBounced "customer_email_bounced",
            PassportTaken "passport_taken",
            ActivationRevoked "activation_revoked",
            PassportLinked "passport_linked",
            PassportUnlinked "passport_unlinked",
            PassportUnlinkedFleet "passport_unlinked_fleet",
            PassportArchived "passport_archived",
            PassportArchivedFleet "passport_archived_fleet",
            PassportLapsed "passport_lapsed",
            GarageChangeRequested "garage_change_requested",
            GarageChangeAgreed "garage_change_agreed",
            GarageChangeAgreedDriver "garage_change_agreed_driver",
            GarageChangeDeclined "garage_change_declined",
            GarageChangeExpired "garage_change_expired",
            PassportLeft "passport_left",
            PassportUnarchived "passport_unarchived",
            PassportUnarchivedFleet "passport_unarchived_fleet",
            PassportDriverEnded "passport_driver_ended",
            PassportDriverEndedGarage "passport_driver_ended_garage",
            LinkObjected "link_objected",
            LinkObjectedFleet "link_objected_fleet",
            UnlinkObjected "unlink_objected",
            UnlinkObjectedDriver "unlink_objected_driver",
            TransferAcceptedRecipient "transfer_accepted_recipient",
            TransferAcceptedOfferer "transfer_accepted_offerer",
            TransferAcceptedFormerDriver "transfer_accepted_former_driver",
            TransferAcceptedGarage "transfer_accepted_garage",
            RecommendationAgreed "recommendation_agreed",
            RecommendationDeclined "recommendation_declined",
            TransferDeclined "transfer_declined",
            TransferWithdrawn "transfer_withdrawn",
            TransferExpired "transfer_expired",
        }
    };
    ($name:ident, $folder:literal, $($variant:ident $file:literal,)+) => {
        fn $name(template: Template) -> &'static str {
            match template {
                $(Template::$variant => include_str!(concat!("../../templates/", $folder, "/", $file, ".txt")),)+
            }
        }
    };
}

texts!(dutch, "nl");
texts!(english, "en");
