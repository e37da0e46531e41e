//! The simulator of a core system at the service's boundary: it takes instructions as one that polls does, answers
//! them, and reports the loans that it changed.

use crate::core_system::person::Reported;
use crate::core_system::simulator::{Answer, Instruction, Simulator, Turn};
use crate::service::access::{Principal, Role};
use crate::service::audit::Actor;
use crate::service::{Served, Service, ServiceError, reference};

/// Instructions that it looks at in a turn.
const MOST: i64 = 200;

/// The simulator, with who it is for the service.
pub(super) struct Simulated {
    simulator: Simulator,
    caller: Principal,
}

impl Simulated {
    pub fn new() -> Self {
        let name = "demo_core_system".to_owned();
        let actor = Actor { id: name.clone(), person: name };
        let caller = Principal { actor, roles: vec![Role::Service], party: None };
        Self { simulator: Simulator::default(), caller }
    }

    /// One turn; says how many instructions were answered.
    pub fn turn(&mut self, service: &Service) -> Served<usize> {
        let rows = service.instructions(Some("pending"), 0, MOST)?;
        let told = rows.iter().map(|row| serde_json::from_str(&row.body).map_err(ServiceError::unknown));
        let told: Vec<Instruction> = told.collect::<Served<_>>()?;
        let mut failed = None;
        let turn =
            self.simulator.turn(service.clock.today(), &told, |number| match service.account(&self.caller, number) {
                Ok(standing) => Some(standing.report),
                Err(error) => {
                    failed.get_or_insert(error);
                    None
                }
            });
        if let Some(error) = failed {
            return Err(error);
        }
        self.report(service, turn)
    }

    fn report(&self, service: &Service, turn: Turn) -> Served<usize> {
        let answered = turn.answers.len();
        for (instruction, answer) in turn.answers {
            let id = reference::inside("instruction", &instruction).ok_or(ServiceError::Missing("instruction"))?;
            let refused = if let Answer::Refused(reason) = &answer { Some(reason.as_str()) } else { None };
            service.store.write(|conn| service.answer_instruction(conn, &self.caller.actor, id, refused))?;
        }
        for account in turn.snapshots {
            service.take_report(&Reported { account, persons: Vec::new() })?;
        }
        Ok(answered)
    }
}
