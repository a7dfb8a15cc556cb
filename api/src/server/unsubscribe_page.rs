//! The page at `/unsubscribe`, to which the last line of mails leads (rule CH1). It works without signing in and without
//! JavaScript. Opening it changes nothing, since the scanners of mail servers open every link; the button does, and so does the
//! one click of a mail program (RFC 8058), which sends the same form without showing the page.

use crate::{
    notification::wire::name,
    problem::Problem,
    request::language,
    state::App,
    unsubscribe::{
        Unsubscribe,
        operations::{self, Shown, What},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use domain::value::Language;
use minijinja::{Environment, Value, context};

const PAGE: &str = "unsubscribe.html";

/// Nothing but the stylesheet and the picture of the page at `/app`, and its own form.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// What a mail program sends for one click (RFC 8058), as the page does.
const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");
/// What the page sends to take it back.
const TAKE_BACK: (&str, &str) = ("subscribe", "again");

/// Shows what the link is about, with a button.
pub(super) async fn page(
    request: HttpRequest,
    token: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let Some(what) = Unsubscribe::from_token(&token, &app.secret) else { return unknown(spoken(&request, None)) };
    let shown = app.database.read(move |tx| operations::look(tx, what)).await?;
    shown.map_or_else(|| unknown(spoken(&request, None)), |shown| asked(&in_language(shown, &request)))
}

/// Leaves off, or takes it back.
pub(super) async fn submit(
    request: HttpRequest,
    token: web::Path<String>,
    body: Bytes,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let Some(what) = Unsubscribe::from_token(&token, &app.secret) else { return unknown(spoken(&request, None)) };
    let wanted = if sends(&body, ONE_CLICK) {
        false
    } else if sends(&body, TAKE_BACK) {
        true
    } else {
        // Whoever sent it is not to believe that it did something.
        let mut shown = page(request, token, app).await?;
        shown.head_mut().status = StatusCode::BAD_REQUEST;
        return Ok(shown);
    };
    let now = app.clock.now();
    app.unsubscribing.count(app.secret.mac("unsubscribing", &[token.as_bytes()]), now)?;
    let shown = app.database.write(move |tx| operations::set(tx, what, wanted, now)).await?;
    shown.map_or_else(|| unknown(spoken(&request, None)), |shown| done(&in_language(shown, &request)))
}

/// The language of the page: the one that was chosen with the switch, else the one that the browser asks for, else that of who got the
/// mail.
fn spoken(request: &HttpRequest, of_mail: Option<Language>) -> Language {
    let chosen = request.query_string().split('&').find_map(|pair| pair.strip_prefix("lang="));
    let asks = || {
        // A browser that asks for neither language is no reason to leave that of the mail.
        let asked = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?.to_ascii_lowercase();
        let names = |language: &Language| asked.split(',').any(|range| range.trim().starts_with(language.code()));
        Language::ALL.iter().any(names).then(|| language(request))
    };
    chosen.and_then(Language::from_code).or_else(asks).or(of_mail).unwrap_or_else(|| language(request))
}

fn in_language(shown: Shown, request: &HttpRequest) -> Shown {
    Shown { language: spoken(request, Some(shown.language)), ..shown }
}

/// Whether a form has a field with a value, sent as `application/x-www-form-urlencoded` or as `multipart/form-data`, which
/// mail programs may both use.
fn sends(body: &[u8], (name, value): (&str, &str)) -> bool {
    let text = String::from_utf8_lossy(body);
    let is_sent = |pair: &str| pair.split_once('=') == Some((name, value));
    let quoted = format!("name=\"{name}\"");
    // A part may have headers; a blank line ends them.
    let part = text
        .split_once(&quoted)
        .and_then(|(_, rest)| rest.split_once("\r\n\r\n").or_else(|| rest.split_once("\n\n")))
        .map(|(_, content)| content);
    text.trim().split('&').any(is_sent) || part.is_some_and(|rest| rest.lines().next().map(str::trim) == Some(value))
}

/// The words of a page in a language.
struct Words {
    title: &'static str,
    paragraphs: Vec<String>,
    button: Option<(&'static str, (&'static str, &'static str), bool)>,
}

fn asked(shown: &Shown) -> Result<HttpResponse, Problem> {
    if shown.is_off {
        return done(shown);
    }
    let words = match (shown.language, &shown.what) {
        (Language::Dutch, What::Mailings(garage)) => Words {
            title: "Afmelden",
            paragraphs: vec![format!("Wilt u geen APK-mailings meer van {garage}?"), reminders(shown).to_owned()],
            button: Some(("Ja, meld mij af", ONE_CLICK, false)),
        },
        (Language::Dutch, What::Kind(kind, account)) => Words {
            title: "Afmelden",
            paragraphs: vec![
                format!("Wilt u hierover geen e-mail meer: “{}”?", name(*kind, *account, shown.language)),
                "In de app blijft u het zien. Daar kiest u ook wat u nog meer wilt horen.".to_owned(),
            ],
            button: Some(("Ja, meld mij af", ONE_CLICK, false)),
        },
        (Language::English, What::Mailings(garage)) => Words {
            title: "Unsubscribe",
            paragraphs: vec![format!("Do you want no more APK mailings from {garage}?"), reminders(shown).to_owned()],
            button: Some(("Yes, unsubscribe me", ONE_CLICK, false)),
        },
        (Language::English, What::Kind(kind, account)) => Words {
            title: "Unsubscribe",
            paragraphs: vec![
                format!("Do you want no more e-mail about this: “{}”?", name(*kind, *account, shown.language)),
                "You still see it in the app. There you also choose what else you want to hear.".to_owned(),
            ],
            button: Some(("Yes, unsubscribe me", ONE_CLICK, false)),
        },
    };
    answer(StatusCode::OK, shown.language, &words)
}

fn done(shown: &Shown) -> Result<HttpResponse, Problem> {
    if !shown.is_off {
        let words = match shown.language {
            Language::Dutch => Words {
                title: "U bent weer aangemeld",
                paragraphs: vec!["U ontvangt deze berichten weer per e-mail.".to_owned()],
                button: Some(("Toch afmelden", ONE_CLICK, true)),
            },
            Language::English => Words {
                title: "You are subscribed again",
                paragraphs: vec!["You get these messages by e-mail again.".to_owned()],
                button: Some(("Unsubscribe after all", ONE_CLICK, true)),
            },
        };
        return answer(StatusCode::OK, shown.language, &words);
    }
    let text = match (shown.language, &shown.what) {
        (Language::Dutch, What::Mailings(garage)) => format!("U ontvangt geen APK-mailings meer van {garage}."),
        (Language::Dutch, What::Kind(kind, account)) => {
            format!("U ontvangt hierover geen e-mail meer: “{}”.", name(*kind, *account, shown.language))
        }
        (Language::English, What::Mailings(garage)) => format!("You get no more APK mailings from {garage}."),
        (Language::English, What::Kind(kind, account)) => {
            format!("You get no more e-mail about this: “{}”.", name(*kind, *account, shown.language))
        }
    };
    let (title, again) = match shown.language {
        Language::Dutch => ("U bent afgemeld", "Toch weer ontvangen"),
        Language::English => ("You are unsubscribed", "Get them again after all"),
    };
    let rest = matches!(shown.what, What::Mailings(_)).then(|| reminders(shown).to_owned());
    let paragraphs = std::iter::once(text).chain(rest).collect();
    let words = Words { title, paragraphs, button: Some((again, TAKE_BACK, true)) };
    answer(StatusCode::OK, shown.language, &words)
}

/// What an objection to mailings leaves as it is.
const fn reminders(shown: &Shown) -> &'static str {
    match shown.language {
        Language::Dutch => {
            "Rijdt u een auto met een AutoPaspoort, dan blijft u herinneringen krijgen als de APK verloopt. Die zet u uit in de \
             app, bij Meldingen."
        }
        Language::English => {
            "If you drive a car with an AutoPaspoort, you still get reminders when its APK expires. You switch those off in the \
             app, at Notifications."
        }
    }
}

fn unknown(language: Language) -> Result<HttpResponse, Problem> {
    let (title, text) = match language {
        Language::Dutch => (
            "Deze link werkt niet",
            "Hij is niet volledig, of waar hij over ging is er niet meer. Kopieer de hele link uit de e-mail, of laat het \
             uw garage weten.",
        ),
        Language::English => (
            "This link does not work",
            "It is not complete, or what it was about is gone. Copy the whole link from the e-mail, or tell your garage.",
        ),
    };
    answer(StatusCode::NOT_FOUND, language, &Words { title, paragraphs: vec![text.to_owned()], button: None })
}

fn answer(status: StatusCode, language: Language, words: &Words) -> Result<HttpResponse, Problem> {
    let broken = |error: minijinja::Error| Problem::internal(&error.to_string());
    let mut environment = Environment::new();
    environment.add_template(PAGE, include_str!("../../templates/unsubscribe.html")).map_err(broken)?;
    let (other, other_name) = match language {
        Language::Dutch => (Language::English, "English"),
        Language::English => (Language::Dutch, "Nederlands"),
    };
    let button = words.button.map(|(text, (name, value), is_secondary)| context! { text, name, value, is_secondary });
    let html = environment.get_template(PAGE).and_then(|page| {
        page.render(context! {
            language => language.code(),
            other => other.code(),
            other_name => other_name,
            title => words.title,
            paragraphs => words.paragraphs.clone(),
            button => button.unwrap_or(Value::from(false)),
        })
    });
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html.map_err(broken)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch1_one_click_is_understood_in_both_forms() {
        assert!(sends(b"List-Unsubscribe=One-Click", ONE_CLICK));
        assert!(sends(b"a=b&List-Unsubscribe=One-Click\r\n", ONE_CLICK));
        let multipart =
            b"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
        assert!(sends(multipart, ONE_CLICK));
        let with_type = b"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\nContent-Type: text/plain\r\n\r\nOne-Click\r\n--x--";
        assert!(sends(with_type, ONE_CLICK));
        for other in [&b""[..], b"List-Unsubscribe", b"List-Unsubscribe=Two-Clicks", b"x=List-Unsubscribe=One-Click"] {
            assert!(!sends(other, ONE_CLICK), "{other:?}");
        }
    }
}
