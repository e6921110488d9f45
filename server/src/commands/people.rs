//! `server create-person`, `create-admin`, `end-role`, `reset-password`: people, their roles and their passwords.

use std::io::BufRead as _;

use clap::Args;
use model::api::FieldError;
use model::calendar::{Day, Instant};
use model::people::{Period, Role};
use model::territory::Body;

use super::cli_context::CliContext;
use super::{NewPassword, read_day, sentences};
use crate::imports::people::{Appoint, Appointed, Appointment, RoleEnded, is_email, role_on, title};
use crate::passwords;
use crate::passwords::rules::{self, Owner};
use store::PersonRow;

/// A role, and the body that it is held on.
#[derive(Args)]
struct WhichRole {
    /// officer, mayor and facilitator are held on a body; operator, administrator and observer on the aggregator
    #[arg(long, value_parser = read_role)]
    role: Role,
    /// The ISTAT code of the body, for the roles on a body
    #[arg(long, value_name = "ISTAT")]
    body: Option<String>,
}

/// The first and the last day on which a role is held.
#[derive(Args)]
struct Days {
    /// The first day on which the role is held; from now on without it
    #[arg(long, value_name = "DAY", value_parser = read_day)]
    from: Option<Day>,
    /// The last day on which the role is held, in Rome; without it the role does not end by itself
    #[arg(long, value_name = "DAY", value_parser = read_day)]
    until: Option<Day>,
}

#[derive(Args)]
pub struct CreatePerson {
    #[command(flatten)]
    which: WhichRole,
    #[command(flatten)]
    days: Days,
    /// The address with which the person signs in
    #[arg(long)]
    email: String,
    /// How others see the person; without it the role and its body: “Referente, Comune di Bellagio”
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    password: NewPassword,
}

#[derive(Args)]
pub struct CreateAdmin {
    /// The address with which the administrator signs in
    #[arg(long)]
    email: String,
    /// How others see the administrator; without it “Amministratore” and the aggregator
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    days: Days,
    #[command(flatten)]
    password: NewPassword,
}

#[derive(Args)]
pub struct EndRoleArgs {
    #[command(flatten)]
    which: WhichRole,
    /// The address with which the person signs in
    #[arg(long)]
    email: String,
    /// The last day on which the role is held, in Rome; without it the role ends now
    #[arg(long, value_name = "DAY", value_parser = read_day)]
    on: Option<Day>,
    /// End the role also of the only administrator, so that nobody can administer the marketplace
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub struct ResetPasswordArgs {
    /// The address with which the person signs in
    #[arg(long)]
    email: String,
    #[command(flatten)]
    password: NewPassword,
}

fn read_role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(|| {
        let names: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
        format!("one of {} is expected", names.join(", "))
    })
}

/// The first instant after a day, in Rome.
fn end_of(day: Day) -> Instant {
    Instant::from_rome(day.plus(1), 0, 0, 0)
}

impl Days {
    /// The period from now, or from a later day.
    fn period(&self, now: Instant) -> Result<Period, String> {
        let today = now.day_in_rome();
        if self.from.is_some_and(|from| from < today) {
            return Err("--from names a day that is over: a role begins today or later.".to_owned());
        }
        let from = self.from.filter(|from| *from > today);
        if self.until.is_some_and(|until| until < from.unwrap_or(today)) {
            return Err("--until must not come before --from, nor before today.".to_owned());
        }
        let from = from.map_or(now, |from| Instant::from_rome(from, 0, 0, 0));
        Ok(Period { from, until: self.until.map(end_of) })
    }

    /// “ from 2027-01-01 to 2027-12-31”, as far as they were given.
    fn description(&self) -> String {
        let from = self.from.map(|from| format!(" from {from}")).unwrap_or_default();
        let until = self.until.map(|until| format!(" until the end of {until}")).unwrap_or_default();
        from + &until
    }
}

impl CreateAdmin {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let person = CreatePerson {
            which: WhichRole { role: Role::Administrator, body: None },
            days: self.days,
            email: self.email,
            name: self.name,
            password: self.password,
        };
        person.run(cli).await
    }
}

impl CreatePerson {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let email = email(&self.email)?;
        let now = cli.now();
        let period = self.days.period(now)?;
        let body = self.which.body(cli).await?;
        let role = self.which.named(cli, body.as_ref())?;
        let known = person(cli, &email).await?;
        if known.is_some() && (self.password.password_stdin || self.name.is_some()) {
            return Err(format!(
                "{email} is known already, with a name and a password: leave out --name and --password-stdin to give \
                 the role, or see `server reset-password`. Nothing was changed."
            ));
        }
        let bodies: Vec<_> = body.iter().map(|body| body.name.clone()).collect();
        let password = Password::of(&self.password, &Owner { email: &email, bodies: &bodies })?;
        let appointment = Appointment {
            name: self.name.unwrap_or_else(|| role.clone()),
            roles: vec![role_on(self.which.role, body.map(|body| body.id))],
            period,
            password_hash: password.hash()?,
            persona: false,
            email,
        };
        let email = appointment.email.clone();
        let unit = Appoint { appointments: vec![appointment], now };
        let done = cli.write(unit).await?;
        let (days, later) = (self.days.description(), period.from > now);
        Ok(match done.first() {
            Some(Appointed::New(_)) => {
                let output = password.description();
                format!("{email} can sign in now, with the role “{role}”{days}.{output}\n")
            }
            Some(Appointed::Again(_)) => {
                let holds = if later { "will hold" } else { "holds" };
                let too = if days.is_empty() { " now too" } else { &days };
                format!(
                    "{email} was known already, and {holds} the role “{role}”{too}; the password stays.\n"
                )
            }
            _ => format!("{email} holds the role “{role}” already: nothing was changed.\n"),
        })
    }
}

impl WhichRole {
    /// “Referente, Comune di Bellagio”
    fn named(&self, cli: &CliContext, body: Option<&Body>) -> Result<String, String> {
        let place = match body {
            Some(body) => body.title(),
            None => cli.tenant()?.profile.name.clone(),
        };
        Ok(format!("{}, {place}", title(self.role)))
    }

    /// The body that the role needs, if it needs one.
    async fn body(&self, cli: &CliContext) -> Result<Option<Body>, String> {
        let role = self.role.name();
        match (&self.body, self.role.is_of_body()) {
            (None, false) => Ok(None),
            (Some(_), false) => Err(format!("The role {role} is held on the aggregator: leave out --body.")),
            (None, true) => {
                Err(format!("The role {role} is held on a body: name it with --body and its ISTAT code."))
            }
            (Some(istat), true) => {
                let body = cli.read().await?.body_by_istat(istat).await;
                let body = body.map_err(|error| format!("The database can't be read: {error}."))?;
                body.map(Some).ok_or_else(|| format!("No body has the ISTAT code {istat}."))
            }
        }
    }
}

impl EndRoleArgs {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let email = email(&self.email)?;
        let now = cli.now();
        if self.on.is_some_and(|on| on < now.day_in_rome()) {
            return Err("--on names a day that is over: a role ends now or later.".to_owned());
        }
        let body = self.which.body(cli).await?;
        let role = self.which.named(cli, body.as_ref())?;
        let person = person(cli, &email).await?.ok_or_else(|| nobody(&email))?;
        let unit = crate::imports::people::EndRole {
            person: person.id,
            role: role_on(self.which.role, body.map(|body| body.id)),
            at: self.on.map_or(now, end_of),
            force: self.force,
            now,
        };
        let (left, requests) = match cli.write(unit).await? {
            RoleEnded::Done { left, requests } => (left, requests),
            RoleEnded::NothingToEnd => {
                return Err(format!(
                    "{email} does not hold the role “{role}”, or it ends before that already: nothing was changed."
                ));
            }
            RoleEnded::LastAdministrator => {
                return Err(format!(
                    "{email} would be the last administrator: make another one first with `server create-admin`, or \
                     add --force. Nothing was changed."
                ));
            }
        };
        let mut output = match self.on {
            None => format!("{email} no longer holds the role “{role}”."),
            Some(on) => format!("{email} holds the role “{role}” until the end of {on}."),
        };
        if left == 0 {
            output += " No role is left after that: the person still signs in, and sees what everybody sees.";
        }
        if requests > 0 {
            let counted = sentences::counted(requests as usize, "request", "requests");
            output = format!("{output} {counted} to be worked still belong to this person: reassign them.");
        }
        Ok(output + "\n")
    }
}

/// Who signs in with this address.
async fn person(cli: &CliContext, email: &str) -> Result<Option<PersonRow>, String> {
    let known = cli.read().await?.person_by_email(email).await;
    known.map_err(|error| format!("The database can't be read: {error}."))
}

fn nobody(email: &str) -> String {
    format!("Nobody signs in as {email}.")
}

impl ResetPasswordArgs {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let email = email(&self.email)?;
        let known = person(cli, &email).await?.ok_or_else(|| nobody(&email))?;
        let unreadable = |error| format!("The database can't be read: {error}.");
        let roles = cli.read().await?.roles(known.id, cli.now()).await.map_err(unreadable)?;
        let bodies: Vec<_> = roles.into_iter().filter_map(|role| role.body_name).collect();
        let password = Password::of(&self.password, &Owner { email: &email, bodies: &bodies })?;
        let unit = crate::imports::people::ResetPassword {
            email: email.clone(),
            password_hash: password.hash()?,
            now: cli.now(),
        };
        cli.write(unit).await?;
        let output = password.description();
        Ok(format!("{email} has another password, and must sign in again everywhere.{output}\n"))
    }
}

fn email(text: &str) -> Result<String, String> {
    let email = text.trim().to_lowercase();
    if is_email(&email) { Ok(email) } else { Err(format!("“{text}” is no e-mail address.")) }
}

/// A new password, and whether it must be told.
struct Password {
    text: String,
    made_up: bool,
}

impl Password {
    fn of(new: &NewPassword, owner: &Owner<'_>) -> Result<Self, String> {
        if !new.password_stdin {
            let text = passwords::made_up();
            return Ok(Self { text, made_up: true });
        }
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut text)
            .map_err(|error| format!("The password can't be read: {error}."))?;
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        if let Some(fault) = rules::fault(&text, owner) {
            return Err(sentences::fields(&[FieldError::new("password", fault)]));
        }
        Ok(Self { text, made_up: false })
    }

    fn hash(&self) -> Result<String, String> {
        Ok(passwords::hash(&self.text)?)
    }

    /// Told once, here and nowhere else.
    fn description(&self) -> String {
        if self.made_up {
            format!(" The password, told only this once: {}", self.text)
        } else {
            String::new()
        }
    }
}
