//! `ORDERD_MASTER_KEY`: what the database keeps secret is wrapped by it, and of no use without it.

use std::{path::Path, process::Output, thread};

use tokio_postgres::NoTls;

use crate::{
    database::Database,
    process::{Serving, assert_verified, orderd},
};

const CURRENT: &str = "ORDERD_MASTER_KEY";
const OLD: &str = "ORDERD_MASTER_KEY_OLD";
/// In hex, and in base64.
const FIRST: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";
const SECOND: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

type Keys = &'static [(&'static str, &'static str)];
const NONE: Keys = &[];
const ONE: Keys = &[(CURRENT, FIRST)];
const CHANGED: Keys = &[(CURRENT, SECOND), (OLD, FIRST)];
const TWO: Keys = &[(CURRENT, SECOND)];

struct House<'h> {
    folder: &'h Path,
    url: &'h str,
}

impl House<'_> {
    fn run(&self, keys: Keys, arguments: &[&str]) -> Output {
        let whole = [arguments, &["--database", self.url]].concat();
        orderd(self.folder, &whole).envs(keys.iter().copied()).output().unwrap()
    }

    #[track_caller]
    fn says(&self, keys: Keys, arguments: &[&str]) -> String {
        let output = self.run(keys, arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn serve(&self, keys: Keys) -> Serving {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", self.url];
        let mut command = orderd(self.folder, &arguments);
        command.envs(keys.iter().copied());
        Serving::of(command, self.folder, self.url)
    }

    fn token(&self, keys: Keys) -> String {
        self.says(keys, &["token", "--sub", "boss", "--scope", "staff"])
    }

    /// What stands where secrets stand.
    async fn kept(&self) -> Vec<Vec<u8>> {
        const SELECT: &str = "SELECT seed FROM signing_keys UNION ALL SELECT value FROM secrets";
        let mut kept: Vec<Vec<u8>> = match self.url.strip_prefix("sqlite:") {
            Some(file) => {
                let file = rusqlite::Connection::open(self.folder.join(file)).unwrap();
                let mut statement = file.prepare(SELECT).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.collect::<Result<_, _>>().unwrap()
            }
            None => {
                let (client, connection) = tokio_postgres::connect(self.url, NoTls).await.unwrap();
                tokio::spawn(connection);
                let rows = client.query(SELECT, &[]).await.unwrap();
                rows.iter().map(|it| it.get(0)).collect()
            }
        };
        kept.sort();
        kept
    }

    /// Whoever has the wrong master key, or none, is told so by its name, and has changed nothing.
    async fn locked(&self, keys: Keys, told: &str) {
        let before = self.kept().await;
        let token = ["token", "--sub", "boss"];
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        for arguments in [&token[..], &["key", "list"], &["key", "rotate"], &serve] {
            let output = self.run(keys, arguments);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && said.contains(told), "{arguments:?}: {said}");
            assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
            assert!(!said.contains(FIRST) && !said.contains(SECOND), "{said}");
        }
        assert_eq!(self.kept().await, before);
    }
}

/// Of a caller with this token, at each process.
async fn status(token: &str, serving: &[Serving]) -> Vec<u16> {
    engine::http::use_ring();
    let client = reqwest::Client::new();
    let mut found = Vec::new();
    for it in serving {
        let sent = client.get(format!("{}/api/orders", it.address)).bearer_auth(token).send();
        found.push(sent.await.unwrap().status().as_u16());
    }
    found
}

fn is_wrapped(kept: &[u8]) -> bool {
    kept.starts_with(b"orderd:1:")
}

async fn check(database: &Database, servers: usize) {
    let folder = tempfile::tempdir().unwrap();
    let house = House { folder: folder.path(), url: &database.url };
    let accepted = vec![200; servers];
    house.serve(NONE).end();
    let plain = house.kept().await;
    assert!(!plain.is_empty() && plain.iter().all(|it| it.len() == 32));
    let before = house.token(NONE);

    // Of several processes that wrap at once, all know the keys afterwards.
    let serving: Vec<Serving> = thread::scope(|scope| {
        let started: Vec<_> = (0..servers).map(|_| scope.spawn(|| house.serve(ONE))).collect();
        started.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let wrapped = house.kept().await;
    assert_eq!(wrapped.len(), plain.len());
    assert!(wrapped.iter().all(|it| is_wrapped(it)));
    assert_eq!(status(&before, &serving).await, accepted, "tokens from before count");
    assert_eq!(status(&house.token(ONE), &serving).await, accepted);
    house.says(ONE, &["key", "rotate"]);
    let rotated = house.token(ONE);
    assert_eq!(status(&rotated, &serving).await, accepted);
    assert!(house.kept().await.iter().all(|it| is_wrapped(it)));
    serving.into_iter().for_each(Serving::end);

    house.locked(NONE, "give it in ORDERD_MASTER_KEY").await;
    house.locked(TWO, "ORDERD_MASTER_KEY is not the master key").await;
    assert_verified(house.folder, house.url);

    // Another master key, which knows the one before for as long as it takes.
    let serving = [house.serve(CHANGED)];
    assert_eq!(status(&rotated, &serving).await, [200]);
    assert_eq!(status(&house.token(TWO), &serving).await, [200]);
    let [serving] = serving;
    serving.end();
    house.locked(ONE, "ORDERD_MASTER_KEY is not the master key").await;
    let rewrapped = house.kept().await;
    house.serve(TWO).end();
    assert_eq!(house.kept().await, rewrapped, "what is wrapped is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_wrapped_in_a_file_and_in_its_copy() {
    let database = Database::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let house = House { folder: folder.path(), url: &database.url };
    house.serve(NONE).end();
    let plain = house.kept().await;
    house.serve(ONE).end();
    house.says(ONE, &["backup", "copy.db"]);
    for name in ["orderd.db", "copy.db"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        for seed in &plain {
            let is_there = bytes.windows(seed.len()).any(|it| it == seed);
            assert!(!is_there, "{name} still has a key as it was");
        }
    }
    let copy = House { folder: folder.path(), url: "sqlite:copy.db" };
    assert_eq!(copy.kept().await, house.kept().await);
    copy.locked(NONE, "give it in ORDERD_MASTER_KEY").await;
    let serving = [copy.serve(ONE)];
    assert_eq!(status(&copy.token(ONE), &serving).await, [200]);
    let [serving] = serving;
    serving.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_wrapped_and_rewrapped_on_sqlite() {
    check(&Database::sqlite(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_wrapped_and_rewrapped_on_postgres() {
    let database = Database::postgres().await;
    check(&database, 2).await;
    database.drop().await;
}

#[test]
fn a_new_database_never_has_a_key_in_plain() {
    let folder = tempfile::tempdir().unwrap();
    let house = House { folder: folder.path(), url: "sqlite:orderd.db" };
    house.token(ONE);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let kept = runtime.block_on(house.kept());
    assert!(!kept.is_empty() && kept.iter().all(|it| is_wrapped(it)));
}
