// What `heliograph serve --demo` needs and nobody should have to prepare.
#pragma once

#include <filesystem>
#include <string>

#include "crypto/secret_bytes.hpp"
#include "signal/users_file.hpp"

namespace heliograph::app {

struct DemoCertificate {
  std::string certificate_pem;
  crypto::SecretBytes key_pem;
  std::filesystem::path folder;
};

// The certificate for localhost that is kept in the state folder; made when there is none, or the
// one there is about to expire. Throws Failure.
DemoCertificate demo_certificate();

// user1 with password1, user2 with password2. Throws Failure.
signal::UsersFile demo_users();

}  // namespace heliograph::app
