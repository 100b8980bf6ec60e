#include "signal/credential.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/base64.hpp"
#include "crypto/compare.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "crypto/secret.hpp"

namespace heliograph::signal {
namespace {

constexpr std::string_view kScrypt = "$scrypt$";
constexpr std::string_view kPbkdf2 = "$pbkdf2-sha256$";
constexpr std::size_t kNewSaltSize = 16;
constexpr std::size_t kNewHashSize = 32;

// Reads a PHC string from its front to its end. What is missing is remembered, so that a form is
// read piece by piece and done() asked once.
class PhcReader {
 public:
  explicit PhcReader(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return fail();
    rest_.remove_prefix(expected.size());
  }

  // Decimal, without leading zeros.
  std::uint32_t number(std::uint32_t most) {
    std::uint32_t value = 0;
    const auto result = std::from_chars(rest_.begin(), rest_.end(), value);
    if (result.ec != std::errc{} || rest_.starts_with('0') || value > most) {
      fail();
      return 0;
    }
    rest_.remove_prefix(static_cast<std::size_t>(result.ptr - rest_.begin()));
    return value;
  }

  // Base64 up to the next dollar sign.
  std::vector<std::uint8_t> field(std::size_t least, std::size_t most) {
    const std::string_view text = rest_.substr(0, rest_.find('$'));
    auto bytes = base64_decode(text, Base64Padding::kAbsent);
    if (!bytes || bytes->size() < least || bytes->size() > most) {
      fail();
      return {};
    }
    rest_.remove_prefix(text.size());
    return *std::move(bytes);
  }

  [[nodiscard]] bool done() const { return !failed_ && rest_.empty(); }

 private:
  void fail() { failed_ = true; }

  std::string_view rest_;
  bool failed_ = false;
};

crypto::ScryptParameters read_scrypt_parameters(PhcReader& reader) {
  crypto::ScryptParameters parameters;
  reader.literal("$scrypt$ln=");
  parameters.log2_n = reader.number(kMaxScryptLog2N);
  reader.literal(",r=");
  parameters.r = reader.number(kMaxScryptR);
  reader.literal(",p=");
  parameters.p = reader.number(kMaxScryptP);
  return parameters;
}

Pbkdf2Parameters read_pbkdf2_parameters(PhcReader& reader) {
  reader.literal("$pbkdf2-sha256$i=");
  return {.iterations = reader.number(kMaxPbkdf2Iterations)};
}

std::string parameters_text(const crypto::ScryptParameters& parameters) {
  return std::string(kScrypt) + "ln=" + std::to_string(parameters.log2_n) +
         ",r=" + std::to_string(parameters.r) + ",p=" + std::to_string(parameters.p);
}

std::string parameters_text(const Pbkdf2Parameters& parameters) {
  return std::string(kPbkdf2) + "i=" + std::to_string(parameters.iterations);
}

bool derive(const crypto::ScryptParameters& parameters, std::string_view password, Bytes salt,
            MutableBytes out) {
  return crypto::scrypt(password, salt, parameters, out);
}

bool derive(const Pbkdf2Parameters& parameters, std::string_view password, Bytes salt,
            MutableBytes out) {
  return crypto::pbkdf2_sha256(password, salt, parameters.iterations, out);
}

// Fills `out` with what the hash of `password` would be.
bool derive(const PasswordHash& like, std::string_view password, MutableBytes out) {
  return std::visit(
      [&](const auto& parameters) { return derive(parameters, password, like.salt, out); },
      like.parameters);
}

// Digests have one size and are no prefix of anything, so that the time of the comparison tells
// nothing about either side.
bool same(Bytes a, Bytes b) {
  crypto::Digest digest_of_a = crypto::hash(crypto::HashAlgorithm::kSha256, a);
  crypto::Digest digest_of_b = crypto::hash(crypto::HashAlgorithm::kSha256, b);
  const bool equal = crypto::equal_in_constant_time(digest_of_a.bytes(), digest_of_b.bytes());
  crypto::cleanse(digest_of_a.mutable_bytes());
  crypto::cleanse(digest_of_b.mutable_bytes());
  return equal;
}

}  // namespace

bool looks_like_hash(std::string_view stored) {
  constexpr std::size_t kMaxIdentifier = 32;
  constexpr std::size_t kMinRest = 8;
  if (stored.starts_with(kScrypt) || stored.starts_with(kPbkdf2)) return true;
  if (!stored.starts_with('$')) return false;
  const std::size_t end = stored.find('$', 1);
  if (end == std::string_view::npos || end < 2 || end > kMaxIdentifier + 1) return false;
  return stored.size() - end - 1 >= kMinRest &&
         std::ranges::all_of(stored.substr(1, end - 1), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

std::optional<PasswordHash> parse_phc(std::string_view text) {
  PasswordHash hash;
  PhcReader reader(text);
  if (text.starts_with(kScrypt)) {
    hash.parameters = read_scrypt_parameters(reader);
  } else {
    hash.parameters = read_pbkdf2_parameters(reader);
  }
  reader.literal("$");
  hash.salt = reader.field(kMinSaltSize, kMaxSaltSize);
  reader.literal("$");
  hash.hash = reader.field(kMinHashSize, kMaxHashSize);
  if (!reader.done()) return std::nullopt;
  return hash;
}

std::string format_phc(const PasswordHash& hash) {
  const std::string parameters =
      std::visit([](const auto& values) { return parameters_text(values); }, hash.parameters);
  return parameters + "$" + base64_encode(hash.salt, Base64Padding::kAbsent) + "$" +
         base64_encode(hash.hash, Base64Padding::kAbsent);
}

std::optional<std::string> hash_password(std::string_view password) {
  PasswordHash hash{.parameters = crypto::ScryptParameters{},
                    .salt = std::vector<std::uint8_t>(kNewSaltSize),
                    .hash = std::vector<std::uint8_t>(kNewHashSize)};
  crypto::fill_random(hash.salt);
  if (!derive(hash, password, hash.hash)) return std::nullopt;
  return format_phc(hash);
}

// Salt and hash are random bytes: nobody knows a password that gives them.
std::string_view dummy_phc() {
  return "$scrypt$ln=15,r=8,p=1$m+6N0nrVxBhLbNrel6AcHQ$kYf/uij1rT7Ei26bgIi80PhkgnPZIspVkg/TEFVXGmM";
}

bool needs_derivation(std::string_view stored) {
  return looks_like_hash(stored) && parse_phc(stored).has_value();
}

bool is_weaker(std::string_view stored) {
  if (!looks_like_hash(stored)) return true;
  const std::optional<PasswordHash> hash = parse_phc(stored);
  if (!hash) return false;
  const auto* const scrypt = std::get_if<crypto::ScryptParameters>(&hash->parameters);
  if (scrypt == nullptr) return true;  // PBKDF2 takes no memory worth speaking of
  const crypto::ScryptParameters ours;
  const auto memory = [](const crypto::ScryptParameters& parameters) {
    return std::uint64_t{parameters.r} << parameters.log2_n;
  };
  return memory(*scrypt) < memory(ours) || scrypt->p < ours.p;
}

bool verify_password(std::string_view stored, std::string_view password) {
  if (!looks_like_hash(stored)) return same(as_bytes(stored), as_bytes(password));
  const std::optional<PasswordHash> hash = parse_phc(stored);
  if (!hash) return false;
  std::vector<std::uint8_t> derived(hash->hash.size());
  return derive(*hash, password, derived) && crypto::equal_in_constant_time(derived, hash->hash);
}

}  // namespace heliograph::signal
