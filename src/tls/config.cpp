#include "tls/config.hpp"

#include <algorithm>
#include <stdexcept>

#include "tls/client_config.hpp"
#include "tls/record_protection.hpp"
#include "tls/record_size_limit.hpp"
#include "tls/server_config.hpp"

namespace heliograph::tls {
namespace {

constexpr std::size_t kMaxProtocolName = 255;

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

}  // namespace

void check(const Config& config) {
  require(!config.cipher_suites.empty(), "TLS needs a cipher suite");
  require(!config.groups.empty(), "TLS needs a group");
  require(std::ranges::all_of(config.application_protocols,
                              [](const std::string& name) {
                                return !name.empty() && name.size() <= kMaxProtocolName;
                              }),
          "the name of an application protocol has 1 to 255 bytes");
  require(config.record_size_limit >= kMinRecordSizeLimit &&
              config.record_size_limit <= kMaxPlaintext + 1,
          "a record size limit is 64 to 16385");
  require(config.padding_block <= kMaxPadding, "records are padded by at most 4096 bytes");
}

void check(const ServerConfig& config) {
  check(static_cast<const Config&>(config));
  require(!config.credentials.empty(), "a TLS server needs a certificate with its key");
  require(config.client_certificates == ClientCertificates::kNone || config.verifier,
          "a TLS server that asks for client certificates needs a verifier");
}

void check(const ClientConfig& config) {
  check(static_cast<const Config&>(config));
  require(config.verifier != nullptr, "a TLS client needs a verifier for servers");
}

}  // namespace heliograph::tls
