// Stored password hashes: what is accepted is within the bounds, and is written as it was read.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "signal/credential.hpp"
#include "signal/users_file.hpp"

namespace {

using namespace heliograph;
using namespace heliograph::signal;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_bounds(const crypto::ScryptParameters& parameters) {
  check(parameters.log2_n >= 1 && parameters.log2_n <= kMaxScryptLog2N);
  check(parameters.r >= 1 && parameters.r <= kMaxScryptR);
  check(parameters.p >= 1 && parameters.p <= kMaxScryptP);
}

void check_bounds(const Pbkdf2Parameters& parameters) {
  check(parameters.iterations >= 1 && parameters.iterations <= kMaxPbkdf2Iterations);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (const std::optional<PasswordHash> hash = parse_phc(text)) {
    std::visit([](const auto& parameters) { check_bounds(parameters); }, hash->parameters);
    check(hash->salt.size() >= kMinSaltSize && hash->salt.size() <= kMaxSaltSize);
    check(hash->hash.size() >= kMinHashSize && hash->hash.size() <= kMaxHashSize);
    check(format_phc(*hash) == text);
  }
  if (const auto file = UsersFile::parse(text)) {
    const auto again = UsersFile::parse(file->format());
    check(again.has_value() && again->users() == file->users());
  }
  return 0;
}
