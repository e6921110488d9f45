//! `server create-person`, `create-admin`, `reset-password`: people and their passwords.

use std::io::BufRead as _;

use clap::Args;
use model::api::Fault;
use model::people::Role;
use model::territory::Body;

use super::town_hall::TownHall;
use super::{NewPassword, say};
use crate::imports::people::{Appoint, Appointed, Appointment, is_email, role_on, title};
use crate::passwords;
use crate::passwords::rules::{self, Owner};

#[derive(Args)]
pub struct CreatePerson {
    /// officer, mayor and facilitator are held on a body; operator, administrator and observer on the aggregator
    #[arg(long, value_parser = read_role)]
    role: Role,
    /// The ISTAT code of the body, for the roles on a body
    #[arg(long, value_name = "ISTAT")]
    body: Option<String>,
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
    password: NewPassword,
}

#[derive(Args)]
pub struct ResetPassword {
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

impl CreateAdmin {
    pub async fn run(self, hall: &TownHall) -> Result<String, String> {
        let person = CreatePerson {
            role: Role::Administrator,
            body: None,
            email: self.email,
            name: self.name,
            password: self.password,
        };
        person.run(hall).await
    }
}

impl CreatePerson {
    pub async fn run(self, hall: &TownHall) -> Result<String, String> {
        let email = email(&self.email)?;
        let body = self.body(hall).await?;
        let place = match &body {
            Some(body) => body.title(),
            None => hall.tenant()?.profile.name.clone(),
        };
        let role = format!("{}, {place}", title(self.role));
        let known = hall.read().await?.person_by_email(&email).await;
        let known = known.map_err(|error| format!("The database can't be read: {error}."))?;
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
            roles: vec![role_on(self.role, body.map(|body| body.id))],
            password_hash: password.hash()?,
            persona: false,
            email,
        };
        let email = appointment.email.clone();
        let errand = Appoint { appointments: vec![appointment], now: hall.now() };
        let done = hall.write(errand).await?;
        Ok(match done.first() {
            Some(Appointed::New(_)) => {
                let said = password.said();
                format!("{email} can sign in now, with the role “{role}”.{said}\n")
            }
            Some(Appointed::Again(_)) => {
                format!(
                    "{email} was known already, and holds the role “{role}” now too; the password stays.\n"
                )
            }
            _ => format!("{email} holds the role “{role}” already: nothing was changed.\n"),
        })
    }

    /// The body that the role needs, if it needs one.
    async fn body(&self, hall: &TownHall) -> Result<Option<Body>, String> {
        let role = self.role.name();
        match (&self.body, self.role.is_of_body()) {
            (None, false) => Ok(None),
            (Some(_), false) => Err(format!("The role {role} is held on the aggregator: leave out --body.")),
            (None, true) => {
                Err(format!("The role {role} is held on a body: name it with --body and its ISTAT code."))
            }
            (Some(istat), true) => {
                let body = hall.read().await?.body_by_istat(istat).await;
                let body = body.map_err(|error| format!("The database can't be read: {error}."))?;
                body.map(Some).ok_or_else(|| format!("No body has the ISTAT code {istat}."))
            }
        }
    }
}

impl ResetPassword {
    pub async fn run(self, hall: &TownHall) -> Result<String, String> {
        let email = email(&self.email)?;
        let known = hall.read().await?.person_by_email(&email).await;
        let unreadable = |error| format!("The database can't be read: {error}.");
        let Some(known) = known.map_err(unreadable)? else {
            return Err(format!("Nobody signs in as {email}."));
        };
        let roles = hall.read().await?.roles(known.id, hall.now().0).await.map_err(unreadable)?;
        let bodies: Vec<_> = roles.into_iter().filter_map(|role| role.body_name).collect();
        let password = Password::of(&self.password, &Owner { email: &email, bodies: &bodies })?;
        let errand = crate::imports::people::ResetPassword {
            email: email.clone(),
            password_hash: password.hash()?,
            now: hall.now(),
        };
        hall.write(errand).await?;
        let said = password.said();
        Ok(format!("{email} has another password, and must sign in again everywhere.{said}\n"))
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
            return Err(say::fields(&[Fault::new("password", fault)]));
        }
        Ok(Self { text, made_up: false })
    }

    fn hash(&self) -> Result<String, String> {
        passwords::hash(&self.text)
    }

    /// Told once, here and nowhere else.
    fn said(&self) -> String {
        if self.made_up {
            format!(" The password, told only this once: {}", self.text)
        } else {
            String::new()
        }
    }
}
