//! The rules of methods, read from the options that stand beside each method in the proto files.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prost_reflect::{DescriptorPool, ExtensionDescriptor, MethodDescriptor};
use sluis_proto::options::v1 as proto;
use sluis_types::{CodeSet, ProfessionalRole};

use crate::Side;

/// The extension of `google.protobuf.MethodOptions` that carries the rules.
const RULES_EXTENSION: &str = "sluis.options.v1.rules";
/// Services of packages that begin so must have rules; others (health, reflection) are not of the mesh.
const MESH_PACKAGE_PREFIX: &str = "sluis.";

/// What a method does to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something, under a request id.
    Write,
    /// A stream that is open until one side ends it.
    Watch,
}

/// A token bucket: how often one caller may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens added per minute; never zero.
    pub per_minute: u32,
    /// Tokens that the bucket holds at most; never zero.
    pub burst: u32,
}

/// Who may call one method, and within which limits.
#[derive(Clone, Debug)]
pub struct MethodRules {
    /// Path of the gRPC method: `/package.Service/Method`.
    pub path: String,
    /// From which sides the method may be called; never empty.
    pub sides: CodeSet<Side>,
    /// Roles of professionals that may call; empty exactly where partners may not.
    pub roles: CodeSet<ProfessionalRole>,
    /// What the method does to the store.
    pub effect: Effect,
    /// Longest time a call may take; where the client streams, its longest silence.
    pub deadline: Duration,
    /// Largest request message, in bytes.
    pub request_bytes_max: usize,
    /// How often one caller may call.
    pub rate: Rate,
    /// Whether the reply waits for the tick ([`crate::TICK`]).
    pub ticked: bool,
    /// Whether the client sends a stream of messages.
    pub streams_requests: bool,
    /// Whether the server sends a stream of messages.
    pub streams_replies: bool,
}

/// A descriptor set that does not say what it must. Names the method.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The bytes are no descriptor set.
    #[error("the descriptor set cannot be read")]
    Descriptors(#[source] prost_reflect::DescriptorError),
    /// The extension that carries the rules is not in the set.
    #[error("the descriptor set lacks the extension {RULES_EXTENSION}")]
    ExtensionMissing,
    /// A method has no rules.
    #[error("method {method} has no rules")]
    Missing {
        /// Path of the method.
        method: String,
    },
    /// A rule is absent, unknown or contradicts another.
    #[error("method {method}: {fault}")]
    Unsound {
        /// Path of the method.
        method: String,
        /// What is wrong.
        fault: &'static str,
    },
}

/// The rules of every method of the mesh. Cheap to clone.
#[derive(Clone)]
pub struct MethodTable(Arc<HashMap<String, Arc<MethodRules>>>);

impl fmt::Debug for MethodTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MethodTable({} methods)", self.0.len())
    }
}

impl MethodTable {
    /// The rules of the interface that this build was made with.
    ///
    /// # Errors
    /// [`RulesError`] names the first method whose rules are missing or unsound: the process must not start.
    pub fn of_mesh() -> Result<Self, RulesError> {
        Self::from_descriptor_set(sluis_proto::FILE_DESCRIPTOR_SET)
    }

    /// The rules in an encoded `google.protobuf.FileDescriptorSet`, imports included.
    ///
    /// # Errors
    /// [`RulesError`] names the first method whose rules are missing or unsound.
    pub fn from_descriptor_set(set: &[u8]) -> Result<Self, RulesError> {
        let pool = DescriptorPool::decode(set).map_err(RulesError::Descriptors)?;
        let extension = pool
            .get_extension_by_name(RULES_EXTENSION)
            .ok_or(RulesError::ExtensionMissing)?;
        let mut table = HashMap::new();
        for service in pool
            .services()
            .filter(|it| it.full_name().starts_with(MESH_PACKAGE_PREFIX))
        {
            for method in service.methods() {
                let rules = read_rules(&method, &extension)?;
                table.insert(rules.path.clone(), Arc::new(rules));
            }
        }
        Ok(Self(Arc::new(table)))
    }

    /// Only the methods that one of these sides may call: what a listener for them does not have is then unknown there,
    /// like what does not exist.
    #[must_use]
    pub fn restricted_to(&self, sides: CodeSet<Side>) -> Self {
        let methods = self.0.iter();
        let open = methods.filter(|(_, rules)| sides.iter().any(|side| rules.sides.contains(side)));
        Self(Arc::new(
            open.map(|(path, rules)| (path.clone(), Arc::clone(rules)))
                .collect(),
        ))
    }

    /// The rules of the method with this gRPC path.
    pub fn get(&self, path: &str) -> Option<&Arc<MethodRules>> {
        self.0.get(path)
    }

    /// The rules of all methods, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &MethodRules> {
        self.0.values().map(AsRef::as_ref)
    }
}

fn read_rules(method: &MethodDescriptor, extension: &ExtensionDescriptor) -> Result<MethodRules, RulesError> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let options = method.options();
    if !options.has_extension(extension) {
        return Err(RulesError::Missing { method: path });
    }
    let stated: Option<proto::MethodRules> = options
        .get_extension(extension)
        .as_message()
        .and_then(|message| message.transcode_to().ok());
    let unsound = |fault| RulesError::Unsound {
        method: path.clone(),
        fault,
    };
    let stated = stated.ok_or_else(|| unsound("the rules are not of type MethodRules"))?;

    let sides = read_sides(&stated.sides).map_err(unsound)?;
    let roles = read_roles(&stated.roles).map_err(unsound)?;
    if sides.contains(Side::Partner) == roles.is_empty() {
        return Err(unsound(
            "roles must be named exactly where SIDE_PARTNER is among the sides",
        ));
    }
    let effect = match proto::Effect::try_from(stated.effect) {
        Ok(proto::Effect::Read) => Effect::Read,
        Ok(proto::Effect::Write) => Effect::Write,
        Ok(proto::Effect::Watch) => Effect::Watch,
        Ok(proto::Effect::Unspecified) | Err(_) => return Err(unsound("the effect is not known")),
    };
    if effect == Effect::Watch && !method.is_server_streaming() {
        return Err(unsound("a watch must stream its replies"));
    }
    if stated.ticked && (method.is_server_streaming() || method.is_client_streaming()) {
        return Err(unsound("only a unary method can be answered on the tick"));
    }
    if stated.deadline_ms == 0 || stated.request_bytes_max == 0 {
        return Err(unsound("deadline and request size must be limited"));
    }
    let rate = stated.rate.filter(|rate| rate.per_minute > 0 && rate.burst > 0);
    let rate = rate.ok_or_else(|| unsound("the rate must be limited"))?;
    Ok(MethodRules {
        sides,
        roles,
        effect,
        deadline: Duration::from_millis(u64::from(stated.deadline_ms)),
        request_bytes_max: stated.request_bytes_max as usize,
        rate: Rate {
            per_minute: rate.per_minute,
            burst: rate.burst,
        },
        ticked: stated.ticked,
        streams_requests: method.is_client_streaming(),
        streams_replies: method.is_server_streaming(),
        path,
    })
}

fn read_sides(stated: &[i32]) -> Result<CodeSet<Side>, &'static str> {
    if stated.is_empty() {
        return Err("no side may call it");
    }
    stated
        .iter()
        .map(|&number| u8::try_from(number).ok().and_then(Side::from_number))
        .collect::<Option<CodeSet<Side>>>()
        .ok_or("a side is not known")
}

fn read_roles(stated: &[i32]) -> Result<CodeSet<ProfessionalRole>, &'static str> {
    stated
        .iter()
        .map(|&number| {
            u8::try_from(number)
                .ok()
                .and_then(|number| ProfessionalRole::from_number(number).ok())
        })
        .collect::<Option<CodeSet<ProfessionalRole>>>()
        .ok_or("a role is not known")
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::prost::Message as _;
    use prost_reflect::prost_types::FileDescriptorSet;
    use prost_reflect::{DynamicMessage, Value};

    #[test]
    fn every_method_of_the_mesh_has_sound_rules() {
        let table = MethodTable::of_mesh().expect("the committed descriptor set is sound");
        let pool = DescriptorPool::decode(sluis_proto::FILE_DESCRIPTOR_SET).unwrap();
        let methods = pool
            .services()
            .filter(|service| service.full_name().starts_with(MESH_PACKAGE_PREFIX))
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .map(|method| format!("/{}/{}", method.parent_service().full_name(), method.name()))
            .collect::<Vec<_>>();
        assert!(methods.len() >= 8, "registry alone has eight");
        for path in &methods {
            assert!(table.get(path).is_some(), "{path}");
        }
        assert_eq!(table.iter().count(), methods.len());
        let enrol = table.get("/sluis.registry.v1.RegistryService/Enrol").unwrap();
        assert_eq!(enrol.sides, [Side::Enrolment].into_iter().collect());
        assert_eq!(enrol.effect, Effect::Write);
    }

    #[test]
    fn a_restricted_table_knows_no_other_methods() {
        let table = MethodTable::of_mesh().unwrap();
        let public = table.restricted_to([Side::Enrolment].into_iter().collect());
        assert!(public.get("/sluis.registry.v1.RegistryService/Enrol").is_some());
        assert!(
            public
                .get("/sluis.registry.v1.RegistryService/CreateInvitation")
                .is_none()
        );
        assert!(public.iter().all(|rules| rules.sides.contains(Side::Enrolment)));
    }

    #[test]
    fn roles_have_the_same_numbers_and_names_in_proto_and_in_types() {
        for &role in ProfessionalRole::ALL {
            let stated = proto::ProfessionalRole::try_from(i32::from(role.number())).unwrap();
            assert_eq!(stated.as_str_name(), format!("PROFESSIONAL_ROLE_{}", role.name()));
        }
        let beyond = i32::try_from(ProfessionalRole::ALL.len()).unwrap() + 1;
        assert!(proto::ProfessionalRole::try_from(beyond).is_err());
    }

    const VICTIM: &str = "/sluis.registry.v1.RegistryService/GetOrganisation";

    /// The committed set with the rules of [`VICTIM`] changed.
    fn with_changed_rules(change: impl FnOnce(&mut proto::MethodRules)) -> Vec<u8> {
        let pool = DescriptorPool::decode(sluis_proto::FILE_DESCRIPTOR_SET).unwrap();
        let extension = pool.get_extension_by_name(RULES_EXTENSION).unwrap();
        let set_type = pool.get_message_by_name("google.protobuf.FileDescriptorSet");
        let set_type = set_type.expect("descriptor.proto is an import, so it is in the set");
        let mut set = DynamicMessage::decode(set_type, sluis_proto::FILE_DESCRIPTOR_SET).unwrap();
        let mut change = Some(change);
        for file in list(&mut set, "file") {
            for service in list(file, "service") {
                for method in list(service, "method") {
                    let name = method.get_field_by_name("name").unwrap().as_str() == Some("GetOrganisation");
                    if !name {
                        continue;
                    }
                    let options = method.get_field_by_name_mut("options").unwrap();
                    let Value::Message(options) = options else {
                        panic!("options is a message")
                    };
                    let mut rules: proto::MethodRules = options
                        .get_extension(&extension)
                        .as_message()
                        .unwrap()
                        .transcode_to()
                        .unwrap();
                    change.take().expect("one such method")(&mut rules);
                    if rules == proto::MethodRules::default() {
                        options.clear_extension(&extension);
                    } else {
                        let Some(rules_type) = pool.get_message_by_name("sluis.options.v1.MethodRules")
                        else {
                            panic!("the set has the type of the rules")
                        };
                        let mut stated = DynamicMessage::new(rules_type);
                        stated.transcode_from(&rules).unwrap();
                        options.set_extension(&extension, Value::Message(stated));
                    }
                }
            }
        }
        assert!(change.is_none(), "the method was found");
        set.encode_to_vec()
    }

    fn list<'a>(
        message: &'a mut DynamicMessage,
        field: &str,
    ) -> impl Iterator<Item = &'a mut DynamicMessage> {
        let Some(Value::List(values)) = message.get_field_by_name_mut(field) else {
            panic!("{field} is a list")
        };
        values.iter_mut().map(|value| match value {
            Value::Message(message) => message,
            _ => panic!("a list of messages"),
        })
    }

    #[test]
    fn an_unsound_rule_stops_the_start_and_is_named() {
        type Change = fn(&mut proto::MethodRules);
        let cases: [(Change, &str); 10] = [
            (|rules| *rules = proto::MethodRules::default(), "has no rules"),
            (|rules| rules.sides.clear(), "no side"),
            (|rules| rules.sides.push(9), "side is not known"),
            (|rules| rules.roles.clear(), "roles must be named"),
            (
                |rules| rules.sides = vec![proto::Side::Mesh.into()],
                "roles must be named",
            ),
            (|rules| rules.roles.push(31), "role is not known"),
            (|rules| rules.effect = 0, "effect"),
            (|rules| rules.effect = proto::Effect::Watch.into(), "watch"),
            (|rules| rules.deadline_ms = 0, "deadline"),
            (|rules| rules.rate = None, "rate"),
        ];
        for (change, expected) in cases {
            let error = MethodTable::from_descriptor_set(&with_changed_rules(change)).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(VICTIM) && text.contains(expected), "{text}");
        }
        assert!(MethodTable::from_descriptor_set(&with_changed_rules(|_| ())).is_ok());
    }

    #[test]
    fn what_is_no_descriptor_set_is_refused() {
        assert!(MethodTable::from_descriptor_set(b"\xff\xff").is_err());
        let empty = FileDescriptorSet::default().encode_to_vec();
        assert!(matches!(
            MethodTable::from_descriptor_set(&empty),
            Err(RulesError::ExtensionMissing)
        ));
    }
}
