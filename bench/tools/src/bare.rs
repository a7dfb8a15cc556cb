//! A bare actix-web server: whatever is asked, it answers with the same headers and body, which it holds ready. How many
//! requests a second it reaches is what the web server alone costs: H of the limit that `make bench` compares with.

use actix_web::{
    App, HttpResponse, HttpServer,
    http::header::{HeaderName, HeaderValue},
    web,
};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

/// What it answers, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// Where to listen
    #[arg(long)]
    listen: SocketAddr,
    /// How many threads serve
    #[arg(long)]
    workers: usize,
    /// A file with the headers, `name: value` on each line; without those that actix-web writes itself
    #[arg(long)]
    headers: PathBuf,
    /// A file with the body
    #[arg(long)]
    body: PathBuf,
}

/// What is answered.
struct Answer {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: web::Bytes,
}

impl Answer {
    fn read(options: &Options) -> std::io::Result<Self> {
        let wrong = |line: &str| std::io::Error::other(format!("not a header: {line}"));
        let headers = std::fs::read_to_string(&options.headers)?
            .lines()
            .map(|line| {
                let (name, value) = line.split_once(": ").ok_or_else(|| wrong(line))?;
                let name = HeaderName::try_from(name).map_err(|_| wrong(line))?;
                Ok((name, HeaderValue::from_str(value).map_err(|_| wrong(line))?))
            })
            .collect::<std::io::Result<_>>()?;
        Ok(Self { headers, body: std::fs::read(&options.body)?.into() })
    }
}

async fn answer(answer: web::Data<Answer>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for (name, value) in &answer.headers {
        response.append_header((name.clone(), value.clone()));
    }
    response.body(answer.body.clone())
}

/// Serves until it is ended.
pub(crate) fn run(options: &Options) -> std::io::Result<()> {
    let held = web::Data::from(Arc::new(Answer::read(options)?));
    let server = HttpServer::new(move || App::new().app_data(held.clone()).default_service(web::to(answer)))
        .workers(options.workers)
        .keep_alive(Duration::from_secs(75))
        .bind(options.listen)?;
    actix_web::rt::System::new().block_on(server.run())
}
