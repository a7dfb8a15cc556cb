//! Requests and answers of changes of link.

use crate::{
    enum_scalars, query, sort,
    wire::{AnyOf, Id, Moment, Version},
};
use domain::{
    Instant, access::Actor, coded_enum, custody::Holder, ids::AccountId, link_change::LinkChange as DomainChange,
};
use persistence::link_change::LinkChangeView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What the garage did.
    LinkChangeKind(domain::value::LinkChangeKind), "What the garage did. Linked: it linked the car to the fleet, and the driver, who owned the car, lost it. Unlinked: it unlinked the car from the fleet, which lost it to the driver.";
    /// The life of a change of link.
    LinkChangeStatus(domain::link_change::LinkChangeStatus), "The status of a change of link. Open: the side that lost the car can still agree or object. Agreed, objected: it did so; after an objection it has the car again. Withdrawn: the garage undid the change itself. Over: nobody objected in time.";
    /// What someone is to a change of link.
    LinkChangeRole(Role), "The part that the account that asks has in the change: it is of the side that lost the car, and can agree or object; it is of the side that has the car now; or it is of the garage.";
}

coded_enum! {
    /// What someone is to a change of link.
    pub enum Role {
        /// The side that lost the car.
        FormerOwner => "former_owner",
        /// The side that has the car now.
        Owner => "owner",
        /// The garage that did it.
        Garage => "garage",
    }
}

sort! {
    /// The order of changes of link.
    pub struct LinkChangeSort("changedAt");
}

query! {
    /// Which changes of link to list.
    pub struct LinkChangeQuery {
        /// Only changes with one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<LinkChangeStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<LinkChangeStatus>>,
        /// Only changes of the link of the passport with this id.
        pub passport_id: Option<Id>,
        /// The order of the list: `changedAt` has the oldest first and is the default; `-changedAt` has the newest
        /// first.
        #[param(inline)]
        pub sort: Option<LinkChangeSort>,
    }
}

/// A link or unlink of an active passport, to which the side that lost the car can object for some days. Both sides keep this
/// record, but the side that has no car has not its data.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a16",
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "licencePlate": "TT-601-D",
    "kind": "linked",
    "status": "open",
    "role": "former_owner",
    "garageName": "Garage De Vries",
    "fleetName": "Bakkerij Jansen",
    "changedAt": "2026-03-01T09:30:00Z",
    "endsAt": "2026-03-08T09:30:00Z",
    "decidedAt": null,
    "version": 1,
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct LinkChange {
    /// The id of the change of link.
    pub id: Id,
    /// The id of the passport.
    pub passport_id: Id,
    /// The licence plate when the link was changed, as people write it.
    #[schema(max_length = 20, pattern = "^[A-Z0-9ÄÅÆÖØÜČĆĐŠŽ -]+$")]
    pub licence_plate: String,
    /// What the garage did: it linked the passport to the fleet, or unlinked it.
    pub kind: LinkChangeKind,
    /// The status of the change.
    pub status: LinkChangeStatus,
    /// The part that the account that asks has in the change.
    pub role: LinkChangeRole,
    /// The name of the garage that changed the link.
    #[schema(max_length = 100)]
    pub garage_name: String,
    /// The name of the fleet to which the passport was linked, or from which it was unlinked.
    #[schema(max_length = 100)]
    pub fleet_name: String,
    /// When the garage changed the link.
    pub changed_at: Moment,
    /// Until when the side that lost the car can agree or object: from then on it cannot.
    pub ends_at: Moment,
    /// When it was decided or withdrawn, or its time was over; null while it is open, and until the server has recorded that
    /// its time is over.
    pub decided_at: Option<Moment>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When it last changed.
    pub updated_at: Moment,
}

/// For whom an actor may speak about a change of link: their fleet, or themselves.
pub fn speaks_for(actor: &Actor) -> (Holder, AccountId) {
    let account = actor.account_id();
    (actor.fleet_id().map_or(Holder::Account(account), Holder::Fleet), account)
}

fn role(change: &DomainChange, actor: &Actor) -> Role {
    if actor.garage_id().is_some() {
        Role::Garage
    } else if change.former_owner() == speaks_for(actor).0 {
        Role::FormerOwner
    } else {
        Role::Owner
    }
}

impl LinkChange {
    /// A change of link as `actor` sees it at `now`.
    pub fn new(view: LinkChangeView, actor: &Actor, now: Instant) -> Self {
        let LinkChangeView { change, stamps, garage_name, fleet_name } = view;
        Self {
            id: Id(change.id.0),
            passport_id: Id(change.passport_id.0),
            kind: LinkChangeKind(change.kind),
            status: LinkChangeStatus(change.status_at(now)),
            role: LinkChangeRole(role(&change, actor)),
            licence_plate: change.plate,
            garage_name,
            fleet_name,
            changed_at: Moment(change.changed_at),
            ends_at: Moment(change.ends_at),
            decided_at: change.decided_at.map(Moment),
            version: Version(change.version),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
