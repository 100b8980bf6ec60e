#include "crypto/issue.hpp"

#include <utility>

#include <openssl/obj_mac.h>

#include "crypto/certificate_builder.hpp"
#include "crypto/general_name.hpp"

namespace heliograph::crypto {
namespace {

// RFC 5280, ub-common-name.
constexpr std::size_t kMaxCommonNameSize = 64;

}  // namespace

Result<NewCertificate, std::string> make_ca(const std::string& name, std::int64_t now, int days) {
  const CertificateDraft draft = {
      .common_name = name,
      .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                     {NID_key_usage, "critical,keyCertSign,cRLSign"}},
      .alternative_names = nullptr};
  return build_certificate(draft, nullptr, now, days);
}

Result<NewCertificate, std::string> issue_server(const KeyPair& ca,
                                                 std::span<const std::string> names,
                                                 std::int64_t now, int days) {
  auto alternative_names = host_names(names);
  if (!alternative_names) return fail(alternative_names.error());
  const std::string& first = names.front();
  const CertificateDraft draft =
      end_entity(first.size() <= kMaxCommonNameSize ? first : "heliograph server", "serverAuth",
                 std::move(*alternative_names));
  return build_certificate(draft, &ca, now, days);
}

Result<NewCertificate, std::string> issue_client(const KeyPair& ca, const std::string& user,
                                                 std::int64_t now, int days) {
  return build_certificate(end_entity(user, "clientAuth", user_name(user)), &ca, now, days);
}

}  // namespace heliograph::crypto
