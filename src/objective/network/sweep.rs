//! A network's loss on a dense grid over a plane of its parameters.

use super::Network;
use crate::landscape::{Domain, Grid};
use crate::objective::GoOn;
use crate::plane::Plane;

/// See [`Objective::sweep`](crate::objective::Objective::sweep).
pub(super) fn sweep(
    network: &Network,
    plane: &Plane,
    domain: Domain,
    size: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    Grid::sample_while(network, plane, domain, size, go_on)
}
