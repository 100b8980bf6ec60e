// Makes X.509 v3 certificates of every sort that this program issues. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "crypto/certificate.hpp"
#include "crypto/handle.hpp"
#include "crypto/issue.hpp"

namespace heliograph::crypto {

// What differs from one certificate to the next.
struct CertificateDraft {
  std::string common_name;
  // libcrypto's number of the extension, and its value as in a configuration file of openssl.
  std::vector<std::pair<int, const char*>> extensions;
  // Null for none.
  Handle<stack_st_GENERAL_NAME> alternative_names;
};

// For one of the two ends of a connection. `purpose`: "serverAuth" or "clientAuth".
CertificateDraft end_entity(std::string common_name, const char* purpose,
                            Handle<stack_st_GENERAL_NAME> alternative_names);

// With a new key, a serial number and key identifiers. Signed by `authority`, or by itself if that
// is null. Times as for make_self_signed.
Result<NewCertificate, std::string> build_certificate(const CertificateDraft& draft,
                                                      const KeyPair* authority, std::int64_t now,
                                                      int days);

}  // namespace heliograph::crypto
