//! How often a page asks the database: counted on a line between the two.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::world::{Person, World};

/// A socket in front of the database's, which counts the statements that go through it.
struct Line {
    folder: PathBuf,
    asked: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

impl Line {
    /// The line, and how to reach the database by it.
    fn to(database: &PgConnectOptions) -> (Self, PgConnectOptions) {
        let name = format!(".s.PGSQL.{}", database.get_port());
        let socket = database.get_socket().expect("tests use a socket");
        let there = socket.join(&name);
        let folder = std::env::temp_dir().join(format!("wallet-line-{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(name)).unwrap();
        let asked = Arc::new(AtomicU64::new(0));
        let count = asked.clone();
        let serving = tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                let there = UnixStream::connect(&there).await.unwrap();
                let (questions, mut back) = here.into_split();
                let (mut answers, on) = there.into_split();
                tokio::spawn(counted(questions, on, count.clone()));
                tokio::spawn(async move { tokio::io::copy(&mut answers, &mut back).await });
            }
        });
        let line = Self {
            folder: folder.clone(),
            asked,
            serving,
        };
        // Asking for TLS first would be one more message without a letter.
        let way = database.clone().socket(folder).ssl_mode(PgSslMode::Disable);
        (line, way)
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.serving.abort();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Hands on what the client says: a length and what it announces at first, then each message after
/// the letter of its kind. `E` executes a statement, `Q` is one as plain text.
async fn counted(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    count: Arc<AtomicU64>,
) -> std::io::Result<()> {
    let mut is_first = true;
    loop {
        if !std::mem::take(&mut is_first) {
            let kind = from.read_u8().await?;
            if matches!(kind, b'E' | b'Q') {
                count.fetch_add(1, Ordering::SeqCst);
            }
            to.write_u8(kind).await?;
        }
        let length = from.read_u32().await?;
        let mut rest = vec![0; usize::try_from(length).unwrap().saturating_sub(4)];
        from.read_exact(&mut rest).await?;
        to.write_u32(length).await?;
        to.write_all(&rest).await?;
    }
}

/// Statements for one look at this page.
async fn statements(world: &World, line: &Line, ana: &Person, path: &str) -> u64 {
    let before = line.asked();
    assert_eq!(world.get(path, Some(ana)).await.status(), 200, "{path}");
    line.asked() - before
}

#[sqlx::test(migrations = "../migrations")]
async fn the_wallet_page_is_read_in_a_few_statements(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let (line, database) = Line::to(&database);
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.open_switch(1).await;
    world.credit(&ana, "25").await;
    world.talk(ana.wallet_id).await;
    // Once every connection and every memory is warm.
    for _ in 0..2 {
        statements(&world, &line, &ana, "/wallet").await;
    }
    // Who it is, and that nothing has changed since.
    assert_eq!(statements(&world, &line, &ana, "/wallet").await, 2);
    world.talk(ana.wallet_id).await;
    // Who it is, that something has, whether the connection is clean, the snapshot, the overview, four for
    // history, the end; and three for when given credit ends.
    let count = statements(&world, &line, &ana, "/wallet").await;
    println!("{count} statements");
    assert!((5..=13).contains(&count), "{count} statements");
}
