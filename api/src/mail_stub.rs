//! stub
use domain::{
    consequence::Template,
    value::{EmailAddress, Language},
};
pub struct Letter {
    pub from: EmailAddress,
    pub to: EmailAddress,
    pub to_name: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub message_id: String,
    pub date: domain::Instant,
}
#[derive(Default)]
pub struct Context {
    pub garage_name: Option<String>,
    pub recipient_name: Option<String>,
    pub plate: Option<String>,
    pub vehicle: Option<String>,
    pub fleet_name: Option<String>,
    pub counterpart: Option<String>,
    pub transfer_kind: Option<&'static str>,
    pub link: Option<String>,
    pub expires_on: Option<String>,
    pub app_url: String,
}
impl Context {
    pub fn new(u: &str) -> Self {
        Self { app_url: u.into(), ..Self::default() }
    }
}
pub struct Renderer;
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}
impl Renderer {
    pub fn new() -> Result<Self, String> {
        Ok(Self)
    }
    pub fn render(&self, t: Template, _: Language, c: &Context) -> Result<Rendered, String> {
        Ok(Rendered { subject: t.code().into(), text: c.link.clone().unwrap_or_default(), html: String::new() })
    }
}
pub enum SendError {
    Temporary(String),
    Permanent(String),
    Unknown(String),
}
pub struct Transport(std::path::PathBuf);
impl Transport {
    pub fn from_config(_: Option<&str>, f: &std::path::Path) -> Result<Self, String> {
        Ok(Self(f.into()))
    }
    pub fn send(&self, l: &Letter) -> Result<(), SendError> {
        let _ = std::fs::create_dir_all(&self.0);
        std::fs::write(
            self.0.join(format!("{}.eml", l.message_id)),
            format!("To: {}\nSubject: {}\n\n{}\n", l.to.as_str(), l.subject, l.text),
        )
        .map_err(|e| SendError::Temporary(e.to_string()))
    }
}
