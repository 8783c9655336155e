//! How often a caller may come.
//!
//! Each caller has a bucket of a minute's requests that fills up again evenly; there is one for
//! each issuer and subject, else for each address, in this process alone. A request is counted once
//! it is known who calls, so a caller is never charged for what others send in its name. What is
//! answered before that (401, 404, 405) is counted against the address and not refused for it.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::Request,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use ipnet::IpNet;
use quick_cache::sync::Cache;

use crate::{
    auth::Caller,
    client_address::{Peer, client_address},
    problem::Problem,
};

/// `draft-ietf-httpapi-ratelimit-headers-10`.
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Callers that are remembered; past it those go that have not come for longest.
const CALLERS_MAX: usize = 100_000;

/// Wrong secrets that may be offered to a store from an address in a minute.
const GUESSES_PER_MINUTE: u32 = 60;

/// The addresses of one house: an IPv6 client has a network of this length to choose from.
const IPV6_PREFIX: u8 = 64;

/// Requests a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerMinute {
    pub customers: NonZeroU32,
    /// Staff, integrations, and addresses, behind which there may be many people.
    pub others: NonZeroU32,
}

impl Default for PerMinute {
    fn default() -> PerMinute {
        const CUSTOMERS: NonZeroU32 = NonZeroU32::new(600).expect("it is not zero");
        const OTHERS: NonZeroU32 = NonZeroU32::new(6000).expect("it is not zero");
        PerMinute { customers: CUSTOMERS, others: OTHERS }
    }
}

pub(crate) struct Limiter<C: Clock = MonotonicClock> {
    clock: C,
    trusted_proxies: Box<[IpNet]>,
    /// Zero: there is no limit.
    customers: AtomicU32,
    others: AtomicU32,
    buckets: Cache<Key, Arc<Bucket<C>>>,
}

type Bucket<C> = RateLimiter<NotKeyed, InMemoryState, C, StateInformationMiddleware>;

/// With its limit, so that buckets of an earlier limit are simply not found any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    who: Who,
    per_minute: NonZeroU32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Customer([u8; 16]),
    Other([u8; 16]),
    Address(IpAddr),
    /// A store's own system, which has proved itself.
    Store(u32),
    /// Whoever has offered a store a wrong secret. It takes nothing from those with the right one.
    Guess(u32, IpAddr),
}

/// What is left to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    policy: &'static str,
    per_minute: u32,
    remaining: u32,
}

/// Of one request, in its extensions: what was found out on the way is told with the answer.
#[derive(Clone, Debug)]
pub(crate) struct Seat(Arc<Found>);

#[derive(Debug)]
struct Found {
    address: IpAddr,
    standing: OnceLock<Standing>,
}

impl Limiter {
    pub(crate) fn new(limits: Option<PerMinute>, trusted_proxies: Vec<IpNet>) -> Limiter {
        Limiter::by(MonotonicClock, limits, trusted_proxies)
    }
}

impl<C: Clock + Clone> Limiter<C> {
    fn by(clock: C, limits: Option<PerMinute>, trusted_proxies: Vec<IpNet>) -> Limiter<C> {
        let limiter = Limiter {
            clock,
            trusted_proxies: trusted_proxies.into(),
            customers: AtomicU32::new(0),
            others: AtomicU32::new(0),
            buckets: Cache::new(CALLERS_MAX),
        };
        limiter.set(limits);
        limiter
    }

    /// From now on. Everybody begins anew.
    pub(crate) fn set(&self, limits: Option<PerMinute>) {
        let number = |of: fn(PerMinute) -> NonZeroU32| limits.map_or(0, |it| of(it).get());
        self.customers.store(number(|it| it.customers), Ordering::Relaxed);
        self.others.store(number(|it| it.others), Ordering::Relaxed);
    }

    /// Before anything is known of a request but where it comes from.
    pub(crate) fn seat(&self, request: &mut Request) -> Option<Seat> {
        // Both are set or neither.
        if self.others.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let peer = request.extensions().get().map_or(IpAddr::from([0; 4]), |Peer(it)| *it);
        let address = client_address(peer, request.headers(), &self.trusted_proxies);
        let seat = Seat(Arc::new(Found { address, standing: OnceLock::new() }));
        request.extensions_mut().insert(seat.clone());
        Some(seat)
    }

    /// One more request of this caller, or 429. Where there are no limits there is no seat either.
    pub(crate) fn admit(
        &self,
        caller: Option<&Caller>,
        extensions: &Extensions,
    ) -> Result<(), Problem> {
        let Some(Seat(found)) = extensions.get::<Seat>() else { return Ok(()) };
        let who = match caller {
            Some(caller) if caller.is_customer() => Who::Customer(caller.fingerprint()),
            Some(caller) => Who::Other(caller.fingerprint()),
            None => Who::address(found.address),
        };
        self.admit_as(who, found)
    }

    /// One more request of a store's own system, or 429.
    pub(crate) fn admit_store(&self, store: u32, extensions: &Extensions) -> Result<(), Problem> {
        let Some(Seat(found)) = extensions.get::<Seat>() else { return Ok(()) };
        self.admit_as(Who::Store(store), found)
    }

    /// One more wrong secret, or 429.
    pub(crate) fn admit_guess(&self, store: u32, extensions: &Extensions) -> Result<(), Problem> {
        let Some(Seat(found)) = extensions.get::<Seat>() else { return Ok(()) };
        self.admit_as(Who::guess(store, found.address), found)
    }

    fn admit_as(&self, who: Who, found: &Found) -> Result<(), Problem> {
        let Some((standing, wait)) = self.count(who) else { return Ok(()) };
        _ = found.standing.set(standing);
        match wait {
            None => Ok(()),
            Some(wait) => Err(too_often(standing, wait)),
        }
    }

    /// What the answer tells.
    pub(crate) fn tell(&self, seat: &Seat, answer: &mut HeaderMap) {
        let Seat(found) = seat;
        let counted = found.standing.get().copied();
        let standing = counted.or_else(|| Some(self.count(Who::address(found.address))?.0));
        let Some(standing) = standing else { return };
        answer.insert(RATE_LIMIT, standing.header());
        answer.insert(RATE_LIMIT_POLICY, standing.policy_header());
    }

    /// What is left then, and how long to wait if it was nothing before.
    fn count(&self, who: Who) -> Option<(Standing, Option<Duration>)> {
        let (policy, limit) = match who {
            Who::Customer(_) => ("customers", &self.customers),
            Who::Other(_) | Who::Address(_) | Who::Store(_) => ("others", &self.others),
            Who::Guess(..) => ("secrets", &self.others),
        };
        let mut per_minute = NonZeroU32::new(limit.load(Ordering::Relaxed))?;
        if let (Who::Guess(..), Some(fewer)) = (who, NonZeroU32::new(GUESSES_PER_MINUTE)) {
            per_minute = per_minute.min(fewer);
        }
        let bucket = self.bucket(Key { who, per_minute });
        let (remaining, wait) = match bucket.check() {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(self.clock.now()))),
        };
        Some((Standing { policy, per_minute: per_minute.get(), remaining }, wait))
    }

    fn bucket(&self, key: Key) -> Arc<Bucket<C>> {
        if let Some(bucket) = self.buckets.get(&key) {
            return bucket;
        }
        let full = || {
            let quota = Quota::per_minute(key.per_minute);
            let bucket = RateLimiter::direct_with_clock(quota, self.clock.clone());
            Ok::<_, std::convert::Infallible>(Arc::new(bucket.with_middleware()))
        };
        let Ok(bucket) = self.buckets.get_or_insert_with(&key, full);
        bucket
    }
}

impl Who {
    fn address(address: IpAddr) -> Who {
        Who::Address(house(address))
    }

    fn guess(store: u32, address: IpAddr) -> Who {
        Who::Guess(store, house(address))
    }
}

fn house(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(it) => {
            let network = u128::from(it) >> (128 - IPV6_PREFIX) << (128 - IPV6_PREFIX);
            IpAddr::V6(network.into())
        }
    }
}

impl Standing {
    /// `t`: seconds until nothing is missing any more.
    fn header(self) -> HeaderValue {
        let Standing { policy, per_minute, remaining } = self;
        let missing = u64::from(per_minute.saturating_sub(remaining));
        let full_in_s = (missing * 60).div_ceil(per_minute.into());
        header(format!("\"{policy}\";r={remaining};t={full_in_s}"))
    }

    fn policy_header(self) -> HeaderValue {
        let Standing { policy, per_minute, .. } = self;
        header(format!("\"{policy}\";q={per_minute};w=60"))
    }
}

fn header(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("words and numbers are a header's value")
}

fn too_often(standing: Standing, wait: Duration) -> Problem {
    let wait_s = wait.as_millis().div_ceil(1000).max(1);
    let detail = format!(
        "You have made more than {} requests a minute; come again in {wait_s} s",
        standing.per_minute
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail)
        .with_header(RETRY_AFTER, header(wait_s.to_string()))
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, response::Response};
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limiter(customers: u32, others: u32) -> Limiter<FakeRelativeClock> {
        let number = |it| NonZeroU32::new(it).unwrap();
        let limits = PerMinute { customers: number(customers), others: number(others) };
        Limiter::by(FakeRelativeClock::default(), Some(limits), Vec::new())
    }

    /// Status and the two headers of one request.
    fn ask(
        limiter: &Limiter<FakeRelativeClock>,
        caller: Option<&Caller>,
        address: &str,
    ) -> (u16, String) {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        let seat = limiter.seat(&mut request).unwrap();
        let admitted = limiter.admit(caller, request.extensions());
        let mut response = match admitted {
            Ok(()) => Response::new(Body::empty()),
            Err(problem) => problem.into(),
        };
        limiter.tell(&seat, response.headers_mut());
        let text = |name| response.headers().get(name)?.to_str().ok();
        let after = text(RETRY_AFTER).map(|it| format!(" after {it}")).unwrap_or_default();
        let told = format!("{}{after}", text(RATE_LIMIT).unwrap());
        (response.status().as_u16(), told)
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limiter = limiter(3, 6);
        let jane = Caller::new("orderd", "jane", "");
        let ask = || ask(&limiter, Some(&jane), "192.0.2.1");
        assert_eq!(ask(), (200, "\"customers\";r=2;t=20".into()));
        assert_eq!(ask(), (200, "\"customers\";r=1;t=40".into()));
        assert_eq!(ask(), (200, "\"customers\";r=0;t=60".into()));
        assert_eq!(ask(), (429, "\"customers\";r=0;t=60 after 20".into()));
        limiter.clock.advance(Duration::from_millis(5_500));
        assert_eq!(ask(), (429, "\"customers\";r=0;t=60 after 15".into()));
        limiter.clock.advance(Duration::from_millis(14_500));
        assert_eq!(ask(), (200, "\"customers\";r=0;t=60".into()), "a refusal costs nothing");
        limiter.clock.advance(Duration::from_secs(3600));
        assert_eq!(ask(), (200, "\"customers\";r=2;t=20".into()));
    }

    #[test]
    fn each_caller_has_a_bucket_of_its_own() {
        let limiter = limiter(1, 2);
        let status = |caller: Option<&Caller>, address| ask(&limiter, caller, address).0;
        let jane = Caller::new("orderd", "jane", "");
        let elsewhere = Caller::new("https://issuer.example", "jane", "");
        // The same letters, cut elsewhere.
        let odd = Caller::new("order", "djane", "");
        let staff = Caller::new("orderd", "jane", "staff");
        assert_eq!(status(Some(&jane), "192.0.2.1"), 200);
        assert_eq!(status(Some(&jane), "192.0.2.2"), 429, "wherever she calls from");
        assert_eq!(status(Some(&elsewhere), "192.0.2.1"), 200);
        assert_eq!(status(Some(&odd), "192.0.2.1"), 200);
        for expected in [200, 200, 429] {
            assert_eq!(status(Some(&staff), "192.0.2.1"), expected);
            assert_eq!(status(None, "192.0.2.1"), expected);
            assert_eq!(status(None, "2001:db8:0:1::1"), expected);
        }
        assert_eq!(status(None, "192.0.2.2"), 200);
        assert_eq!(status(None, "2001:db8:0:1:ffff::2"), 429, "one network");
        assert_eq!(status(None, "2001:db8:0:2::1"), 200);
    }

    #[test]
    fn limits_can_change_while_it_runs() {
        let limiter = limiter(1, 1);
        let jane = Caller::new("orderd", "jane", "");
        let status = || ask(&limiter, Some(&jane), "192.0.2.1").0;
        assert_eq!((status(), status()), (200, 429));
        limiter.set(Some(PerMinute::default()));
        assert_eq!((status(), status()), (200, 200));
        limiter.set(None);
        let mut request = Request::new(Body::empty());
        assert!(limiter.seat(&mut request).is_none());
        assert!(limiter.admit(Some(&jane), request.extensions()).is_ok());
    }

    #[test]
    fn wrong_secrets_take_nothing_from_right_ones() {
        let limiter = limiter(1, 1000);
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer("192.0.2.1".parse().unwrap()));
        limiter.seat(&mut request).unwrap();
        let guess = |store| limiter.admit_guess(store, request.extensions()).is_ok();
        assert!((0..GUESSES_PER_MINUTE).all(|_| guess(1)));
        assert!(!guess(1), "so many and no more");
        assert!(guess(2), "each store is guessed at by itself");
        assert!((0..1000).all(|_| limiter.admit_store(1, request.extensions()).is_ok()));
        assert!(limiter.admit_store(1, request.extensions()).is_err());
        assert!(limiter.admit_store(2, request.extensions()).is_ok());
        assert!(limiter.admit(None, request.extensions()).is_ok());
    }

    #[test]
    fn callers_are_forgotten_when_there_are_too_many() {
        let limiter = limiter(600, 600);
        for number in 0..u32::try_from(CALLERS_MAX).unwrap() + 50_000 {
            limiter.count(Who::address(std::net::Ipv4Addr::from(number).into()));
        }
        assert!(limiter.buckets.len() <= CALLERS_MAX, "{}", limiter.buckets.len());
    }
}
