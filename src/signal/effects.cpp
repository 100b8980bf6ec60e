#include "signal/effects.hpp"

#include <algorithm>
#include <utility>

namespace heliograph::signal {

Reply::Reply(std::initializer_list<std::string_view> parts) : count(parts.size()) {
  std::ranges::copy(parts, storage.begin());
}

void Effects::clear() {
  list_.clear();
  copied_ = 0;
  texts_.clear();
  messages_.clear();
  lists_.clear();
}

void Effects::reply(const Reply& reply) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kReply;
  effect.reply = reply;
}

void Effects::check_credential(LoginId login, std::string_view name, std::string_view password) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kCheckCredential;
  effect.login = login;
  effect.name = name;
  effect.password = password;
}

void Effects::check_ticket(LoginId login, std::string_view ticket) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kCheckTicket;
  effect.login = login;
  effect.password = ticket;
}

void Effects::check_certificate(LoginId login, std::string_view name) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kCheckCertificate;
  effect.login = login;
  effect.name = name;
}

void Effects::claim_name(LoginId login, std::string_view name) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kClaimName;
  effect.login = login;
  effect.name = name;
}

void Effects::release_name(std::string_view name) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kReleaseName;
  effect.name = name;
}

void Effects::resume(LoginId login, std::string_view token, std::optional<std::uint64_t> received) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kResume;
  effect.login = login;
  effect.token = token;
  effect.received = received;
}

void Effects::count() {
  list_.emplace_back().kind = Effect::Kind::kCount;
}

void Effects::about(Effect::Kind kind, std::string_view name) {
  Effect& effect = list_.emplace_back();
  effect.kind = kind;
  effect.name = name;
}

void Effects::send(const Envelope& envelope) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kSend;
  effect.envelope = envelope;
}

void Effects::close(std::uint16_t code) {
  Effect& effect = list_.emplace_back();
  effect.kind = Effect::Kind::kClose;
  effect.close_code = code;
}

std::string_view Effects::copy(std::string_view text) {
  const std::span<char> rest = std::span(copies_).subspan(copied_);
  if (text.size() > rest.size()) return texts_.emplace_back(text);
  std::ranges::copy(text, rest.begin());
  copied_ += text.size();
  return {rest.data(), text.size()};
}

std::string_view Effects::keep(std::string text) {
  return texts_.emplace_back(std::move(text));
}

Bytes Effects::keep(Buffer message) {
  return messages_.emplace_back(std::move(message)).bytes();
}

std::span<const std::string_view> Effects::keep(std::vector<std::string_view> names) {
  return lists_.emplace_back(std::move(names));
}

}  // namespace heliograph::signal
