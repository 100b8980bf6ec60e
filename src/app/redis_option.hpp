// The options that say where Redis is, shared by the verbs that need it.
#pragma once

#include <string>

#include "crypto/secret_bytes.hpp"
#include "resp/url.hpp"

namespace heliograph::app {

// A secret that must not stand on the command line: the first line of `file` if one is named, else
// the environment variable, else empty. Throws Failure if the file cannot be read.
crypto::SecretBytes secret_option(const std::string& file, const char* variable, const char* what);

// The URL with the password filled in. Throws Failure.
resp::Url parse_redis_option(const std::string& url, const std::string& password_file);

}  // namespace heliograph::app
