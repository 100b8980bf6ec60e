#include "tls/pre_shared_key.hpp"

#include "crypto/compare.hpp"
#include "tls/extensions.hpp"

namespace heliograph::tls {
namespace {

constexpr std::size_t kMinBinder = 32;

Result<std::size_t, Error> count_identities(Bytes list) {
  Reader identities(list);
  std::size_t count = 0;
  for (; !identities.empty(); ++count) {
    if (identities.vector16().empty()) return fail(Error::kMalformedExtension);
    identities.u32();  // obfuscated_ticket_age
    if (!identities.ok()) return fail(Error::kMalformedExtension);
  }
  return count;
}

Result<std::size_t, Error> count_binders(Bytes list) {
  Reader binders(list);
  std::size_t count = 0;
  for (; !binders.empty(); ++count) {
    if (binders.vector8().size() < kMinBinder) return fail(Error::kMalformedExtension);
  }
  return count;
}

}  // namespace

Result<OfferedPsks, Error> OfferedPsks::parse(Bytes data) {
  Reader reader(data);
  const Bytes identity_list = reader.vector16();
  const Bytes binder_list = reader.vector16();
  if (!reader.done() || identity_list.empty() || binder_list.empty()) {
    return fail(Error::kMalformedExtension);
  }
  const auto identities = count_identities(identity_list);
  if (!identities) return fail(identities.error());
  const auto binders = count_binders(binder_list);
  if (!binders) return fail(binders.error());
  if (*identities != *binders) return fail(Error::kBinderCountMismatch);
  return OfferedPsks(identity_list, binder_list);
}

Result<BinderVerified, Error> verify_binder(Bytes binder, Bytes expected) {
  if (binder.size() != expected.size() || !crypto::equal_in_constant_time(binder, expected)) {
    return fail(Error::kBinderMismatch);
  }
  return BinderVerified();
}

void write_pre_shared_key(const PskIdentity& identity, std::size_t binder_size, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kPreSharedKey);
  {
    const LengthPrefix<2> identities(out);
    {
      const LengthPrefix<2> length(out);
      out.append(identity.identity);
    }
    out.u32(identity.obfuscated_ticket_age);
  }
  const LengthPrefix<2> binders(out);
  const LengthPrefix<1> binder(out);
  for (std::size_t i = 0; i < binder_size; ++i) out.u8(0);
}

}  // namespace heliograph::tls
