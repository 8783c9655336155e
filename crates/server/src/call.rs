//! One request: who calls, with what headers, and what is the same for every handler.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Body,
    extract::{FromRequestParts, Path, RawPathParams, rejection::PathRejection},
    http::{HeaderMap, Method, Uri, request::Parts},
};
use domain::{
    Actor, CustomerId, Expected, OrderNo, Role, StoreId,
    idempotency::{Fingerprint, KeyHash},
};
use engine::Idempotency;

use crate::{
    app::App,
    auth::{Caller, Right},
    body::{parse_json, read_json, read_optional_json},
    idempotency,
    json::{Faults, Fields, Json, Style},
    preconditions::{IfMatch, IfNoneMatch},
    problem::Problem,
    query::Query,
    refused,
    request_id::RequestId,
};

/// A request with a valid token.
pub(crate) struct Call {
    pub(crate) caller: Arc<Caller>,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    request_id: RequestId,
    idempotency_required: bool,
}

impl FromRequestParts<Arc<App>> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Call, Problem> {
        // Before anything is looked at: under overload this is what most are told.
        if !parts.method.is_safe() && app.engine.is_full() {
            return Err(refused::overloaded());
        }
        let now = app.engine.clock().now();
        let caller = app.verifier.require(&parts.headers, now.0).await?;
        app.limiter.admit(Some(&caller), &parts.extensions)?;
        Ok(Call {
            caller,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: std::mem::take(&mut parts.headers),
            request_id: parts.extensions.get().cloned().ok_or_else(Problem::internal)?,
            idempotency_required: app.settings.idempotency_required,
        })
    }
}

/// How a change is to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// For good, and remembered under its key if it has one.
    Real(Option<Idempotency>),
    /// A dry run: what would be is told, and nothing of it stays. Its key is not looked at.
    Dry,
}

/// A name in a URL: what stands in its braces, else its last segment. One that can't be read names
/// nothing.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named, Infallible> {
        let path: Result<RawPathParams, _> = RawPathParams::from_request_parts(parts, state).await;
        let Ok(path) = path else { return Ok(Named(String::new())) };
        let in_braces = path.iter().next().map(|(_, name)| name.to_owned());
        let last = || parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
        Ok(Named(in_braces.unwrap_or_else(last)))
    }
}

/// A name in a URL of something that is within something named.
pub(crate) struct NamedWithin(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for NamedWithin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<NamedWithin, Infallible> {
        let path: Result<Path<(String, String)>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let (outer, inner) = path.map(|Path(names)| names).unwrap_or_default();
        Ok(NamedWithin(outer, inner))
    }
}

impl Call {
    pub(crate) fn request_id(&self) -> &str {
        self.request_id.as_str()
    }

    /// Reads and parses a body, and with it how the change is to be made.
    pub(crate) async fn change<T>(
        &self,
        body: Body,
        read: impl FnOnce(&Json<'_>, &Faults) -> Option<T>,
    ) -> Result<(T, Manner), Problem> {
        let (value, (), manner) = self.change_with_query(body, read, |_| Some(())).await?;
        Ok((value, manner))
    }

    /// The same for a call that has parameters of its own; all faults are told at once.
    pub(crate) async fn change_with_query<T, Q>(
        &self,
        body: Body,
        read: impl FnOnce(&Json<'_>, &Faults) -> Option<T>,
        read_query: impl FnOnce(&mut Query<'_>) -> Option<Q>,
    ) -> Result<(T, Q, Manner), Problem> {
        let bytes = read_json(&self.headers, body).await?;
        self.parse(&bytes, read, read_query)
    }

    /// The same for a call whose body may be left out.
    pub(crate) async fn change_with_optional_body<T>(
        &self,
        body: Body,
        read: impl FnOnce(&Json<'_>, &Faults) -> Option<T>,
    ) -> Result<(T, Manner), Problem> {
        let bytes = read_optional_json(&self.headers, body).await?;
        let (value, (), manner) = self.parse(or_empty(bytes.as_deref()), read, |_| Some(()))?;
        Ok((value, manner))
    }

    /// The same for a call that has nothing to say in a body: none, or an empty document.
    pub(crate) async fn empty_change(&self, body: Body) -> Result<Manner, Problem> {
        let ((), manner) = self.empty_change_with_query(body, |_| Some(())).await?;
        Ok(manner)
    }

    pub(crate) async fn empty_change_with_query<Q>(
        &self,
        body: Body,
        read_query: impl FnOnce(&mut Query<'_>) -> Option<Q>,
    ) -> Result<(Q, Manner), Problem> {
        let bytes = read_optional_json(&self.headers, body).await?;
        let read = |tree: &Json<'_>, faults: &Faults| {
            Fields::of_document(tree, Style::Strict, faults)?.deny_unknown();
            Some(())
        };
        let ((), asked, manner) = self.parse(or_empty(bytes.as_deref()), read, read_query)?;
        Ok((asked, manner))
    }

    /// Reads the body of a call that changes nothing of the shop: it needs no key, and there is
    /// nothing to rehearse.
    pub(crate) async fn instruction<T>(
        &self,
        body: Body,
        read: impl FnOnce(&Json<'_>, &Faults) -> Option<T>,
    ) -> Result<T, Problem> {
        let bytes = read_optional_json(&self.headers, body).await?;
        let ((value, ()), _) = self.judge(or_empty(bytes.as_deref()), read, |_| Some(()))?;
        Ok(value)
    }

    /// Reads the body and the query of a call that only asks.
    pub(crate) async fn question<T, Q>(
        &self,
        body: Body,
        read: impl FnOnce(&Json<'_>, &Faults) -> Option<T>,
        read_query: impl FnOnce(&mut Query<'_>) -> Option<Q>,
    ) -> Result<(T, Q), Problem> {
        let bytes = read_json(&self.headers, body).await?;
        let (read, _) = self.judge(&bytes, read, read_query)?;
        Ok(read)
    }

    fn parse<T, Q>(
        &self,
        bytes: &[u8],
        read: impl FnOnce(&Json<'_>, &Faults) -> Option<T>,
        read_query: impl FnOnce(&mut Query<'_>) -> Option<Q>,
    ) -> Result<(T, Q, Manner), Problem> {
        let read_query = |query: &mut Query<'_>| {
            let is_dry = query.flag("dry_run").unwrap_or(false);
            Some((read_query(query)?, is_dry))
        };
        let ((value, (asked, is_dry)), tree) = self.judge(bytes, read, read_query)?;
        let manner = if is_dry { Manner::Dry } else { Manner::Real(self.idempotency(&tree)?) };
        Ok((value, asked, manner))
    }

    /// All that is wrong with body and query is told at once.
    fn judge<'b, T, Q>(
        &self,
        bytes: &'b [u8],
        read: impl FnOnce(&Json<'_>, &Faults) -> Option<T>,
        read_query: impl FnOnce(&mut Query<'_>) -> Option<Q>,
    ) -> Result<((T, Q), Json<'b>), Problem> {
        let faults = Faults::default();
        let tree = parse_json(bytes, &faults)?;
        let value = read(&tree, &faults);
        let mut query = Query::parse(self.uri.query(), &faults);
        let asked = read_query(&mut query);
        query.deny_unknown();
        drop(query);
        Ok((faults.finish(value.zip(asked))?, tree))
    }

    fn idempotency(&self, tree: &Json<'_>) -> Result<Option<Idempotency>, Problem> {
        let Some(key) = idempotency::key(&self.headers)? else {
            let missing = self.idempotency_required;
            return if missing { Err(refused::key_required()) } else { Ok(None) };
        };
        let path = self.uri.path();
        let fingerprint =
            idempotency::fingerprint(&self.method, path, self.uri.query(), Some(tree));
        Ok(Some(Idempotency {
            key: KeyHash(idempotency::key_hash(&self.caller, &key)),
            fingerprint: Fingerprint(fingerprint),
        }))
    }

    /// For a change that needs no key, because to do it again changes nothing: one is welcome, and
    /// wanted where the server wants one of every change.
    pub(crate) fn allow_key(&self) -> Result<(), Problem> {
        match idempotency::key(&self.headers)? {
            None if self.idempotency_required => Err(refused::key_required()),
            None | Some(_) => Ok(()),
        }
    }

    /// Reads the query of a call; parameters that it does not know are faults.
    pub(crate) fn query<T>(
        &self,
        read: impl FnOnce(&mut Query<'_>) -> Option<T>,
    ) -> Result<T, Problem> {
        query(&self.uri, read)
    }

    pub(crate) fn expected(&self) -> Result<Expected, Problem> {
        let Some(tags) = IfMatch::read(&self.headers)? else { return Ok(Expected::Any) };
        Ok(match tags.versions() {
            None => Expected::Existing,
            Some(versions) => {
                Expected::OneOf(versions.iter().filter_map(|it| u64::try_from(*it).ok()).collect())
            }
        })
    }

    pub(crate) fn if_none_match(&self) -> Result<Option<IfNoneMatch>, Problem> {
        IfNoneMatch::read(&self.headers)
    }

    /// The stores that the caller's token is narrowed to.
    pub(crate) fn stores(&self) -> Option<Vec<StoreId>> {
        let stores = self.caller.stores()?;
        Some(stores.iter().filter_map(|it| u32::try_from(*it).ok()).map(StoreId).collect())
    }

    /// Who changes something: with the right for anyone's orders, otherwise for their own.
    pub(crate) fn actor(&self) -> Result<Actor, Problem> {
        let caller = &self.caller;
        let role = if caller.is_staff() {
            Role::Staff
        } else if caller.may(Right::WriteAnyOrder) || !caller.may(Right::OwnOrders) {
            Role::Integration
        } else {
            Role::Customer(self.customer()?)
        };
        Ok(Actor { role, subject: caller.subject().into(), stores: self.stores() })
    }

    /// Who reads orders.
    pub(crate) fn reader(&self) -> Result<Actor, Problem> {
        let caller = &self.caller;
        caller.require_any(&[Right::ReadAnyOrder, Right::OwnOrders])?;
        let role = if caller.is_staff() {
            Role::Staff
        } else if caller.may(Right::ReadAnyOrder) {
            Role::Integration
        } else {
            Role::Customer(self.customer()?)
        };
        Ok(Actor { role, subject: caller.subject().into(), stores: self.stores() })
    }

    /// The customer that the caller is.
    pub(crate) fn customer(&self) -> Result<CustomerId, Problem> {
        self.caller.subject().parse().map_err(|_| refused::subject_is_no_customer())
    }
}

/// A request whose sender nothing is known of but the address.
pub(crate) struct Stranger;

impl FromRequestParts<Arc<App>> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Stranger, Problem> {
        app.limiter.admit(None, &parts.extensions)?;
        Ok(Stranger)
    }
}

/// A request that needs no token; one that has a token must have a valid one.
pub(crate) struct Visit {
    caller: Option<Arc<Caller>>,
    pub(crate) uri: Uri,
    headers: HeaderMap,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Visit, Problem> {
        let now = app.engine.clock().now();
        let caller = app.verifier.caller(&parts.headers, now.0).await?;
        app.limiter.admit(caller.as_deref(), &parts.extensions)?;
        let headers = std::mem::take(&mut parts.headers);
        Ok(Visit { caller, uri: parts.uri.clone(), headers })
    }
}

impl Visit {
    pub(crate) fn query<T>(
        &self,
        read: impl FnOnce(&mut Query<'_>) -> Option<T>,
    ) -> Result<T, Problem> {
        query(&self.uri, read)
    }

    pub(crate) fn if_none_match(&self) -> Result<Option<IfNoneMatch>, Problem> {
        IfNoneMatch::read(&self.headers)
    }

    pub(crate) fn may_write_catalog(&self) -> bool {
        self.caller.as_ref().is_some_and(|it| it.may_write_catalog())
    }
}

fn or_empty(bytes: Option<&[u8]>) -> &[u8] {
    bytes.unwrap_or(b"{}")
}

fn query<T>(uri: &Uri, read: impl FnOnce(&mut Query<'_>) -> Option<T>) -> Result<T, Problem> {
    let faults = Faults::default();
    let mut query = Query::parse(uri.query(), &faults);
    let value = read(&mut query);
    query.deny_unknown();
    drop(query);
    faults.finish(value)
}

/// No store has this number: a list of its orders is empty, where a list of no stores is of all.
pub(crate) const NO_STORE: StoreId = StoreId(0);

/// Narrows what was asked for to the stores of the caller's token; asked for none means all.
/// Others' orders are not there.
pub(crate) fn narrowed(mut asked: Vec<StoreId>, reached: Vec<StoreId>) -> Vec<StoreId> {
    if asked.is_empty() {
        asked = reached;
    } else {
        asked.retain(|it| reached.contains(it));
    }
    if asked.is_empty() {
        asked.push(NO_STORE);
    }
    asked
}

/// Where an order is.
pub(crate) fn order_url(no: OrderNo) -> String {
    format!("/api/orders/{no}")
}
