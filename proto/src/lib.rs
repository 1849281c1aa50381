//! The gRPC interface of Sluis.
//!
//! The proto files under `proto/sluis/` are the source; `src/gen` is made from them by
//! `cargo run -p sluis-proto --example generate` and committed, so that building Sluis needs neither protoc nor a
//! build script. CI makes it again and fails where it differs.
//!
//! Messages that carry a handle, a code, a session or a login have no field-by-field `Debug`: they print their name
//! only, so that no log line can hold what identifies a person.

/// The descriptor set of all packages, imports included: for reflection, and for the rules that stand on methods.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptors.bin");

macro_rules! package {
    ($(#[$doc:meta])* $module:ident, $file:literal $(, hidden: $($message:ident),+)?) => {
        $(#[$doc])*
        pub mod $module {
            /// Version 1.
            pub mod v1 {
                include!(concat!("gen/", $file));
            }
            $($(
                impl std::fmt::Debug for v1::$message {
                    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!(stringify!($message), " { … }"))
                    }
                }
            )+)?
        }
    };
}

package!(
    /// Rules on methods and the reasons of refusals.
    options, "sluis.options.v1.rs");
package!(
    /// Who is in the mesh, and with which keys.
    registry, "sluis.registry.v1.rs", hidden: EnrolRequest, CreateInvitationResponse);
package!(
    /// Grants, decisions and the second gate.
    consent, "sluis.consent.v1.rs",
    hidden: RedeemLinkCodeRequest, ProposeConsentRequest, GetConsentStatusRequest, AuthorizeRequest,
        CreateLinkCodeResponse, StartSessionRequest, StartSessionResponse, GetSessionRequest, GetSessionResponse,
        EndSessionRequest, RecordMandateRequest, RecordMandateResponse, CreateProxyRequest, CreateProxyResponse,
        RedeemMandateCodeRequest, StartAssistedResponse, RecordConsentRequest, ConfirmConsentRequest,
        WithdrawAllRequest, RedeemLetterCodeRequest,
        ProposeCircleRequest, RecordLegalBasisRequest, OwnLegalBasis, GetNoticeAddressResponse,
        SetNoticeAddressRequest, ConfirmNoticeAddressRequest);
package!(
    /// Sealed mailboxes and the closed loop of a referral.
    referral, "sluis.referral.v1.rs");
package!(
    /// The sociale kaart, places, introductions and homes.
    matching, "sluis.matching.v1.rs");
package!(
    /// Circles, signals and the matches between them.
    signalling, "sluis.signalling.v1.rs");
