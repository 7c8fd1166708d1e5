//! The data set that objectives are built from.

use std::sync::Arc;

use bevy::prelude::*;

use crate::mnist::{DataSet, DataWish};

/// The data set, once it is read.
#[derive(Resource, Debug, Clone, Default)]
pub struct Data {
    wish: DataWish,
    set: Option<Arc<DataSet>>,
    arrival: u32,
}

impl Data {
    /// `set` is what `wish` means, if it has been read already.
    pub fn new(wish: DataWish, set: Option<Arc<DataSet>>) -> Data {
        Data {
            wish,
            set,
            arrival: 0,
        }
    }

    pub fn wish(&self) -> &DataWish {
        &self.wish
    }

    pub fn set(&self) -> Option<&DataSet> {
        self.set.as_deref()
    }

    /// Whether what is shown is the stand-in although nobody asked for it: a download would change that.
    pub fn is_makeshift(&self) -> bool {
        let set = self.set.as_ref();
        set.is_some_and(|set| set.is_synthetic() && set.note(&self.wish).is_some())
    }

    /// Data sets that have arrived before this one: it tells two of them apart.
    pub fn arrival(&self) -> u32 {
        self.arrival
    }

    pub(in crate::lab) fn put(&mut self, set: Arc<DataSet>) {
        self.set = Some(set);
        self.arrival += 1;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Data>();
}
