//! The one place where a handler enters a transaction.

use std::sync::Arc;

use actix_web::{http::StatusCode, web::Data};
use database::{Database, Error, Result, Tx};
use events::idempotency as records;
use identity::Identity;
use kernel::{Actor, Code, Error as DomainError};
use partners::application;
use serde::Serialize;

use crate::{
    call::{Call, Caller},
    idempotency::Running,
    list::{List, next_link},
    openapi::Published,
    operations::Operations,
    problem::Problem,
    reply::{Outcome, Reply},
    resources::blocking,
    settings::Settings,
    throttle::Throttle,
};

/// A use case that changes one resource. It calls the check that it is given with the resource as it is, before it
/// changes anything.
type Change<I, T, R> = fn(&mut Tx, &Actor, I, T, &dyn Fn(&R) -> Result<()>) -> Result<R>;

/// What all handlers share.
pub struct App {
    pub(crate) database: Database,
    pub(crate) identity: Arc<Identity>,
    pub(crate) settings: Settings,
    pub(crate) document: Published,
    pub(crate) operations: Operations,
    pub(crate) throttle: Throttle,
    running: Running,
}

impl App {
    /// Puts together what all handlers share.
    ///
    /// # Errors
    /// When an operation does not say who may call it.
    pub fn start(
        database: Database,
        identity: Arc<Identity>,
        settings: Settings,
    ) -> std::result::Result<Data<Self>, String> {
        let document = Published::new(settings.sandbox)?;
        let operations = Operations::of(document.value())?;
        let throttle = Throttle::new(&settings.limits, &database);
        let running = Running::default();
        Ok(Data::new(Self { database, identity, settings, document, operations, throttle, running }))
    }

    /// Runs `work` on one snapshot, as whoever is calling.
    ///
    /// # Errors
    /// Those of `work`; `invalid_token` and `insufficient_scope` as things stand now.
    pub async fn read<T: Send + 'static>(
        &self,
        call: &Call,
        work: impl FnOnce(&mut Tx, &Actor) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let call = call.clone();
        let done = self.database.read(move |tx| {
            let actor = actor(tx, &call)?;
            work(tx, &actor)
        });
        Ok(done.await?)
    }

    /// Runs `work` on one snapshot, for whoever asks: what it answers is there for everybody.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn show<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        Ok(self.database.read(work).await?)
    }

    /// Looks on a snapshot of its own before a transaction writes ([`Tx::looks_first`] says why); `None` where the
    /// transaction itself can look.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn look_ahead<T: Send + 'static>(
        &self,
        call: &Call,
        work: impl FnOnce(&mut Tx, &Actor) -> Result<T> + Send + 'static,
    ) -> std::result::Result<Option<T>, Problem> {
        if self.database.is_only_writer() { Ok(None) } else { self.read(call, work).await.map(Some) }
    }

    /// Runs work that takes long and transactions of its own, as whoever is calling.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn beside<T: Send + 'static>(
        &self,
        call: &Call,
        work: impl FnOnce(&Database, &Actor) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let actor = self.read(call, |_, actor| Ok(actor.clone())).await?;
        let database = self.database.clone();
        Ok(blocking(move || work(&database, &actor)).await?)
    }

    /// Answers one resource with its `ETag`, or 304 to whoever has it already.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn get<T: Serialize>(
        &self,
        call: Call,
        work: impl FnOnce(&mut Tx, &Actor) -> Result<T> + Send + 'static,
    ) -> Outcome {
        let reply = self.read(&call, move |tx, actor| Reply::ok(&work(tx, actor)?)).await?;
        let known = call.if_none_match.as_ref().zip(reply.tag()).is_some_and(|(tags, tag)| tags.weakly(tag));
        Ok(if known { reply.not_modified() } else { reply })
    }

    /// Answers what holds at the moment of asking, and names that moment: it is another each time, and has no version.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn tell<T: Serialize>(
        &self,
        call: Call,
        work: impl FnOnce(&mut Tx, &Actor) -> Result<T> + Send + 'static,
    ) -> Outcome {
        self.read(&call, move |tx, actor| Reply::json(StatusCode::OK, &work(tx, actor)?)).await
    }

    /// Answers what changes nothing though it is asked by a POST, such as a check. Only an answer that is to be kept under a
    /// key makes it a write.
    ///
    /// # Errors
    /// As [`Self::read`], or as [`Self::write`].
    pub async fn answer<T: Serialize>(
        &self,
        call: Call,
        mut work: impl FnMut(&mut Tx, &Actor) -> Result<T> + Send + 'static,
    ) -> Outcome {
        let work = move |tx: &mut Tx, actor: &Actor| Reply::json(StatusCode::OK, &work(tx, actor)?);
        if call.is_keyed() { self.write(call, work).await } else { self.read(&call, work).await }
    }

    /// Answers one page of a list, with a link to the next.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn list<L: List>(
        &self,
        call: Call,
        work: impl FnOnce(&mut Tx, &Actor) -> Result<kernel::Page<L::Item>> + Send + 'static,
    ) -> Outcome {
        let link = call.clone();
        self.read(&call, move |tx, actor| {
            let list = L::from(work(tx, actor)?);
            let reply = Reply::json(StatusCode::OK, &list)?;
            Ok(match list.next_cursor() {
                Some(cursor) => {
                    reply.with_header("Link", next_link(&link.path, &link.query, L::CURSOR_PARAMETER, cursor))
                }
                None => reply,
            })
        })
        .await
    }

    /// Answers a list as CSV, with a link to the rows that come next.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn export(
        &self,
        call: Call,
        work: impl FnOnce(&mut Tx, &Actor) -> Result<training::export::Table> + Send + 'static,
    ) -> Outcome {
        let table = self.read(&call, work).await?;
        let reply = Reply::text(StatusCode::OK, "text/csv; charset=utf-8", table.text);
        Ok(match table.next_cursor {
            Some(cursor) => reply.with_header("Link", next_link(&call.path, &call.query, "cursor", &cursor)),
            None => reply,
        })
    }

    /// Runs `work` as one transaction, as whoever is calling. It may run several times, so it has no effect outside
    /// the database. With an `Idempotency-Key` the answer is kept in the same transaction, and a repeated request
    /// gets it again, to the byte.
    ///
    /// # Errors
    /// Those of `work`, then nothing is changed; `invalid_token` and `insufficient_scope` as things stand now.
    pub async fn write(
        &self,
        call: Call,
        work: impl FnMut(&mut Tx, &Actor) -> Result<Reply> + Send + 'static,
    ) -> Outcome {
        let Some(attempt) = call.attempt.clone() else { return self.once(call, work).await };
        let _held = self.running.hold(subject(&call.caller), &attempt.key)?;
        match self.kept(call.clone(), work).await {
            Err(Error::Domain(error)) if is_decision(&error) => self.keep_refusal(call, error).await,
            done => Ok(done?),
        }
    }

    /// Changes one resource, in the version of it that the caller means (`If-Match`), and answers it as it is then.
    ///
    /// # Errors
    /// Those of `change`, then nothing is changed; those of [`Self::write`].
    pub async fn change<I: Copy + Send + 'static, T: Clone + Send + 'static, R: Serialize + 'static>(
        &self,
        call: Call,
        id: I,
        request: T,
        change: Change<I, T, R>,
    ) -> Outcome {
        let precondition = call.precondition();
        self.write(call, move |tx, actor| {
            Reply::ok(&change(tx, actor, id, request.clone(), &|current| precondition.check(current))?)
        })
        .await
    }

    async fn once(
        &self,
        call: Call,
        mut work: impl FnMut(&mut Tx, &Actor) -> Result<Reply> + Send + 'static,
    ) -> Outcome {
        let done = self.database.write(move |tx| {
            let actor = actor(tx, &call)?;
            work(tx, &actor)
        });
        Ok(done.await?)
    }

    async fn kept(
        &self,
        call: Call,
        mut work: impl FnMut(&mut Tx, &Actor) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        let done = self.database.write(move |tx| {
            let actor = actor(tx, &call)?;
            let look = tx.looks_first();
            recalled_or(tx, &actor, &call, look, |tx, actor| work(tx, actor))
        });
        done.await
    }

    /// The effect is rolled back; that it was refused, and how, is kept, so that a repeated request hears the same.
    async fn keep_refusal(&self, call: Call, error: DomainError) -> Outcome {
        let answer = Problem::from(error).answer(&call.path, call.origin.request_id.as_deref().unwrap_or_default());
        let done = self.database.write(move |tx| {
            let actor = actor(tx, &call)?;
            recalled_or(tx, &actor, &call, true, |_, _| Ok(Reply(answer.clone())))
        });
        Ok(done.await?)
    }
}

/// Whoever is calling, as things stand in this transaction.
fn actor(tx: &mut Tx, call: &Call) -> Result<Actor> {
    match &call.caller {
        Caller::Known(verified) => {
            let actor = identity::resolve(tx, verified, &call.origin)?;
            actor.require(&call.operation.scopes())?;
            Ok(actor)
        }
        Caller::Applicant => Ok(Actor::applicant("applicant", call.origin.clone())),
        Caller::Holder(token) => application::store::applicant(tx, token, &call.origin),
    }
}

/// Whose keys of repeated requests they are, and whose requests are counted.
pub(crate) fn subject(caller: &Caller) -> String {
    match caller {
        Caller::Known(verified) => format!("{:?}", verified.subject),
        Caller::Applicant => "applicant".into(),
        Caller::Holder(token) => format!("holder of {token}"),
    }
}

/// The answer that was kept under the request's key, or that of `work`, which is kept. Without a `look`, an answer
/// that was kept shows when this one is to be kept too: the transaction collides, and its repetition looks.
fn recalled_or(
    tx: &mut Tx,
    actor: &Actor,
    call: &Call,
    look: bool,
    work: impl FnOnce(&mut Tx, &Actor) -> Result<Reply>,
) -> Result<Reply> {
    let Some(attempt) = &call.attempt else { return work(tx, actor) };
    records::claim(tx, actor, attempt)?;
    if look && let Some(answer) = records::recall(tx, actor, attempt)? {
        return Ok(Reply(answer).with_header("Idempotency-Replayed", "true"));
    }
    let reply = work(tx, actor)?;
    records::keep(tx, actor, attempt, &reply.0)?;
    Ok(reply)
}

/// Whether the business has decided, so that the same request is to hear the same again. What is about the key
/// itself is no decision.
fn is_decision(error: &DomainError) -> bool {
    let about_key = matches!(error.code, Code::IdempotencyKeyReused | Code::IdempotencyKeyInUse);
    error.code.kind().is_decision() && !about_key
}
