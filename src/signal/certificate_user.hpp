// Which user a certificate stands for. In subjectAltName a user's name is an rfc822Name as it is,
// or the URI `heliograph:user:<name>` with percent-encoding, as `heliograph cert client` writes
// them. Names of hosts, and the subject, stand for nobody.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/identity.hpp"

namespace heliograph::signal {

// All of them, in the certificate's order of each kind.
std::vector<std::string> certificate_users(const crypto::Identity& identity);

// `wanted` if the certificate stands for that user; with an empty `wanted` the only user that it
// stands for, and nothing if there are several.
std::optional<std::string> certificate_user(const crypto::Identity& identity,
                                            std::string_view wanted);

}  // namespace heliograph::signal
