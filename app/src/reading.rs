//! Reading an operation for a page: it is fetched once on the server, and the browser takes over the answer.
//!
//! The answer is stored as text and decoded where it is shown. So one resource type serves all operations, and the
//! browser needs no serializer for each of them.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::server::codee::string::FromToStringCodec;
use model::api::{Api, Got, Method, Operation, Problem, Sent, encode};
use serde::de::DeserializeOwned;

use crate::problem::{problem_page, problem_within};

/// An answer as the page carries it from server to browser: status and body, "200 {…}".
#[derive(Clone, Debug, Default)]
struct StoredAnswer(Arc<Got>);

impl fmt::Display for StoredAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.status.to_string())?;
        f.write_str(" ")?;
        f.write_str(&self.0.body)
    }
}

impl FromStr for StoredAnswer {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (status, body) = text.split_once(' ').unwrap_or_default();
        Ok(Self(Arc::new(Got { status: status.parse().unwrap_or_default(), body: body.to_owned() })))
    }
}

type Fetched = Resource<StoredAnswer, FromToStringCodec>;

/// The answer of an operation, fetched again whenever the operation changes.
pub struct Query<A> {
    fetched: Fetched,
    answer: PhantomData<fn() -> A>,
}

impl<A> Clone for Query<A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A> Copy for Query<A> {}

impl<A: DeserializeOwned> Query<A> {
    /// Fetches again. What is shown stays until the new answer arrives.
    pub fn refetch(self) {
        self.fetched.refetch();
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// The problem that the server returned.
    pub async fn answer(self) -> Result<A, Problem> {
        self.fetched.await.0.answer()
    }
}

/// Reads an operation, again whenever a signal that the closure reads changes.
pub fn read<O: Operation>(operation: impl Fn() -> O + Send + Sync + 'static) -> Query<O::Answer> {
    let path: Arc<dyn Fn() -> String + Send + Sync> = Arc::new(move || encode(&operation()).path);
    Query { fetched: fetched(path), answer: PhantomData }
}

fn fetched(path: Arc<dyn Fn() -> String + Send + Sync>) -> Fetched {
    let api = use_context::<Api>();
    Resource::new_str_blocking(
        move || path(),
        move |path| {
            let sending =
                api.as_ref().map(|api| api.send(Sent { method: Method::Get, path, body: String::new() }));
            async move {
                match sending {
                    Some(sending) => StoredAnswer(Arc::new(sending.await.unwrap_or_default())),
                    None => StoredAnswer::default(),
                }
            }
        },
    )
}

type Show = Arc<dyn Fn(&Got) -> AnyView + Send + Sync>;

/// A page made from an answer. Where the server returned a problem, an error page with its status.
pub fn answered<A: DeserializeOwned + 'static>(
    reading: Query<A>,
    show: impl Fn(A) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    shown(
        reading.fetched,
        show_or(show, move |problem| problem_page(problem, Arc::new(move || reading.refetch()))),
    )
}

/// A page made from the first answer only. It stays, with what is written in its fields, while its parts are fetched
/// again.
pub fn framed<A: DeserializeOwned + 'static>(
    reading: Query<A>,
    show: impl Fn(A) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let fetched = reading.fetched;
    let show = show_or(show, move |problem| problem_page(problem, Arc::new(move || reading.refetch())));
    view! {
        <Transition>
            {move || {
                let show = show.clone();
                Suspend::new(async move {
                    let first = untrack(|| fetched.into_future()).await.0;
                    if !first.is_answer() {
                        fetched.track();
                    }
                    show(&first)
                })
            }}
        </Transition>
    }
    .into_any()
}

/// A part of a page made from an answer. Where the server returned a problem, an alert.
pub fn answered_within<A: DeserializeOwned + 'static>(
    reading: Query<A>,
    show: impl Fn(A) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    shown(
        reading.fetched,
        show_or(show, move |problem| problem_within(problem, Arc::new(move || reading.refetch()))),
    )
}

/// A part of a page made from an answer, or from `otherwise` where the server returned a problem.
pub fn answered_or<A: DeserializeOwned + 'static>(
    reading: Query<A>,
    otherwise: fn() -> A,
    show: impl Fn(A) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    shown(reading.fetched, Arc::new(move |got: &Got| show(got.answer().unwrap_or_else(|_| otherwise()))))
}

fn show_or<A: DeserializeOwned>(
    show: impl Fn(A) -> AnyView + Send + Sync + 'static,
    instead: impl Fn(&Problem) -> AnyView + Send + Sync + 'static,
) -> Show {
    Arc::new(move |got| match got.answer() {
        Ok(answer) => show(answer),
        Err(problem) => instead(&problem),
    })
}

fn shown(fetched: Fetched, show: Show) -> AnyView {
    view! {
        <Transition>
            {move || {
                let show = show.clone();
                Suspend::new(async move { show(&fetched.await.0) })
            }}
        </Transition>
    }
    .into_any()
}
