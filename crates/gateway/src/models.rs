//! The read models, seen from the gateway.

use std::sync::Arc;

use domain::GlobalPosition;
use projector::engineer_load::EngineerFilter;
use projector::{ModelName, Progress, ReadModels, WaitError};

use crate::Gateway;
use crate::problem::Problem;
use crate::status::ModelReadiness;

fn progress(models: &ReadModels, name: ModelName) -> Progress {
    match name {
        ModelName::OpenTickets => models.open_tickets().progress(),
        ModelName::EngineerLoad => models.engineer_load().progress(),
        ModelName::Directory => models.directory().progress(),
        ModelName::Satisfaction => models.satisfaction().progress(),
        ModelName::Lifecycle => models.lifecycle().progress(),
        ModelName::Attachments => models.attachments().progress(),
    }
}

fn saved(models: &ReadModels, name: ModelName) -> GlobalPosition {
    match name {
        ModelName::OpenTickets => models.open_tickets().saved(),
        ModelName::EngineerLoad => models.engineer_load().saved(),
        ModelName::Directory => models.directory().saved(),
        ModelName::Satisfaction => models.satisfaction().saved(),
        ModelName::Lifecycle => models.lifecycle().saved(),
        ModelName::Attachments => models.attachments().saved(),
    }
}

impl Gateway {
    /// Asks the read models, after one of them has a position.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        model: ModelName,
        min_position: Option<GlobalPosition>,
        question: impl FnOnce(&ReadModels) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.wait_for(model, min_position).await?;
        let models = Arc::clone(&self.ports().read_models);
        // A question over a million rows takes longer than a handler may hold its thread.
        self.on_own_thread(move || question(&models)).await
    }

    /// Waits until a model has a position.
    pub(crate) async fn wait_for(
        &self,
        model: ModelName,
        min_position: Option<GlobalPosition>,
    ) -> Result<(), Problem> {
        match min_position {
            Some(wanted) => {
                let wait_max = self.config().wait_max;
                Ok(self.ports().read_models.wait_for(model, wanted, wait_max).await?)
            }
            None => Ok(()),
        }
    }

    /// How far each model is, in the order of [`ModelName::ALL`].
    pub(crate) fn model_positions(&self) -> [GlobalPosition; ModelName::ALL.len()] {
        ModelName::ALL.map(|name| progress(&self.ports().read_models, name).position)
    }

    /// Waits until all models have a position; those that stopped are not waited for.
    pub(crate) async fn models_at(&self, position: GlobalPosition) {
        for name in ModelName::ALL {
            let wait = self.ports().read_models.wait_for(name, position, self.config().wait_max);
            drop(wait.await);
        }
    }

    pub(crate) fn model_readiness(&self, head: GlobalPosition) -> Vec<ModelReadiness> {
        let readiness = |name: ModelName| {
            let Progress { position, fault } = progress(&self.ports().read_models, name);
            let lag = head.get().saturating_sub(position.get());
            let why = match &fault {
                Some(fault) => Some(format!(
                    "it stopped at position {} ({}): {}",
                    fault.position, fault.event, fault.why
                )),
                None if lag > self.config().lag_max => Some("it is catching up".to_owned()),
                None => None,
            };
            ModelReadiness { name: name.as_str(), ready: why.is_none(), position, lag, why }
        };
        ModelName::ALL.into_iter().map(readiness).collect()
    }

    /// Each read model: its name, where it is, and where its newest snapshot is.
    pub(crate) fn model_progress(&self) -> Vec<(ModelName, Progress, GlobalPosition)> {
        let models = &self.ports().read_models;
        let one = |name| (name, progress(models, name), saved(models, name));
        ModelName::ALL.into_iter().map(one).collect()
    }

    /// Gives those who were online before a restart a fresh lease, as soon as that is known.
    pub(crate) async fn restore_leases(&self) {
        let head = self.ports().log.head().position;
        let models = &self.ports().read_models;
        loop {
            let wait = models.wait_for(ModelName::EngineerLoad, head, self.config().wait_max);
            match wait.await {
                Ok(()) => break,
                Err(WaitError::Lagging { .. }) => {}
                Err(error @ WaitError::Faulted { .. }) => {
                    tracing::error!(error = %error, "who was online is known up to that event only");
                    break;
                }
            }
        }
        let online = EngineerFilter { online: Some(true), retired: true, ..Default::default() };
        let rows = models.engineers_load(&online, self.ports().clock.now()).value;
        self.restore_presence(rows.into_iter().map(|row| row.id));
    }
}
