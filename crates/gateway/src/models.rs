//! The read models, seen from the gateway.

use std::fmt;
use std::sync::Arc;

use domain::GlobalPosition;
use projector::engineer_load::EngineerFilter;
use projector::{ModelName, Progress, ReadModels, WaitError};

use crate::Gateway;
use crate::metrics::sample_head;
use crate::problem::Problem;
use crate::status::ModelReadiness;

fn progress(models: &ReadModels, name: ModelName) -> Progress {
    match name {
        ModelName::OpenTickets => models.open_tickets().progress(),
        ModelName::EngineerLoad => models.engineer_load().progress(),
        ModelName::Directory => models.directory().progress(),
        ModelName::Satisfaction => models.satisfaction().progress(),
        ModelName::Lifecycle => models.lifecycle().progress(),
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

    pub(crate) fn write_read_models(&self, out: &mut String, head: u64) -> fmt::Result {
        use fmt::Write;
        let models: Vec<_> = ModelName::ALL
            .into_iter()
            .map(|name| (name, progress(&self.ports().read_models, name)))
            .collect();
        let name = "paidan_projection_position";
        sample_head(out, name, "gauge", "The last event that a read model holds.")?;
        for (model, progress) in &models {
            writeln!(out, "{name}{{projection=\"{model}\"}} {}", progress.position)?;
        }
        let name = "paidan_projection_lag_events";
        sample_head(out, name, "gauge", "How many events a read model is behind.")?;
        for (model, progress) in &models {
            let lag = head.saturating_sub(progress.position.get());
            writeln!(out, "{name}{{projection=\"{model}\"}} {lag}")?;
        }
        let name = "paidan_projection_faulted";
        sample_head(out, name, "gauge", "1 once a read model has stopped at an event.")?;
        for (model, progress) in &models {
            let faulted = u8::from(progress.fault.is_some());
            writeln!(out, "{name}{{projection=\"{model}\"}} {faulted}")?;
        }
        Ok(())
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
