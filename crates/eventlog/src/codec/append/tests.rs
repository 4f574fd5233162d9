//! Appends as bytes and back, and bytes that are none.

use super::*;
use crate::keys::{MasterKey, MemoryKeyRing};
use crate::{Expected, NewEvent};
use domain::ticket::TicketEvent;
use domain::ticket::event::Noted;
use domain::{EventId, Personal, TicketId, Words};
use proptest::prelude::*;

fn parties() -> impl Strategy<Value = Party> {
    (0..10_u8, any::<u128>()).prop_map(|(kind, id)| match kind {
        0 => Party::Anonymous,
        1 => Party::Customer(CustomerId::from_u128(id)),
        2 => Party::Engineer(EngineerId::from_u128(id)),
        3 => Party::Agent(StaffId::from_u128(id)),
        4 => Party::Supervisor(StaffId::from_u128(id)),
        5 => Party::Director(StaffId::from_u128(id)),
        6 => Party::Administrator(StaffId::from_u128(id)),
        7 => Party::Dispatcher,
        8 => Party::Gateway,
        _ => Party::Import,
    })
}

fn issuers() -> impl Strategy<Value = Issuer> {
    prop_oneof![
        "[a-z]{0,64}".prop_map(Issuer::Client),
        Just(Issuer::Dispatcher),
        Just(Issuer::Gateway),
        "\\PC{0,16}".prop_map(Issuer::Import),
    ]
}

fn headers() -> impl Strategy<Value = AppendHeader> {
    let actor = (parties(), any::<bool>(), proptest::option::of(parties()));
    let basis = proptest::option::of((1..u64::MAX, any::<i64>(), any::<u32>(), any::<u16>()));
    let origin = proptest::option::of(any::<u128>());
    let caused_by = proptest::option::of(1..u64::MAX);
    let names = (issuers(), "\\PC{1,60}", any::<[u8; 16]>());
    (names, actor, caused_by, origin, basis).prop_map(
        |((issuer, key, fingerprint), (party, sure, behalf), caused_by, origin, basis)| {
            AppendHeader {
                command: CommandId { issuer, key },
                fingerprint: Fingerprint(fingerprint),
                actor: Actor {
                    party,
                    assurance: if sure { Assurance::Authenticated } else { Assurance::Claimed },
                    on_behalf_of: behalf,
                },
                caused_by: caused_by.map(GlobalPosition::new),
                origin: origin
                    .map_or(Origin::Live, |id| Origin::Import(ImportBatchId::from_u128(id))),
                basis: basis.map(|(position, at, rules, core_version)| DecisionBasis {
                    position: GlobalPosition::new(position),
                    decided_at: Timestamp::from_micros(at),
                    rule_set: RuleSetVersion::new(rules),
                    core_version,
                }),
            }
        },
    )
}

fn ring() -> MemoryKeyRing {
    MemoryKeyRing::new(&MasterKey::from_bytes([1; 32]))
}

fn stored(header: AppendHeader, texts: &[String], keys: &dyn KeyRing, first: u64) -> Settled {
    let stream: StreamId = TicketId::from_u128(5).into();
    let note = |text: &String| {
        TicketEvent::Noted(Noted {
            attachments: Vec::new(),
            words: Personal::Known(Words::from(text.clone())),
        })
    };
    let append = Append {
        header,
        expects: vec![Expected { stream, version: StreamVersion::new(3) }],
        events: texts
            .iter()
            .enumerate()
            .map(|(place, text)| NewEvent {
                stream,
                id: EventId::from_u128(place as u128),
                occurred_at: Timestamp::from_seconds(1),
                subject: stream,
                event: note(text).into(),
            })
            .collect(),
        now: Timestamp::from_seconds(2),
    };
    encode(&append, keys, &RandomPool::new())
        .expect("it is well formed")
        .settle(GlobalPosition::new(first), Timestamp::from_seconds(2))
}

proptest! {
    #[test]
    fn every_append_reads_back(
        header in headers(),
        texts in proptest::collection::vec("\\PC{0,200}", 1..5),
        first in 1..u64::MAX / 2,
    ) {
        let keys = ring();
        let settled = stored(header.clone(), &texts, &keys, first);
        let mut cursor = Cursor::new(&settled.bytes);
        let view = AppendView::check(&mut cursor).map_err(TestCaseError::fail)?;
        prop_assert!(cursor.is_empty());
        prop_assert_eq!(&*view.header, &header);
        prop_assert_eq!(view.records.len(), texts.len());
        for (place, (record, text)) in view.records.iter().zip(&texts).enumerate() {
            let event = view.event(record, &keys, Wanted::Everything).expect("it opens");
            prop_assert_eq!(event.position.get(), first + place as u64);
            prop_assert_eq!(event.version.get(), 4 + place as u64);
            let words = Personal::Known(Words::from(text.clone()));
            let note = TicketEvent::Noted(Noted { attachments: Vec::new(), words });
            prop_assert_eq!(event.event, Event::from(note));
        }
    }

    #[test]
    fn a_changed_byte_is_refused(
        header in headers(),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut bytes = stored(header, &["text".to_owned()], &ring(), 7).bytes;
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(AppendView::check(&mut Cursor::new(&bytes)).is_err());
    }

    #[test]
    fn random_bytes_are_refused(bytes: Vec<u8>) {
        prop_assert!(AppendView::check(&mut Cursor::new(&bytes)).is_err());
        prop_assert!(RecordView::read(&mut Cursor::new(&bytes), Checks::All).is_err());
    }

    #[test]
    fn random_payloads_read_or_are_refused_and_never_panic(
        public: Vec<u8>,
        personal: Option<Vec<u8>>,
    ) {
        for shape in registry::SHAPES.iter().filter(|shape| shape.written) {
            let encoded = super::super::EncodedPayload {
                type_id: shape.type_id,
                schema: shape.schema,
                public: public.clone(),
                personal: personal.clone(),
            };
            if let Ok(event) = super::super::decode_payload(&encoded) {
                let again = encode_payload(&event).expect("it was decoded from as much");
                prop_assert_eq!(again.public, encoded.public);
            }
        }
    }
}

#[test]
fn a_sealed_part_does_not_open_under_another_event() {
    let keys = ring();
    let header = AppendHeader {
        command: CommandId { issuer: Issuer::Gateway, key: "k".into() },
        fingerprint: Fingerprint([0; 16]),
        actor: Actor::system(Party::Gateway),
        caused_by: None,
        origin: Origin::Live,
        basis: None,
    };
    let settled = stored(header, &["secret".to_owned()], &keys, 1);
    assert!(!settled.bytes.windows(6).any(|window| window == b"secret"));
    let view = AppendView::check(&mut Cursor::new(&settled.bytes)).expect("reads");
    let moved = RecordView { id: EventId::from_u128(99), ..view.records[0] };
    assert!(matches!(
        view.event(&moved, &keys, Wanted::Everything),
        Err(ReadError::Damaged { .. })
    ));
}
