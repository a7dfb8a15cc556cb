//! HTTP of imports.

use super::{
    lines::{self, JsonLines},
    operations::{self, Line},
    wire::{ImportQuery, PassportImport, Tally},
};
use crate::{
    command::Reply,
    passport::wire::NewPassport,
    problem::{Code, Problem, problems},
    request::{Query, SignedIn, request_id},
};
use actix_web::{HttpRequest, HttpResponse, post, rt, web};

/// Import passports with their customers.
///
/// The body is a stream of JSON lines; each line is like the body of `createPassport`. Each line stands by itself: a
/// wrong line is reported, and the others are stored, some hundred in one transaction. A customer whose name and e-mail
/// match a record of the garage is not created again. A car for which the garage already has a passport is skipped, so
/// an import that broke off can be sent again as a whole; nobody is mailed for it again. Of an import that breaks off, the
/// lines that arrived whole are stored.
#[utoipa::path(operation_id = "importPassports", tag = "passports", params(ImportQuery),
    request_body(content = NewPassport, content_type = "application/x-ndjson", description = "Each line is one of these objects."),
    responses((status = 200, description = "How many lines were stored, skipped and refused.", body = PassportImport)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, RequestTimeout]))))]
#[post("/passport-imports")]
pub(crate) async fn import_passports(
    request: HttpRequest,
    signed_in: SignedIn,
    query: Query<ImportQuery>,
    stream: JsonLines,
) -> Result<HttpResponse, Problem> {
    // On its own, since a request ends with its connection: what had arrived by then is stored too.
    let import = rt::spawn(import(signed_in, query.0.invite == Some(true), stream, request_id(&request)));
    import.await.map_err(|error| Problem::internal(&error.to_string()))?
}

async fn import(
    signed_in: SignedIn,
    invite: bool,
    mut stream: JsonLines,
    request_id: String,
) -> Result<HttpResponse, Problem> {
    let (garage, is_repeat) = signed_in.look(|work| Ok((operations::may_import(work)?, work.has_answered()?))).await?;
    let turn = signed_in.context.app.imports.begin(garage);
    let _turn = turn.ok_or_else(|| Problem::new(Code::Overloaded).retry_after(5))?;
    if is_repeat {
        while stream.next_block().await?.is_some() {}
        return signed_in.command(stream.hash(), |_| Err(Code::Conflict.into())).await;
    }
    let (mut tally, mut number, mut storing) = (Tally::default(), 0, None);
    // While one block is stored, the next is read.
    let broke_off = loop {
        let block = match stream.next_block().await {
            Ok(Some(block)) => block,
            Ok(None) => break None,
            Err(problem) => break Some(problem),
        };
        let reading = web::block(move || lines::read(&block, number)).await;
        let (lines, last) = reading.map_err(|error| Problem::internal(&error.to_string()))?;
        number = last;
        settle(&mut tally, storing.take()).await?;
        storing = Some(rt::spawn(store(signed_in.clone(), lines, invite)));
    };
    settle(&mut tally, storing).await?;
    if let Some(problem) = broke_off {
        return Err(problem);
    }
    let answer = Reply::ok(&PassportImport::new(&tally, &signed_in.context, &request_id))?;
    signed_in.command(stream.hash(), move |_| Ok(answer.clone())).await
}

async fn settle(
    tally: &mut Tally,
    storing: Option<rt::task::JoinHandle<Result<Tally, Problem>>>,
) -> Result<(), Problem> {
    if let Some(storing) = storing {
        tally.add(storing.await.map_err(|error| Problem::internal(&error.to_string()))??);
    }
    Ok(())
}

/// Stores a block. Another garage may make a passport for one of the plates at the same moment: the block is stored
/// again, and knows of it then.
async fn store(signed_in: SignedIn, lines: Vec<Line>, invite: bool) -> Result<Tally, Problem> {
    let lines = std::sync::Arc::new(lines);
    for _ in 0..2 {
        let lines = std::sync::Arc::clone(&lines);
        match signed_in.part(move |work| operations::import(work, &lines, invite)).await {
            Err(problem) if problem.code == Code::PassportExists => {}
            other => return other,
        }
    }
    signed_in.part(move |work| operations::import(work, &lines, invite)).await
}
