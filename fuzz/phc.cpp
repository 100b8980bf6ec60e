// Stored password hashes: what is accepted is within the bounds, and is written as it was read.
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "require.hpp"
#include "signal/credential.hpp"
#include "signal/users_file.hpp"

namespace heliograph::signal {
namespace {

void check_bounds(const crypto::ScryptParameters& parameters) {
  require(parameters.log2_n >= 1 && parameters.log2_n <= kMaxScryptLog2N);
  require(parameters.r >= 1 && parameters.r <= kMaxScryptR);
  require(parameters.p >= 1 && parameters.p <= kMaxScryptP);
}

void check_bounds(const Pbkdf2Parameters& parameters) {
  require(parameters.iterations >= 1 && parameters.iterations <= kMaxPbkdf2Iterations);
}

void check_credential_text(std::string_view input) {
  if (const std::optional<PasswordHash> hash = parse_phc(input)) {
    std::visit([](const auto& parameters) { check_bounds(parameters); }, hash->parameters);
    require(hash->salt.size() >= kMinSaltSize && hash->salt.size() <= kMaxSaltSize);
    require(hash->hash.size() >= kMinHashSize && hash->hash.size() <= kMaxHashSize);
    require(format_phc(*hash) == input);
  }
  if (const auto file = UsersFile::parse(input)) {
    const auto again = UsersFile::parse(file->format());
    require(again.has_value() && again->users() == file->users());
  }
}

}  // namespace
}  // namespace heliograph::signal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  heliograph::signal::check_credential_text(heliograph::as_text({data, size}));
  return 0;
}
