//! Every variable the server reads, its default and its check.

mod keys;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use ledger::Originate;
use ledger::stripe::{StripeConfig, is_live_key};
use secrecy::{ExposeSecret, SecretString};

use crate::limits::Limits;

const SANDBOX_KEY: &str = "sk_test_sandbox";
const SANDBOX_WEBHOOK_SECRET: &str = "whsec_sandbox";
const STRIPE_API_BASE: &str = "https://api.stripe.com/";

/// Where the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    /// Defaults for everything: an embedded database and the sandbox.
    Development,
    /// Nothing is assumed; what is missing is an error at the start.
    Production,
}

#[derive(Args, Clone, Debug)]
pub struct Config {
    /// `development` fills in what is missing, `production` refuses to start without it.
    #[arg(
        long,
        env = "WALLET_ENV",
        value_enum,
        default_value = "development",
        global = true
    )]
    pub environment: Environment,
    /// Postgres, as `postgresql://user@host/name`. Without it development runs a cluster of its own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<SecretString>,
    /// Where the embedded database keeps its files.
    #[arg(long, env = "DATA_DIR", default_value = ".data", global = true)]
    pub data_dir: PathBuf,
    /// Address and port to listen on.
    #[arg(
        long,
        env = "LISTEN_ADDRESS",
        default_value = "127.0.0.1:3000",
        global = true
    )]
    pub listen_address: SocketAddr,
    /// What people type: `https://wallet.example.com`. Development takes `http://localhost:PORT`.
    #[arg(long, env = "PUBLIC_ORIGIN", global = true)]
    pub public_origin: Option<String>,
    /// Proxies in front of the server, each of which adds one address to `X-Forwarded-For`.
    #[arg(long, env = "TRUSTED_PROXIES", default_value_t = 0, global = true)]
    pub trusted_proxies: usize,
    /// The built site: `pkg/` and the files of `public/`.
    #[arg(long, env = "SITE_ROOT", default_value = "target/site", global = true)]
    pub site_root: PathBuf,
    /// Stripe's secret key. Without it development talks to the sandbox.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true, global = true)]
    pub stripe_secret_key: Option<SecretString>,
    /// Another address than Stripe's; development only.
    #[arg(long, env = "STRIPE_API_BASE", global = true)]
    pub stripe_api_base: Option<String>,
    /// Signing secrets of the webhook endpoint; several, separated by commas, during a rotation.
    #[arg(
        long,
        env = "STRIPE_WEBHOOK_SECRET",
        hide_env_values = true,
        global = true
    )]
    pub stripe_webhook_secret: Option<SecretString>,
    /// A name for this installation, if several share one Stripe account.
    #[arg(
        long,
        env = "STRIPE_ENVIRONMENT",
        default_value = "default",
        global = true
    )]
    pub stripe_environment: String,
    /// Mail server, as `smtps://user:password@host` or `smtp://host:port`.
    #[arg(long, env = "SMTP_URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<SecretString>,
    /// Sender of our letters, as `Name <address>`.
    #[arg(long, env = "MAIL_FROM", global = true)]
    pub mail_from: Option<String>,
    /// Secret that signs the checkpoints of the books: 64 hexadecimal digits, kept outside the
    /// database. Development makes one in the data directory.
    #[arg(long, env = "SEALING_KEY", hide_env_values = true, global = true)]
    pub sealing_key: Option<SecretString>,
    /// The key that browsers' push services know us by, made once by `server push-key`. Without it
    /// production sends no messages to browsers; development makes one in the data directory.
    #[arg(long, env = "PUSH_KEY", hide_env_values = true, global = true)]
    pub push_key: Option<SecretString>,
    /// The sandbox, in development: where the pages link to its mailbox.
    #[arg(
        long,
        env = "SANDBOX_URL",
        default_value = "http://127.0.0.1:3010",
        global = true
    )]
    pub sandbox_url: String,
    /// A folder of price lists: what is put there is imported, and put aside with a report.
    #[arg(long, env = "PRICE_LIST_DIR", global = true)]
    pub price_list_dir: Option<PathBuf>,
    /// The switch that places calls people ask for on our pages. Development takes the sandbox's;
    /// without one no page offers to call.
    #[arg(long, env = "SWITCH_ORIGINATE_URL", global = true)]
    pub switch_originate_url: Option<String>,
    /// What opens that switch, sent as a bearer token.
    #[arg(
        long,
        env = "SWITCH_ORIGINATE_KEY",
        hide_env_values = true,
        global = true
    )]
    pub switch_originate_key: Option<SecretString>,
    #[command(flatten)]
    pub limits: Limits,
}

impl Config {
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }

    /// Whether payments go to the sandbox: no real money moves and every page says so.
    pub fn uses_sandbox(&self) -> bool {
        self.stripe_secret_key.is_none()
    }

    /// Without a slash at the end.
    pub fn public_origin(&self) -> anyhow::Result<String> {
        let Some(origin) = &self.public_origin else {
            ensure!(
                !self.is_production(),
                "read PUBLIC_ORIGIN: set it to the address people type, like https://wallet.example.com"
            );
            return Ok(format!("http://localhost:{}", self.listen_address.port()));
        };
        let origin = origin.trim_end_matches('/');
        let is_secure = origin.starts_with("https://");
        ensure!(
            is_secure || origin.starts_with("http://"),
            "read PUBLIC_ORIGIN: it must start with https://"
        );
        ensure!(
            is_secure || !self.is_production(),
            "read PUBLIC_ORIGIN: production needs https://, or cookies and payments are open to anyone on the way"
        );
        Ok(origin.to_owned())
    }

    /// How to reach Stripe, or the sandbox in its place.
    pub fn stripe(&self) -> anyhow::Result<StripeConfig> {
        let Some(key) = &self.stripe_secret_key else {
            ensure!(
                !self.is_production(),
                "read STRIPE_SECRET_KEY: production needs it"
            );
            return Ok(StripeConfig {
                secret_key: SANDBOX_KEY.into(),
                api_base: with_slash(self.stripe_api_base.as_deref().unwrap_or(&self.sandbox_url)),
                webhook_secrets: self
                    .webhook_secrets()
                    .unwrap_or_else(|| vec![SANDBOX_WEBHOOK_SECRET.into()]),
                environment: self.stripe_environment.clone(),
            });
        };
        let api_base = with_slash(self.stripe_api_base.as_deref().unwrap_or(STRIPE_API_BASE));
        if api_base != STRIPE_API_BASE {
            ensure!(
                !self.is_production(),
                "read STRIPE_API_BASE: production talks to Stripe itself, leave it unset"
            );
            ensure!(
                !is_live_key(key.expose_secret()),
                "read STRIPE_API_BASE: a live key is never sent anywhere but to Stripe"
            );
        }
        let webhook_secrets = self
            .webhook_secrets()
            .context("read STRIPE_WEBHOOK_SECRET: without it no payment can be confirmed; it is shown by Stripe beside the endpoint")?;
        Ok(StripeConfig {
            secret_key: key.clone(),
            api_base,
            webhook_secrets,
            environment: self.stripe_environment.clone(),
        })
    }

    fn webhook_secrets(&self) -> Option<Vec<SecretString>> {
        let list = self.stripe_webhook_secret.as_ref()?.expose_secret();
        let secrets: Vec<SecretString> = list
            .split(',')
            .map(str::trim)
            .filter(|secret| !secret.is_empty())
            .map(SecretString::from)
            .collect();
        (!secrets.is_empty()).then_some(secrets)
    }

    /// The mail server, or the sandbox's in its place.
    pub fn smtp_url(&self) -> anyhow::Result<SecretString> {
        match &self.smtp_url {
            Some(url) => Ok(url.clone()),
            None if self.is_production() => {
                bail!("read SMTP_URL: production needs a mail server, or nobody can sign in")
            }
            None => Ok("smtp://127.0.0.1:3025".into()),
        }
    }

    /// The switch that places calls, or the sandbox's in its place; none in production without one.
    pub fn originate(&self) -> anyhow::Result<Option<Originate>> {
        let sandbox = self.uses_sandbox().then_some(&self.sandbox_url);
        let Some(url) = self.switch_originate_url.as_ref().or(sandbox) else {
            return Ok(None);
        };
        let is_secure = url.starts_with("https://");
        ensure!(
            is_secure || url.starts_with("http://"),
            "read SWITCH_ORIGINATE_URL: it must start with https:// or http://"
        );
        ensure!(
            is_secure || self.switch_originate_key.is_none() || !self.is_production(),
            "read SWITCH_ORIGINATE_URL: production sends SWITCH_ORIGINATE_KEY over https:// only"
        );
        Ok(Some(Originate {
            url: url.trim_end_matches('/').to_owned(),
            key: self.switch_originate_key.clone(),
        }))
    }

    pub fn mail_from(&self) -> anyhow::Result<String> {
        match &self.mail_from {
            Some(from) => Ok(from.clone()),
            None if self.is_production() => {
                bail!("read MAIL_FROM: production needs the sender of its letters")
            }
            None => Ok("Talkala Wallet <wallet@localhost>".into()),
        }
    }
}

fn with_slash(base: &str) -> String {
    format!("{}/", base.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::command::Cli;

    fn config(arguments: &[&str]) -> Config {
        Cli::parse_from([&["server"], arguments].concat()).config
    }

    #[test]
    fn without_configuration_the_sandbox_is_used() {
        let config = config(&[]);
        let stripe = config.stripe().unwrap();
        assert!(config.uses_sandbox());
        assert_eq!(stripe.api_base, "http://127.0.0.1:3010/");
        assert_eq!(config.public_origin().unwrap(), "http://localhost:3000");
    }

    #[test]
    fn production_refuses_what_is_missing() {
        let config = config(&["--environment", "production"]);
        assert!(config.stripe().is_err());
        assert!(config.public_origin().is_err());
        assert!(config.smtp_url().is_err());
        assert!(config.mail_from().is_err());
        assert!(config.sealing_key().is_err());
    }

    #[test]
    fn production_talks_to_stripe_itself_over_https() {
        let production = [
            "--environment",
            "production",
            "--stripe-secret-key",
            "sk_test_1",
            "--stripe-webhook-secret",
            "whsec_1",
        ];
        assert!(config(&production).stripe().is_ok());
        let elsewhere = [
            &production[..],
            &["--stripe-api-base", "http://127.0.0.1:1"],
        ]
        .concat();
        assert!(config(&elsewhere).stripe().is_err());
        let plain = [
            &production[..],
            &["--public-origin", "http://wallet.example.com"],
        ]
        .concat();
        assert!(config(&plain).public_origin().is_err());
    }

    #[test]
    fn calls_are_placed_by_the_sandbox_unless_a_switch_is_named() {
        let url = |arguments: &[&str]| {
            let originate = config(arguments).originate().unwrap();
            originate.map(|to| to.url)
        };
        assert_eq!(url(&[]).as_deref(), Some("http://127.0.0.1:3010"));
        let real = ["--stripe-secret-key", "sk_test_1"];
        assert_eq!(url(&real), None);
        let named = ["--switch-originate-url", "https://switch.example.com/"];
        assert_eq!(
            url(&[&real[..], &named].concat()).as_deref(),
            Some("https://switch.example.com")
        );
        let open = [
            "--environment",
            "production",
            "--switch-originate-url",
            "http://switch.example.com",
            "--switch-originate-key",
            "secret",
        ];
        assert!(config(&open).originate().is_err());
    }

    #[test]
    fn a_live_key_never_goes_elsewhere() {
        let base = [
            "--stripe-webhook-secret",
            "whsec_1",
            "--stripe-api-base",
            "http://127.0.0.1:1",
        ];
        assert!(
            config(&[&base[..], &["--stripe-secret-key", "sk_live_1"]].concat())
                .stripe()
                .is_err()
        );
        assert!(
            config(&[&base[..], &["--stripe-secret-key", "rk_live_1"]].concat())
                .stripe()
                .is_err()
        );
        assert!(
            config(&[&base[..], &["--stripe-secret-key", "sk_test_1"]].concat())
                .stripe()
                .is_ok()
        );
    }

    #[test]
    fn every_webhook_secret_of_the_list_counts() {
        let config = config(&[
            "--stripe-secret-key",
            "sk_test_1",
            "--stripe-webhook-secret",
            "whsec_1, whsec_2,",
        ]);
        assert_eq!(config.stripe().unwrap().webhook_secrets.len(), 2);
    }
}
