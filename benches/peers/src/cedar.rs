//! cedar-policy: one forbid for what keeps an account out, one permit per rule. Cedar says which policies decided,
//! and has neither order nor division: the first permit and the money are worked out by its host.

use anyhow::{Context as _, Result, anyhow};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use crate::book::{Entry, Flat};
use crate::peer::{Form, Peer};
use crate::policy::{self, AREAS, Answer, Ask};

pub struct Cedar<'a> {
    authorizer: Authorizer,
    policies: PolicySet,
    /// Every prefecture once, the declared ones below the declaration.
    entities: Entities,
    principal: EntityUid,
    action: EntityUid,
    requests: Vec<(Request, i64, i64)>,
    texts: Vec<&'a str>,
    ask: Ask,
}

impl<'a> Cedar<'a> {
    pub fn new(book: &'a [Entry<'a>], ask: Ask) -> Result<Self> {
        let text = policy::text(include_str!("../policies/policy.cedar"), Ask::Rule, ["", "", ""])?;
        let policies: PolicySet = text.parse().map_err(|error| anyhow!("{error}"))?;
        let declaration: EntityUid = "Declaration::\"flood\"".parse()?;
        let mut all = vec![Entity::new_no_attrs(declaration.clone(), std::collections::HashSet::new())];
        for area in AREAS {
            all.push(Entity::new_no_attrs(prefecture(area)?, std::iter::once(declaration.clone()).collect()));
        }
        let entities = Entities::from_entities(all, None)?;
        let (principal, action) = ("Lender::\"lender\"".parse()?, "Action::\"relieve\"".parse()?);
        let texts = book.iter().map(|entry| entry.flat).collect();
        let mut cedar = Self {
            authorizer: Authorizer::new(),
            policies,
            entities,
            principal,
            action,
            requests: Vec::new(),
            texts,
            ask,
        };
        for entry in book {
            let flat = entry.record()?;
            let request = cedar.request(&flat)?;
            cedar.requests.push((request, flat.fee, flat.fee_unpaid));
        }
        Ok(cedar)
    }

    fn request(&self, flat: &Flat<'_>) -> Result<Request> {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let number = RestrictedExpression::new_long;
        let set = |names: &[&str]| RestrictedExpression::new_set(names.iter().map(|name| text(name)));
        let context = Context::from_pairs([
            ("kind".to_owned(), text(flat.kind)),
            ("severity".to_owned(), number(flat.severity)),
            ("status".to_owned(), text(flat.status)),
            ("product".to_owned(), text(flat.product)),
            ("disbursed_on".to_owned(), number(flat.disbursed_on)),
            ("days_past_due".to_owned(), number(flat.days_past_due)),
            ("arrangements".to_owned(), set(&flat.arrangements)),
            ("flags".to_owned(), set(&flat.flags)),
            ("principal".to_owned(), number(flat.principal)),
            ("rate".to_owned(), number(flat.rate)),
        ])?;
        let resource = prefecture(flat.prefecture)?;
        Ok(Request::new(self.principal.clone(), self.action.clone(), resource, context, None)?)
    }

    fn answer(&self, request: &Request, fee: i64, unpaid: i64) -> Result<Answer> {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(anyhow!("{error}"));
        }
        if response.decision() == Decision::Deny {
            return Ok(Answer::default());
        }
        // The parser numbers the policies of a file: policy0 forbids, policy1 to policy3 are the rules.
        let number = |id: &cedar_policy::PolicyId| AsRef::<str>::as_ref(id).bytes().last().map(|digit| digit - b'0');
        let rule = response.diagnostics().reason().filter_map(number).min().context("no policy decided")?;
        let cents = if self.ask == Ask::Money { policy::waived(rule, fee, unpaid) } else { 0 };
        Ok(Answer { rule, cents })
    }
}

fn prefecture(code: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id("Prefecture".parse()?, cedar_policy::EntityId::new(code)))
}

impl Peer for Cedar<'_> {
    fn name(&self) -> String {
        "cedar-policy".to_owned()
    }

    fn can(&self, form: Form) -> bool {
        form != Form::Traced
    }

    fn decide(&mut self, form: Form, answers: &mut Vec<Answer>) -> Result<()> {
        if form == Form::Loaded {
            for (request, fee, unpaid) in &self.requests {
                answers.push(self.answer(request, *fee, *unpaid)?);
            }
            return Ok(());
        }
        for text in &self.texts {
            let flat: Flat<'_> = serde_json::from_str(text)?;
            let request = self.request(&flat)?;
            answers.push(self.answer(&request, flat.fee, flat.fee_unpaid)?);
        }
        Ok(())
    }
}
