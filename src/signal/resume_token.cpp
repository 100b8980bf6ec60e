#include "signal/resume_token.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "crypto/compare.hpp"
#include "crypto/random.hpp"

namespace heliograph::signal {

namespace {

constexpr std::size_t kSecretAt = 16;
constexpr std::size_t kTokenSize = kSecretAt + kResumeSecretSize;

std::uint64_t read_number(Bytes bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

void write_number(std::uint64_t number, MutableBytes out) {
  for (std::size_t i = out.size(); i-- > 0; number >>= 8) {
    out[i] = static_cast<std::uint8_t>(number);
  }
}

}  // namespace

ResumeToken ResumeToken::make(const Address& session) {
  ResumeToken token{.session = session, .secret = {}};
  crypto::fill_random(token.secret);
  return token;
}

std::optional<ResumeToken> ResumeToken::parse(std::string_view text) {
  const auto decoded = base64_decode(text, Base64Padding::kAbsent);
  if (!decoded || decoded->size() != kTokenSize) return std::nullopt;
  const Bytes bytes = *decoded;
  ResumeToken token;
  token.session = {.node = static_cast<std::uint32_t>(read_number(bytes.first(4))),
                   .worker = static_cast<std::uint32_t>(read_number(bytes.subspan(4, 4))),
                   .connection = read_number(bytes.subspan(8, 8))};
  std::ranges::copy(bytes.subspan(kSecretAt), token.secret.begin());
  return token;
}

std::string ResumeToken::text() const {
  std::array<std::uint8_t, kTokenSize> bytes{};
  const MutableBytes out = bytes;
  write_number(session.node, out.first(4));
  write_number(session.worker, out.subspan(4, 4));
  write_number(session.connection, out.subspan(8, 8));
  std::ranges::copy(secret, out.subspan(kSecretAt).begin());
  return base64_encode(bytes, Base64Padding::kAbsent);
}

ResumeToken ResumeLock::renew(const Address& session) {
  const ResumeToken token = ResumeToken::make(session);
  secret_ = token.secret;
  return token;
}

bool ResumeLock::open(const ResumeSecret& secret) {
  const auto is = [&](const std::optional<ResumeSecret>& expected) {
    return expected && crypto::equal_in_constant_time(*expected, secret);
  };
  if (is(opened_by_)) return true;
  if (!is(secret_)) return false;
  opened_by_ = std::exchange(secret_, std::nullopt);
  return true;
}

}  // namespace heliograph::signal
