#include "crypto/self_signed.hpp"

#include <utility>

#include "crypto/certificate_builder.hpp"
#include "crypto/general_name.hpp"

namespace heliograph::crypto {

Result<NewCertificate, std::string> make_self_signed(std::span<const std::string> names,
                                                     std::int64_t now, int days) {
  auto alternative_names = host_names(names);
  if (!alternative_names) return fail(alternative_names.error());
  const CertificateDraft draft =
      end_entity("heliograph", "serverAuth", std::move(*alternative_names));
  return build_certificate(draft, nullptr, now, days);
}

}  // namespace heliograph::crypto
