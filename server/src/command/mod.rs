//! What an operator can type: `server`, `server migrate`, `server seed`, `server database start`.

mod audit;
mod campaign;
mod distribute;
mod guard;
mod house;
mod rates;
mod reconcile;
mod seed;
mod staff;
mod switch_key;
mod verify;
mod wallet;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};
use ledger::stripe::Stripe;
use ledger::{Clock, Ledger, MIGRATOR};
use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::config::Config;
#[cfg(feature = "embedded-database")]
use crate::database;
use crate::push::PushKey;
use crate::serve::serve;

#[derive(Debug, Parser)]
#[command(
    name = "server",
    version,
    about = "The wallet: pages, payments and operator commands"
)]
pub struct Cli {
    #[command(flatten)]
    pub config: Config,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and doors; what `server` alone does.
    Serve,
    /// Bring the database to this version of the schema.
    Migrate,
    /// Fill an empty development database with a demo customer; again changes nothing.
    Seed,
    /// Spread the wallets' tables over a cluster of Citus, as the owner of the database, while nobody
    /// writes. Where the extension is missing it says so and changes nothing.
    Distribute,
    /// Check that the books are right: every statement about them, on one snapshot. Exits with 1
    /// if one does not hold.
    Verify(verify::Options),
    /// Compare the books with Stripe's payments, refunds and disputes of a period, to the cent. Exits
    /// with 1 if something is missing on either side.
    Reconcile(reconcile::Options),
    /// The price book.
    Rates {
        #[command(subcommand)]
        command: rates::Command,
    },
    /// Destinations nobody may call, and what calls may take.
    Guard {
        #[command(subcommand)]
        command: guard::Command,
    },
    /// Keys by which telephone switches ask for charges.
    SwitchKey {
        #[command(subcommand)]
        command: switch_key::Command,
    },
    /// Make a key that browsers' push services know this installation by, for PUSH_KEY.
    PushKey,
    /// Who may open the desk.
    Staff {
        #[command(subcommand)]
        command: staff::Command,
    },
    /// One customer: find, correct, freeze, close a call.
    Wallet {
        #[command(subcommand)]
        command: wallet::Command,
    },
    /// Promo codes.
    Campaign {
        #[command(subcommand)]
        command: campaign::Command,
    },
    /// What the house holds and owes, what waits, what asks for a person.
    House(house::Options),
    /// Who looked at what and did what.
    Audit(audit::Options),
    /// The embedded database of development and tests.
    #[cfg(feature = "embedded-database")]
    Database {
        #[command(subcommand)]
        command: database::Command,
    },
}

pub async fn run(cli: Cli) -> anyhow::Result<()> {
    let config = cli.config;
    match cli.command.unwrap_or(Command::Serve) {
        #[cfg(feature = "embedded-database")]
        Command::Database { command } => database::run(&config, command).await,
        Command::Serve => {
            let database = Database::open(&config).await?;
            if config.is_production() {
                ensure_migrated(&database.options).await?;
            } else {
                migrate(&database.options).await?;
            }
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let served = serve(&config, ledger).await;
            database.close().await;
            served
        }
        Command::Verify(options) => {
            if let Some(file) = &options.proof {
                return verify::prove(file, &options);
            }
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let verified = verify::run(&ledger, options).await;
            database.close().await;
            verified
        }
        Command::Reconcile(options) => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let compared = reconcile::run(&ledger, options).await;
            database.close().await;
            compared
        }
        Command::Rates { command } => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = rates::run(&ledger, command).await;
            database.close().await;
            done
        }
        Command::Guard { command } => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = guard::run(&ledger, command).await;
            database.close().await;
            done
        }
        Command::SwitchKey { command } => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = switch_key::run(&ledger, command).await;
            database.close().await;
            done
        }
        Command::PushKey => {
            println!("{}", PushKey::generate()?);
            Ok(())
        }
        Command::Distribute => {
            let database = Database::open(&config).await?;
            let done = distribute::run(&database.options).await;
            database.close().await;
            done
        }
        Command::Staff { command } => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = staff::run(&ledger, command).await;
            database.close().await;
            done
        }
        Command::Wallet { command } => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = wallet::run(&ledger, command).await;
            database.close().await;
            done
        }
        Command::Campaign { command } => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = campaign::run(&ledger, command).await;
            database.close().await;
            done
        }
        Command::House(options) => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = house::run(&ledger, options).await;
            database.close().await;
            done
        }
        Command::Audit(options) => {
            let database = Database::open(&config).await?;
            let ledger = connect(&config, &database.options, Clock::default()).await?;
            let done = audit::run(&ledger, options).await;
            database.close().await;
            done
        }
        Command::Migrate => {
            let database = Database::open(&config).await?;
            let done = migrate(&database.options).await;
            database.close().await;
            done
        }
        Command::Seed => {
            ensure!(
                !config.is_production(),
                "seed the database: demo data has no place in production"
            );
            let database = Database::open(&config).await?;
            migrate(&database.options).await?;
            let done = seed::run(&config, &database.options).await;
            database.close().await;
            done
        }
    }
}

/// The configured database, or the embedded one for as long as this is kept.
struct Database {
    options: PgConnectOptions,
    #[cfg(feature = "embedded-database")]
    embedded: Option<database::InUse>,
}

impl Database {
    async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            let options = url
                .expose_secret()
                .parse()
                .context("read DATABASE_URL: expected postgresql://user@host/name")?;
            return Ok(Self {
                options,
                #[cfg(feature = "embedded-database")]
                embedded: None,
            });
        }
        ensure!(
            !config.is_production(),
            "read DATABASE_URL: production needs it"
        );
        #[cfg(feature = "embedded-database")]
        {
            let in_use = database::InUse::start(&config.data_dir).await?;
            Ok(Self {
                options: in_use.options(),
                embedded: Some(in_use),
            })
        }
        #[cfg(not(feature = "embedded-database"))]
        anyhow::bail!("read DATABASE_URL: this build has no embedded database")
    }

    async fn close(self) {
        #[cfg(feature = "embedded-database")]
        if let Some(embedded) = self.embedded {
            embedded.release().await;
        }
    }
}

async fn connect(
    config: &Config,
    database: &PgConnectOptions,
    clock: Clock,
) -> anyhow::Result<Ledger> {
    let ledger = Ledger::connect(ledger::Config {
        database: database.clone(),
        stripe: Stripe::new(config.stripe()?)?,
        rules: config.limits.rules(),
        clock,
        public_origin: config.public_origin()?,
        originate: config.originate()?,
    })
    .await?;
    Ok(ledger)
}

async fn migrate(database: &PgConnectOptions) -> anyhow::Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database.clone())
        .await
        .context("reach the database")?;
    MIGRATOR
        .run(&pool)
        .await
        .context("migrate the database: fix the cause and run `server migrate` again")?;
    // The server checks the version at its start, and its login user owns nothing.
    sqlx::query(
        "grant select on _sqlx_migrations to wallet_web, wallet_switch, wallet_worker, wallet_read",
    )
    .execute(&pool)
    .await
    .context("let the server read the schema's version")?;
    pool.close().await;
    Ok(())
}

/// The application's login user cannot migrate, so production does it as a step of its own.
async fn ensure_migrated(database: &PgConnectOptions) -> anyhow::Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database.clone())
        .await
        .context("reach the database")?;
    let applied: Vec<i64> =
        sqlx::query_scalar("select version from _sqlx_migrations where success")
            .fetch_all(&pool)
            .await
            .context("read the schema's version: run `server migrate` first")?;
    let missing = MIGRATOR
        .iter()
        .find(|migration| !applied.contains(&migration.version));
    ensure!(
        missing.is_none(),
        "start the server: the database is older than this program; run `server migrate` first"
    );
    Ok(())
}
